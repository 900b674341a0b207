"""Where a server is: what people type, the value that clients take, and back.

An address is the greenstalk one, a `(host, port)` pair or the path of a Unix socket, so that the
library, the program and the command line share one value and need no class for it.
"""

import errno
import ipaddress
import os
import socket
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = tuple[str, int] | str

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 11300  # beanstalkd's own default

LOCAL = "localhost"

SCHEMES = ("beanstalk", "beanstalkd", "tcp")
"""What may stand before `://`: all of them mean the same."""


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
    >>> parse_address("beanstalk://queue-1:11300/"), parse_address("tcp://queue-1")
    (('queue-1', 11300), ('queue-1', 11300))
    >>> parse_address("queue-1:http")
    Traceback (most recent call last):
    ValueError: 'queue-1:http': the port must be a number from 1 to 65535, not 'http'
    """
    if _is_path(text):
        return _path(text)
    if "@" in text:  # the sentence must not show the password
        raise ValueError(
            "an address has no @: beanstalkd knows no users and no passwords; write host:port"
        )
    if not text.isprintable() or " " in text:
        raise ValueError(f"{text!r}: an address has no spaces or control characters")
    if "," in text:
        raise ValueError(f"{text!r}: this is a list, and one address is wanted")
    rest = _without_scheme(text).removesuffix("/")
    if "/" in rest:
        raise ValueError(f"{text!r}: not an address; a Unix socket is written unix:/path")
    host, port = _split_port(rest)
    if port is None and host.isascii() and host.isdigit():
        raise ValueError(f"{text!r}: a port has a colon before it, as in :{host} or queue-1:{host}")
    return _host(host, text), DEFAULT_PORT if port is None else _port(port, text)


def split_addresses(text: str) -> list[str]:
    """Split a list of addresses at its commas. A comma in the path of a Unix socket is a part of it.
    Raises `ValueError` where an address is missing between two commas.

    >>> split_addresses("queue-1:11300,queue-2"), split_addresses("unix:/run/a,b.sock")
    (['queue-1:11300', 'queue-2'], ['unix:/run/a,b.sock'])
    """
    if _is_path(text) or "@" in text:  # there may be a comma in a password, too
        return [text]
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not all(parts):
        raise ValueError(f"{text!r}: an address is missing beside a comma")
    return parts


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


def normalized(address: Address) -> Address:
    """One spelling of all addresses that are the same without a question to anybody.

    >>> normalized(("Queue-1.", 11300)), normalized(("0:0::1", 11300)), normalized(("127.1", 11300))
    (('queue-1', 11300), ('::1', 11300), ('127.0.0.1', 11300))
    >>> normalized("/run//./b.sock")
    '/run/b.sock'
    """
    if isinstance(address, str):
        return "/" + str(Path(address).absolute()).lstrip("/")  # `..` may lead through a link
    host, port = address
    return _normal_host(host), port


def identity(address: Address) -> Address:
    """As `normalized`, and all ways to this machine by itself are one.

    >>> identity(("127.0.0.1", 11300)), identity(("::1", 11300))
    (('localhost', 11300), ('localhost', 11300))
    """
    if not isinstance(address, str) and is_local(address):
        return LOCAL, address[1]
    return normalized(address)


def is_local(address: Address) -> bool:
    """Whether it is on this machine, as far as the address itself tells: there may be a tunnel."""
    if isinstance(address, str):
        return True
    host = _normal_host(address[0])
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host == LOCAL
    return number.is_loopback or number.is_unspecified


def check_socket(path: str) -> None:
    """Raise an OSError if there is something else than a socket at that path: to connect to it is
    "refused", which is what the system says of a server that does not run."""
    if os.path.exists(path) and not Path(path).is_socket():
        raise OSError(errno.ENOTSOCK, "it is no socket", path)


def _normal_host(host: str) -> str:
    try:
        host = socket.inet_ntoa(socket.inet_aton(host))  # which knows 127.1 and 0x7f000001, too
    except OSError:
        host = host.encode("idna").decode().lower().removesuffix(".")
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(getattr(number, "ipv4_mapped", None) or number)


def _is_path(text: str) -> bool:
    return text[:5].lower() == "unix:"


def _path(text: str) -> str:
    path = text[5:].removeprefix("//")
    if not path:
        raise ValueError(
            f"{text!r}: the path of the socket is missing, as in unix:/run/beanstalkd.sock"
        )
    if "\0" in path:
        raise ValueError(f"{text!r}: a path has no NUL in it")
    return path


def _without_scheme(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text
    if scheme.lower() not in SCHEMES:
        raise ValueError(f"{text!r}: not an address of a beanstalkd; write host:port")
    return rest


def _split_port(rest: str) -> tuple[str, str | None]:
    """The host, and what stands after its colon, or None without one."""
    if rest.startswith("["):
        host, bracket, port = rest[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(
                f"{rest!r}: an IPv6 address with a port is written [::1]:{DEFAULT_PORT}"
            )
        return host, port.removeprefix(":") if port else None
    if rest.count(":") > 1:  # an IPv6 address without a port
        return rest, None
    host, colon, port = rest.partition(":")
    return host, port if colon else None


def _host(host: str, text: str) -> str:
    try:
        name = host.encode("idna").decode()  # as socket does, where it would be no OSError
    except UnicodeError:
        name = "?"
    if ":" in host:
        _check_ipv6(host, text)
    elif not all(sign.isalnum() or sign in "-._" for sign in name):
        raise ValueError(f"{text!r}: {host!r} is not a name of a host")
    return host or DEFAULT_HOST


def _check_ipv6(host: str, text: str) -> None:
    address, _, _ = host.partition("%")  # the rest names an interface
    try:
        socket.inet_pton(socket.AF_INET6, address)
    except OSError:
        raise ValueError(f"{text!r}: {host!r} is no IPv6 address") from None


def _port(port: str, text: str) -> int:
    if not port:
        raise ValueError(f"{text!r}: the port is missing after the colon")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r}: the port must be a number from 1 to 65535, not {port!r}")
    return int(port)
