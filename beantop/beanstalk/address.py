"""Server addresses: parse what people type, compare, and format for display.

An address is a `(host, port)` pair or the path of a Unix socket, as in greenstalk. The library, the
program and the command line share this value, so it needs no class.
"""

import errno
import ipaddress
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = tuple[str, int] | str

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 11300  # beanstalkd's own default

MAX_PORT_DIGITS = 20
"""Digits of a port at most: Python reads no number of more than 4,300."""

LOCAL = "localhost"

SCHEMES = ("beanstalk", "beanstalkd", "tcp")
"""The schemes allowed before `://`; all mean the same."""


def parse_address(text: str) -> Address:
    """Parse an address that a person typed. Raises `ValueError` that says what is wrong.

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
    if "@" in text:  # the message must not show the password
        raise ValueError(
            "an address cannot have an @, because beanstalkd has no users or passwords: write host:port"
        )
    if not text.isprintable() or " " in text:
        raise ValueError(f"{text!r}: an address cannot have spaces or control characters")
    if "," in text:
        raise ValueError(f"{text!r}: only one address is possible here, not a list")
    rest = _without_scheme(text).removesuffix("/")
    if "/" in rest:
        raise ValueError(f"{text!r}: not an address; write a Unix socket as unix:/path")
    host, port = _split_port(rest)
    if port is None and host.isascii() and host.isdigit():
        raise ValueError(f"{text!r}: write a port with a colon, as in :{host} or queue-1:{host}")
    return _host(host, text), DEFAULT_PORT if port is None else _port(port, text)


def split_addresses(text: str) -> list[str]:
    """Split a list of addresses at its commas, but not inside the path of a Unix socket.
    Raises `ValueError` if an address between two commas is missing.

    >>> split_addresses("queue-1:11300,queue-2"), split_addresses("unix:/run/a,b.sock")
    (['queue-1:11300', 'queue-2'], ['unix:/run/a,b.sock'])
    """
    if _is_path(text) or "@" in text:  # a password can contain a comma
        return [text]
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not all(parts):
        raise ValueError(f"{text!r}: an address is missing next to a comma")
    return parts


def format_address(address: Address) -> str:
    """Return an address in the form that people write.

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
    """Return one spelling for all addresses that are the same without a DNS lookup.

    >>> normalized(("Queue-1.", 11300)), normalized(("0:0::1", 11300)), normalized(("127.1", 11300))
    (('queue-1', 11300), ('::1', 11300), ('127.0.0.1', 11300))
    >>> normalized("/run//./b.sock")
    '/run/b.sock'
    """
    if isinstance(address, str):
        return "/" + str(Path(address).absolute()).lstrip("/")  # not resolve(): it follows links
    host, port = address
    return _normal_host(host), port


def identity(address: Address) -> Address:
    """Normalize an address. All TCP addresses of this machine get the host `localhost`.

    >>> identity(("127.0.0.1", 11300)), identity(("::1", 11300))
    (('localhost', 11300), ('localhost', 11300))
    """
    if not isinstance(address, str) and is_local(address):
        return LOCAL, address[1]
    return normalized(address)


def is_local(address: Address) -> bool:
    """Return whether the address is on this machine. It may still be a tunnel. A name other than
    localhost is not looked up."""
    if isinstance(address, str):
        return True
    host = _normal_host(address[0])
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host == LOCAL
    return number.is_loopback or number.is_unspecified or _is_ours(host)


def check_socket(path: str) -> None:
    """Raise `OSError` if the path exists but is not a socket. Connecting to it would only report
    "connection refused", as if the server were down."""
    if os.path.exists(path) and not Path(path).is_socket():
        raise OSError(errno.ENOTSOCK, "it is not a socket", path)


def _normal_host(host: str) -> str:
    try:
        host = socket.inet_ntoa(socket.inet_aton(host))  # also reads 127.1 and 0x7f000001
    except OSError:
        host = host.encode("idna").decode().lower().removesuffix(".")
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(getattr(number, "ipv4_mapped", None) or number)


def _is_ours(host: str) -> bool:
    """Return whether this machine has the IP address: connections to it then come from the same
    address. Nothing is sent."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((host, DEFAULT_PORT))
        return bool(probe.getsockname()[0] == host)
    return False


def _is_path(text: str) -> bool:
    return text[:5].lower() == "unix:"


def _path(text: str) -> str:
    path = text[5:].removeprefix("//")
    if not path:
        raise ValueError(f"{text!r}: add the path of the socket, as in unix:/run/beanstalkd.sock")
    if "\0" in path:
        raise ValueError(f"{text!r}: a path cannot contain NUL")
    return path


def _without_scheme(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text
    if scheme.lower() not in SCHEMES:
        raise ValueError(f"{text!r}: not the address of a beanstalkd; write host:port")
    return rest


def _split_port(rest: str) -> tuple[str, str | None]:
    """Return the host and the text after its colon, or None if there is no colon."""
    if rest.startswith("["):
        host, bracket, port = rest[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(f"{rest!r}: write an IPv6 address with a port as [::1]:{DEFAULT_PORT}")
        return host, port.removeprefix(":") if port else None
    if rest.count(":") > 1:  # an IPv6 address without a port
        return rest, None
    host, colon, port = rest.partition(":")
    return host, port if colon else None


def _host(host: str, text: str) -> str:
    try:
        name = host.encode("idna").decode()  # socket would raise UnicodeError, not OSError
    except UnicodeError:
        name = "?"
    if ":" in host:
        _check_ipv6(host, text)
    elif not all(sign.isalnum() or sign in "-._" for sign in name):
        raise ValueError(f"{text!r}: {host!r} is not a host name")
    return host or DEFAULT_HOST


def _check_ipv6(host: str, text: str) -> None:
    address, _, _ = host.partition("%")  # what follows the % is the interface
    try:
        socket.inet_pton(socket.AF_INET6, address)
    except OSError:
        raise ValueError(f"{text!r}: {host!r} is not an IPv6 address") from None


def _port(port: str, text: str) -> int:
    if not port:
        raise ValueError(f"{text!r}: the port is missing after the colon")
    is_number = port.isascii() and port.isdigit() and len(port) <= MAX_PORT_DIGITS
    if not (is_number and 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r}: the port must be a number from 1 to 65535, not {port!r}")
    return int(port)
