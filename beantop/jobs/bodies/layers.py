"""Layers that wrap a body, such as base64 and gzip, removed one by one within bounds."""

import base64
import binascii
import importlib
import json
import re
import sys
import zlib
from collections.abc import Callable
from typing import NamedTuple, Protocol
from urllib.parse import unquote_to_bytes

from beantop.jobs.bodies.plain import SHOWN, reads_well

MIN_BASE64 = 16
"""Characters. Anything shorter is better shown as a word."""

MIN_UNSURE = 32
"""Bytes of readable output that damaged data must yield if its format has no clear header."""

MAX_LAYERS = 6

MAX_MEMBERS = 1_000
"""Members of a gzip, bz2, xz or zstd stream that are unpacked. Even empty ones take time."""

LIMIT = SHOWN + 1
"""Bytes that are unpacked to be shown: one more than is shown, so that a cut is detected."""

_PIECE = 256
"""Bytes of input unpacked at a time. If data is damaged, only the last piece is lost."""

_BLANKS = b" \t\n\r\v\f"
_PADDING = re.compile(rb"[\s\0]*\Z")
"""Padding that may follow the end and is not reported."""

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]+|[A-Za-z0-9_\-]+)={0,2}")

_BASE16 = re.compile(rb"(?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+")
_PERCENT = re.compile(rb"[A-Za-z0-9_.~\-+%!*'(),/:]+")

_MAX_WINDOW = 2**26
"""Bytes of memory that a decompressor may take, whatever the data claims."""

_SLASHED = re.compile(rb'[aOC]:[0-9]+:[^"\\]{0,100}\\"')


class Unpacked(NamedTuple):
    """The data below a layer."""

    data: bytes
    problem: str = ""
    """Why the data is incomplete, as a clause without a period; else ""."""
    is_cut: bool = False
    """Whether there is more data, which was not unpacked."""


