"""Where a server is: what people type, the value that clients take, and back.

An address is the greenstalk one, a `(host, port)` pair or the path of a Unix socket, so that the
library, the program and the command line share one value and need no class for it.
"""

import errno
import os
import socket
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = tuple[str, int] | str

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 11300  # beanstalkd's own default


def parse_address(text: str) -> Address:
    """Read what a person writes for a server; a `ValueError` says what is wrong with it.

    >>> parse_address("queue-1")
    ('queue-1', 11300)
    >>> parse_address("queue-1:11301")
    ('queue-1', 11301)
    >>> parse_address("[::1]:11302"), parse_address("::1"), parse_address(":11301")
    (('::1', 11302), ('::1', 11300), ('127.0.0.1', 11301))
    >>> parse_address("unix:/run/beanstalkd.sock")
    '/run/beanstalkd.sock'
    >>> parse_address("beanstalk://queue-1:11300/")
    ('queue-1', 11300)
    >>> parse_address("queue-1:http")
    Traceback (most recent call last):
    ValueError: 'queue-1:http': the port must be a number from 1 to 65535, not 'http'
    """
    if text.startswith("unix:"):
        return _path(text)
    if not text.isprintable() or " " in text:
        raise ValueError(f"{text!r}: an address has no spaces or control characters")
    rest = text.removeprefix("beanstalk://").removesuffix("/")
    if "/" in rest:
        raise ValueError(f"{text!r}: not an address; a Unix socket is written unix:/path")
    host, port = _split_port(rest)
    return _host(host, text), _port(port, text)


def format_address(address: Address) -> str:
    """An address as a person writes it.

    >>> format_address(("queue-1", 11300)), format_address(("::1", 11302))
    ('queue-1:11300', '[::1]:11302')
    >>> format_address("/run/beanstalkd.sock")
    'unix:/run/beanstalkd.sock'
    """
    if isinstance(address, str):
        return f"unix:{address}"
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_socket(path: str) -> None:
    """Raise an OSError if there is something else than a socket at that path: to connect to it is
    "refused", which is what the system says of a server that does not run."""
    if os.path.exists(path) and not Path(path).is_socket():
        raise OSError(errno.ENOTSOCK, "it is no socket", path)


def _path(text: str) -> str:
    path = text.removeprefix("unix:").removeprefix("//")
    if not path:
        raise ValueError(
            f"{text!r}: the path of the socket is missing, as in unix:/run/beanstalkd.sock"
        )
    if "\0" in path:
        raise ValueError(f"{text!r}: a path has no NUL in it")
    return path


def _split_port(rest: str) -> tuple[str, str]:
    if rest.startswith("["):
        host, bracket, port = rest[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(
                f"{rest!r}: an IPv6 address with a port is written [::1]:{DEFAULT_PORT}"
            )
        return host, port.removeprefix(":")
    if rest.count(":") > 1:  # an IPv6 address without a port
        return rest, ""
    host, _, port = rest.partition(":")
    return host, port


def _host(host: str, text: str) -> str:
    try:
        host.encode("idna")  # as socket does, where it would be no OSError
    except UnicodeError:
        raise ValueError(f"{text!r}: {host!r} is no name of a host") from None
    if ":" in host:
        _check_ipv6(host, text)
    return host or DEFAULT_HOST


def _check_ipv6(host: str, text: str) -> None:
    address, _, _ = host.partition("%")  # the rest names an interface
    try:
        socket.inet_pton(socket.AF_INET6, address)
    except OSError:
        raise ValueError(f"{text!r}: {host!r} is no IPv6 address") from None


def _port(port: str, text: str) -> int:
    if not port:
        return DEFAULT_PORT
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r}: the port must be a number from 1 to 65535, not {port!r}")
    return int(port)
