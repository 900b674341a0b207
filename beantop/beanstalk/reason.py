"""Describe in words why a server cannot be reached or understood."""

import errno
import os
import re
import socket

from beantop.beanstalk.errors import Error, ProtocolError, UnknownResponseError


def describe_error(error: OSError | Error | ValueError) -> str:
    """Return what went wrong, without numbers and jargon.

    >>> describe_error(ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 11300)"))
    'connection refused'
    >>> describe_error(OSError("Multiple exceptions: [Errno 111] Connect call, [Errno 111] Connect call"))
    'connection refused (2 addresses tried)'
    >>> describe_error(OSError("Multiple exceptions: [Errno 111] Connect call, [Errno 113] Connect call"))
    'connection refused, no route to host (2 addresses tried)'
    >>> describe_error(socket.gaierror(-2, "Name or service not known"))
    'unknown host'
    >>> describe_error(TimeoutError("queue-1:11300 did not answer within 5 s"))
    'queue-1:11300 did not answer within 5 s'
    >>> describe_error(UnknownResponseError(b"HTTP/1.1", [b"400", b"Bad", b"Request"]))
    "it answers, but not like beanstalkd: 'HTTP/1.1 400 Bad Request'"
    """
    if isinstance(error, UnknownResponseError):
        return f"it answers, but not like beanstalkd: {error.answer!r}"
    if isinstance(error, ProtocolError):
        return f"it answers, but not like beanstalkd: {error}"
    if isinstance(error, socket.gaierror):
        return "unknown host"
    if isinstance(error, OSError) and (codes := _error_codes(error)):
        several = f" ({len(codes)} addresses tried)" if len(codes) > 1 else ""
        return ", ".join(dict.fromkeys(map(_describe_code, codes))) + several
    return str(error)


def _error_codes(error: OSError) -> list[int]:
    """Return all errno values: for several addresses, asyncio puts them into the error message."""
    if error.errno:
        return [error.errno]
    return [int(code) for code in re.findall(r"\[Errno (\d+)\]", str(error))]


def _describe_code(code: int) -> str:
    if code == errno.ENOENT:
        return "there is no such socket"
    if code == errno.ENOTSOCK:
        return "it is not a socket"
    return os.strerror(code).lower()
