"""Files that we write for the user: new ones, for their owner alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO


@contextmanager
def new_file(path: str) -> Iterator[IO[bytes]]:
    """A file that was not there before. After the block it is on the disk as a whole; where
    anything goes wrong there is none. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
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
