"""Read standard input and files up to a limit: what is at their other end may never stop."""

import errno
import sys
from collections.abc import Iterator
from itertools import count
from typing import IO

READ_AT_ONCE = 2**20
"""Bytes."""


def standard_input() -> IO[bytes]:
    """Return standard input. Raises OSError if it is closed."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    return sys.stdin.buffer


def whole_within(file: IO[bytes], most: int) -> bytes:
    """Return all of it. Raises ValueError with a clause if it has more than `most` bytes."""
    blocks: list[bytes] = []
    left = most + 1
    while block := file.read(
        min(left, READ_AT_ONCE)
    ):  # so much memory is used only if there is so much
        blocks.append(block)
        left -= len(block)
    if not left:
        raise ValueError(f"the body is longer than {most:,} bytes")
    return b"".join(blocks)


def lines_within(file: IO[bytes], most: int) -> Iterator[bytes]:
    """Yield the lines without their ends, which are LF or CR LF. Raises ValueError with a clause for a line of
    more than `most` bytes."""
    for number in count(1):
        line = file.readline(most + len(b"\r\n") + 1)
        if not line:
            return
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if len(line) > most:
            raise ValueError(f"line {number} is longer than {most:,} bytes")
        yield line
