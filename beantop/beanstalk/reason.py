"""Why a server cannot be reached or understood, as words for a person."""

import errno
import os
import re
import socket

from beantop.beanstalk.errors import Error, ProtocolError, UnknownResponseError


def reason(error: OSError | Error) -> str:
    """What went wrong, without numbers and jargon.

    >>> reason(ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 11300)"))
    'connection refused'
    >>> reason(OSError("Multiple exceptions: [Errno 111] Connect call, [Errno 111] Connect call"))
    'connection refused'
    >>> reason(socket.gaierror(-2, "Name or service not known"))
    'unknown host'
    >>> reason(TimeoutError("queue-1:11300 did not answer within 5 s"))
    'queue-1:11300 did not answer within 5 s'
    >>> reason(UnknownResponseError(b"HTTP/1.1", [b"400", b"Bad", b"Request"]))
    "it answers, but not as a beanstalkd: 'HTTP/1.1 400 Bad Request'"
    """
    if isinstance(error, UnknownResponseError):
        return f"it answers, but not as a beanstalkd: {error.answer!r}"
    if isinstance(error, ProtocolError):
        return f"it answers, but not as a beanstalkd: {error}"
    if isinstance(error, socket.gaierror):
        return "unknown host"
    if isinstance(error, OSError) and (code := _code(error)):
        return _words(code)
    return str(error)


def _code(error: OSError) -> int:
    """The errno; asyncio hides those of several addresses in one text."""
    if error.errno:
        return error.errno
    hidden = re.search(r"\[Errno (\d+)\]", str(error))
    return int(hidden[1]) if hidden else 0


def _words(code: int) -> str:
    if code == errno.ENOENT:
        return "there is no such socket"
    return os.strerror(code).lower()