class Unwrap(Protocol):
    """Removes a layer, and unpacks at most `limit` bytes; None if it is another layer."""

    def __call__(self, data: bytes, limit: int = LIMIT) -> Unpacked | None: ...


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def gzip(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decompress all members of a gzip stream; None if it is not gzip."""
    return _all_members("gzip", lambda: zlib.decompressobj(31), data, limit)


def bz2(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decompress bzip2; None if it is not bzip2."""

    def start() -> _Decompressor:
        decompressor: _Decompressor = importlib.import_module("bz2").BZ2Decompressor()
        return decompressor

    return _all_members("bz2", start, data, limit)


def zstd(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decompress zstd; None if it is not zstd."""

    def start() -> _Decompressor:
        name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        decompressor: _Decompressor = importlib.import_module(name).ZstdDecompressor()
        return decompressor

    return _all_members("zstd", start, data, limit)


def xz(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decompress xz; None if it is not xz."""

    def start() -> _Decompressor:
        lzma = importlib.import_module("lzma")
        decompressor: _Decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_WINDOW)
        return decompressor

    return _all_members("xz", start, data, limit)


def zlib_(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decompress zlib. Its header, two bytes that are a multiple of 31, also starts many words."""
    if len(data) < 8 or data[0] & 0x0F != 8 or int.from_bytes(data[:2], "big") % 31:
        return None
    if reads_well(data):
        return None
    return _one_member("zlib", lambda: zlib.decompressobj(15), data, limit)


def deflate(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decompress raw deflate without a header, as PHP's gzdeflate writes it."""
    if len(data) < 8 or reads_well(data):
        return None
    return _one_member("deflate", lambda: zlib.decompressobj(-15), data, limit)


def base64_(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decode base64; None if it is not base64. The data may also be a plain word: see `is_word`."""
    if len(data) > 2 * limit or b" " in data.strip():
        return None
    packed = data.translate(None, _BLANKS)
    if not _BASE64.fullmatch(packed):
        return None
    packed, problem = packed.rstrip(b"="), ""
    if len(packed) % 4 == 1:
        packed, problem = packed[:-1], "the base64 is cut off"
    packed = packed.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(packed) % 4)
    try:
        decoded = base64.b64decode(packed, validate=True)
    except binascii.Error:
        return None
    return Unpacked(decoded, problem) if decoded else None


def base16(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Decode pairs of hexadecimal digits; None if there is anything else. The data may also be an
    id."""
    if len(data) < MIN_BASE64 or not _BASE16.fullmatch(data := data.strip()):
        return None
    return Unpacked(bytes.fromhex(data[: 2 * limit].decode("ascii")), is_cut=len(data) > 2 * limit)


def percent(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Undo the encoding of addresses, as in `%7B%22id%22%3A7%7D`; None if it is not used."""
    if b"%" not in data[:limit] or not _PERCENT.fullmatch(data.strip(), 0, 3 * limit):
        return None
    return Unpacked(unquote_to_bytes(data.strip()[: 3 * limit].replace(b"+", b" "))[:limit])


def string(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Return what is in a string of JSON, which is all of the data; None if it is something else."""
    text = data.strip()
    if len(text) > 2 * limit or not (text[:1] == b'"' == text[-1:]):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return Unpacked(found.encode("utf-8", "surrogatepass")[:limit]) if found else None


def slashes(data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Undo PHP's addslashes, which Symfony applies to serialized data."""
    if not _SLASHED.match(data):
        return None
    return Unpacked(re.sub(rb"(?s)\\(.)", lambda match: match[1].replace(b"0", b"\0"), data))


WRAPPINGS: dict[str, Unwrap] = {
    "gzip": gzip,
    "zlib": zlib_,
    "bz2": bz2,
    "zstd": zstd,
    "xz": xz,
    "base64": base64_,
    "deflate": deflate,
    "slashes": slashes,
    "string": string,
    "percent": percent,
    "base16": base16,
}

WITH_HEAD = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bz2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),  # RFC 8878, 3.1
}
"""The headers of layers that are recognized by them, even if the rest is damaged."""

ONLY_WRAPPING = ("slashes", "string", "percent", "base16")
"""Layers that count only if a format or another layer is recognized below them."""

UNSURE = ("base64", "deflate", *ONLY_WRAPPING)
"""Layers that count only if something is recognized below them, be it text."""

_WORDS = re.compile(rb"(?:[_\-+/]*+(?:[A-Z]?[a-z]{2,}+|[A-Z]{2,}+|[0-9]++))++[_\-+/]*")
_DIGITS = re.compile(rb"[0-9a-f\-]+|[0-9A-F\-]+")


def is_word(packed: bytes) -> bool:
    """Return whether possible base64 is rather words or a number, of any base.

    >>> is_word(b"ScanTicketWeekly"), is_word(b"gnutls_cipher_suite_info"), is_word(b"6" * 16)
    (True, True, True)
    >>> is_word(b"eyJ0byI6ICJhZGEifQ=="), is_word(b"YSB0ZXh0IHdpdGggc2V2ZXJhbCB3b3Jkcw==")
    (False, False)
    """
    beginning = packed.strip().rstrip(b"=")[:200]
    return bool(_WORDS.fullmatch(beginning) or _DIGITS.fullmatch(beginning))


def _all_members(
    name: str, start: Callable[[], _Decompressor], data: bytes, limit: int
) -> Unpacked | None:
    """Decompress data that may consist of several members, each compressed separately."""
    begins = WITH_HEAD[name].match
    if not begins(data):
        return None
    out, at = bytearray(), 0
    for _ in range(MAX_MEMBERS):
        try:
            decompressor = start()
        except ImportError:
            return Unpacked(b"", f"this Python has no module for {name}")
        at, problem = _member(name, decompressor, data, at, out, limit)
        is_cut = len(out) >= limit
        if problem or is_cut or _PADDING.match(data, at):
            return Unpacked(bytes(out), problem, is_cut)
        if not begins(data, at):
            return Unpacked(bytes(out), f"{len(data) - at:,} bytes follow the {name}")
    problem = f"only {MAX_MEMBERS:,} parts of the {name} are shown"
    return Unpacked(bytes(out), problem, is_cut=True)


def _one_member(
    name: str, start: Callable[[], _Decompressor], data: bytes, limit: int
) -> Unpacked | None:
    """Decompress a single member of a format without a distinctive header."""
    out = bytearray()
    end, problem = _member(name, start(), data, 0, out, limit)
    is_cut = len(out) >= limit
    if not problem and not is_cut and not _PADDING.match(data, end):
        problem = f"{len(data) - end:,} bytes follow the {name}"
    if problem and (len(out) < MIN_UNSURE or not reads_well(bytes(out))):
        return None
    return Unpacked(bytes(out), problem, is_cut) if out else None


def _member(
    name: str, decompressor: _Decompressor, data: bytes, at: int, out: bytearray, limit: int
) -> tuple[int, str]:
    """Append the member at `at` to `out`. Return its end, and why that is too early, if it is."""
    while at < len(data) and not decompressor.eof and len(out) < limit:
        piece = data[at : at + _PIECE]
        try:
            out += decompressor.decompress(piece, limit - len(out))
        except Exception:  # noqa: BLE001  # each module has its own errors, and all mean the same
            return at, f"the {name} {'is damaged' if out else 'cannot be read'}"
        at += len(piece)
    if decompressor.eof:
        return at - len(decompressor.unused_data), ""
    return at, "" if len(out) >= limit else f"the {name} is cut off"
