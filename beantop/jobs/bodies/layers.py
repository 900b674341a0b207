"""What a body is wrapped in: base64, gzip and its kin. Peeled off one by one, within bounds."""

import base64
import binascii
import importlib
import re
import zlib
from collections.abc import Callable

from beantop.jobs.bodies.plain import SHOWN, reads_well

MIN_BASE64 = 16
"""Characters: anything shorter is better seen as a word."""

MAX_LAYERS = 6

LIMIT = SHOWN + 1
"""Bytes that are unpacked; the rest is cut. It is one more than is shown, which tells of the cut."""

_BLANKS = b" \t\n\r\v\f"

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]+|[A-Za-z0-9_\-]+)={0,2}")

Unwrap = Callable[[bytes], bytes | None]


def gzip(data: bytes) -> bytes | None:
    """What was compressed, or None if it is no gzip."""
    return _inflate(data, 31) if data[:3] == b"\x1f\x8b\x08" else None


def zlib_(data: bytes) -> bytes | None:
    """The same for zlib, whose head is two bytes that are a multiple of 31, as many words begin."""
    if len(data) < 8 or data[0] & 0x0F != 8 or int.from_bytes(data[:2], "big") % 31:
        return None
    return None if reads_well(data) else _inflate(data, 15)


def bz2(data: bytes) -> bytes | None:
    """The same for bzip2."""
    if data[:3] != b"BZh":
        return None
    try:
        return importlib.import_module("bz2").BZ2Decompressor().decompress(data, LIMIT) or None
    except (OSError, ValueError, ImportError):
        return None


def zstd(data: bytes) -> bytes | None:
    """The same for zstd, where this Python has a module for it (3.14, or `zstandard`)."""
    if data[:4] != b"\x28\xb5\x2f\xfd":
        return None
    for name in ("compression.zstd", "zstandard"):
        try:
            decompressor = importlib.import_module(name).ZstdDecompressor()
            if name == "zstandard":
                return bytes(decompressor.stream_reader(data).read(LIMIT)) or None
            return bytes(decompressor.decompress(data, LIMIT)) or None
        except ImportError:
            continue
        except Exception:  # noqa: BLE001  # each module has errors of its own, and all mean: no zstd
            return None
    return None


def base64_(data: bytes) -> bytes | None:
    """What was encoded; None if it is no base64, or might as well be a word."""
    if len(data) > 2 * LIMIT or b" " in data.strip():
        return None
    packed = data.translate(None, _BLANKS)
    if not _BASE64.fullmatch(packed):
        return None
    packed = packed.rstrip(b"=")
    if len(packed) % 4 == 1:
        return None
    packed = packed.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(packed) % 4)
    try:
        return base64.b64decode(packed, validate=True) or None
    except binascii.Error:
        return None


WRAPPINGS: dict[str, Unwrap] = {
    "gzip": gzip,
    "zlib": zlib_,
    "bz2": bz2,
    "zstd": zstd,
    "base64": base64_,
}


def _inflate(data: bytes, bits: int) -> bytes | None:
    try:
        return zlib.decompressobj(bits).decompress(data, LIMIT) or None
    except zlib.error:
        return None
