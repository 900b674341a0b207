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

Numbers are big-endian. A reader stops at the first frame that is incomplete or has another checksum. A
writer that continues the file cuts off the rest if no whole frame is in it. If there is one, the file
was damaged, not cut, and the writer refuses it.
"""

import os
import re
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

MAX_PAYLOAD, MAX_RAW = 2**28, 2**28
"""Bytes of a payload, and of what it is unpacked to; more is damage. 100,000 tubes are 15 MB."""

_READ_AT_ONCE = 2**20

_PAYLOAD_BEGINS = re.compile(rb"x[\x9c\xbb](?<=[A-Za-z]..x.)", re.DOTALL)
"""The first two bytes that zlib writes, without and with a dictionary, after a kind and a number."""


class Frame(NamedTuple):
    """One frame. `raw` is the payload, uncompressed if the frame is to be written."""

    time: float
    kind: str
    number: int
    raw: bytes


class NotFrames(ValueError):
    """The file is something else, or a frame has something else in it."""


class Damaged(ValueError):
    """A frame is not whole, but whole ones follow it."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"it is damaged at byte {offset:,}")
        self.offset = offset


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
        raw = decompressor.decompress(payload, MAX_RAW)
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked: {error}") from None
    if not decompressor.eof:
        raise ValueError("it is cut, or larger than any that beantop writes")
    return raw


class FrameIndex(NamedTuple):
    """Where the whole frames of a file are, up to the first that is not whole."""

    offsets: "array[int]"
    times: "array[float]"
    kinds: str
    numbers: "array[int]"
    end: int
    """The offset after the last whole frame."""
    size: int
    """The size of the file in bytes."""
    is_damaged: bool
    """Whether whole frames follow the first that is not whole."""

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
    is_damaged = _has_frame(descriptor, end, size)
    return FrameIndex(offsets, times, kinds.decode("latin-1"), numbers, end, size, is_damaged)


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


def _has_frame(descriptor: int, offset: int, size: int) -> bool:
    """Return whether a whole frame begins at this offset or anywhere after it."""
    while size - offset >= _HEADER:
        if not (block := os.pread(descriptor, _READ_AT_ONCE, offset)):
            return False  # it was cut meanwhile
        for match in _PAYLOAD_BEGINS.finditer(block, _HEADER):
            at = match.start() - _HEADER
            length, _ = _OUTER.unpack_from(block, at)
            fits = length <= size - offset - match.start()  # most do not: nothing is read for them
            if fits and any(_whole_frames(descriptor, offset + at, size)):
                return True
        offset += max(1, len(block) - _HEADER - 1)
    return False


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
        `Damaged`, `Full`, `OSError`."""
        self._descriptor, self._max_size = descriptor, max_size
        index = index_of(descriptor)
        if index.is_damaged:
            raise Damaged(index.end)
        self.size = index.end
        """Bytes of the file."""
        self.cut = index.cut
        """Number of bytes of an incomplete frame that were cut off."""
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
