"""Files that we write for the user, and read again: for their owner alone, and never through a link."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def open_ours(path: str | Path, flags: int) -> int:
    """The descriptor of a file of ours. What stands in its place and is no ordinary file, as a link
    or a pipe that would be waited for, is an OSError."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no ordinary file")


def end_of(descriptor: int) -> tuple[int, bool]:
    """Where an open file of lines ends, in bytes, and whether its last line was written whole."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    return end, not end or os.pread(descriptor, 1, end - 1) == b"\n"


def make_private(directory: Path) -> None:
    """Have a directory that only its owner can look into; so is the one above it, if it is new."""
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def new_file(path: str) -> Iterator[IO[bytes]]:
    """A file that was not there before. After the block it is on the disk as a whole; where
    anything goes wrong there is none. Raises OSError."""
    with os.fdopen(open_ours(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                os.unlink(path)
            raise


def write_new(path: str, data: bytes) -> None:
    """Write all of it into a new file. Raises OSError."""
    with new_file(path) as file:
        file.write(data)


def trouble(error: OSError) -> str:
    """What is wrong with a file.

    >>> trouble(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return (error.strerror or str(error)).lower()
