"""A file of frames, which a killed writer leaves readable.

The file begins with 8 bytes: `beantop` and the version of the format, 1. Then come the frames, each
written by one call, so that a process that is killed leaves at most the last one incomplete:

    bytes  content
    4      length of the payload
    4      CRC-32 of the rest of the frame
    8      Unix time in seconds, a double
    1      kind, an ASCII letter
    2      number, which the kind gives a meaning
    …      payload: JSON in UTF-8, compressed by zlib

Numbers are big-endian. What follows the first frame that is incomplete or has another checksum
belongs to nothing: a reader stops there, and a writer that continues the file cuts it off.
"""

import os
import zlib
from array import array
from collections.abc import Iterable
from math import inf
from struct import Struct
from typing import NamedTuple

MAGIC = b"beantop\x01"

_OUTER = Struct(">II")  # length, checksum
_INNER = Struct(">dcH")  # time, kind, number
_HEADER = _OUTER.size + _INNER.size

MAX_PAYLOAD = 2**28
"""Bytes; a larger length is damage."""

_READ_AT_ONCE = 2**20


class Frame(NamedTuple):
    """One frame. `raw` is the payload, uncompressed if the frame is to be written."""

    time: float
    kind: str
    number: int
    raw: bytes


class NotFrames(ValueError):
    """The file is something else."""


class Full(Exception):
    """The file has no room for another frame."""


def packed(frame: Frame, dictionary: bytes = b"") -> bytes:
    """Return the bytes of a frame. The payload is compressed with a dictionary, if there is any, which
    a reader needs too."""
    compressor = zlib.compressobj(zdict=dictionary) if dictionary else zlib.compressobj()
    payload = compressor.compress(frame.raw) + compressor.flush()
    rest = _INNER.pack(frame.time, frame.kind.encode(), frame.number) + payload
    return _OUTER.pack(len(payload), zlib.crc32(rest)) + rest


def unpacked(payload: bytes, dictionary: bytes = b"") -> bytes:
    """Return the content of a payload. Raises `ValueError` if it is not what `packed` made."""
    decompressor = zlib.decompressobj(zdict=dictionary) if dictionary else zlib.decompressobj()
    try:
        return decompressor.decompress(payload) + decompressor.flush()
    except zlib.error as error:
        raise ValueError(f"a frame cannot be read: {error}") from None


class FrameIndex(NamedTuple):
    """Where the whole frames of a file are."""

    offsets: "array[int]"
    times: "array[float]"
    kinds: str
    numbers: "array[int]"
    end: int
    """The offset after the last whole frame."""
    size: int
    """The size of the file in bytes."""

    @property
    def cut(self) -> int:
        """Number of bytes after the last whole frame."""
        return self.size - self.end


def index_of(descriptor: int) -> FrameIndex:
    """Read a file once, and return its whole frames. Raises `NotFrames`, `OSError`."""
    size = os.fstat(descriptor).st_size
    begin = os.pread(descriptor, len(MAGIC), 0)
    if not MAGIC.startswith(begin):
        raise NotFrames("this is not a recording of beantop")
    offsets, times, kinds, numbers = array("Q"), array("d"), bytearray(), array("H")
    end = len(MAGIC) if len(begin) == len(MAGIC) else 0
    if end:
        for offset, time, kind, number, after in _whole_frames(descriptor, end, size):
            offsets.append(offset)
            times.append(time)
            kinds += kind
            numbers.append(number)
            end = after
    return FrameIndex(offsets, times, kinds.decode("latin-1"), numbers, end, size)


def _whole_frames(
    descriptor: int, offset: int, size: int
) -> Iterable[tuple[int, float, bytes, int, int]]:
    """Yield offset, time, kind, number and end of each frame up to the first that is not whole."""
    block, start = b"", offset
    while size - offset >= _HEADER:
        if offset + _HEADER > start + len(block):
            block, start = os.pread(descriptor, _READ_AT_ONCE, offset), offset
        length, checksum = _OUTER.unpack_from(block, offset - start)
        after = offset + _HEADER + length
        if length > MAX_PAYLOAD or after > size:
            return
        if after > start + len(block):
            block = os.pread(descriptor, max(_READ_AT_ONCE, _HEADER + length), offset)
            start = offset
        rest = block[offset - start + _OUTER.size : after - start]
        if zlib.crc32(rest) != checksum:
            return
        time, kind, number = _INNER.unpack_from(rest)
        yield offset, time, kind, number, after
        offset = after


def read_frame(descriptor: int, offset: int) -> Frame:
    """Return the frame at an offset of the index, its payload as it is on the disk."""
    length, _ = _OUTER.unpack(os.pread(descriptor, _OUTER.size, offset))
    rest = os.pread(descriptor, _INNER.size + length, offset + _OUTER.size)
    time, kind, number = _INNER.unpack_from(rest)
    return Frame(time, kind.decode("latin-1"), number, rest[_INNER.size :])


class FrameWriter:
    """Appends frames to a file, whose descriptor it owns."""

    def __init__(self, descriptor: int, max_size: float = inf) -> None:
        """Continue after the last whole frame; a new file gets its first bytes. Raises `NotFrames`,
        `Full`, `OSError`."""
        self._descriptor, self._max_size = descriptor, max_size
        self.size = index_of(descriptor).end
        """Bytes of the file."""
        os.ftruncate(descriptor, self.size)
        if not self.size:
            self.append(MAGIC)

    def append(self, data: bytes) -> None:
        """Write a whole frame or, after an error, nothing. Raises `Full`, `OSError`."""
        if self.size + len(data) > self._max_size:
            raise Full
        written = 0
        try:
            while written < len(data):
                written += os.pwrite(self._descriptor, data[written:], self.size + written)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    def close(self) -> None:
        os.close(self._descriptor)
