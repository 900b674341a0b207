"""A private file of lines that only one program at a time can write."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from beantop.jobs.storage import end_of, has_name, open_ours


class Busy(OSError):
    """Another beantop process holds the file."""


class LinesFile:
    """The open and locked file.

    It may be closed while a thread whose caller was cancelled still uses it. `close` waits for that
    thread, and later operations raise OSError. So a reused descriptor number is never written to.
    """

    def __init__(self, path: Path, *, new: bool) -> None:
        self.path = path
        self._lock = Lock()
        creating = os.O_CREAT | os.O_EXCL if new else 0
        self._descriptor = open_ours(path, os.O_RDWR | os.O_APPEND | creating)
        self._closed = False
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._end, whole = end_of(self._descriptor)
            if not whole:
                self.append([""], synced=True)  # terminate the incomplete last line
        except BlockingIOError:
            self.close()
            raise Busy(f"{path.name}: another beantop is using it") from None
        except OSError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._descriptor)

    @property
    def end(self) -> int:
        """The length of the file in bytes."""
        return self._end

    def append(self, lines: Sequence[str], *, synced: bool, named: bool = False) -> None:
        """Append all lines or none. Raises OSError; if `named`, also as `check_name` does."""
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
        with self._open():
            try:
                _write_all(self._descriptor, data)
                if synced:
                    os.fsync(self._descriptor)
                if named:
                    self._check_name()
            except OSError:
                os.ftruncate(self._descriptor, self._end)
                raise
            self._end += len(data)

    def check_name(self) -> None:
        """Raise OSError if the file cannot be found under its name: it, or its directory, was
        removed, moved or replaced. What is written then is lost when the file is closed."""
        with self._open():
            self._check_name()

    def _check_name(self) -> None:
        if not has_name(self._descriptor, self.path):
            raise OSError(errno.ENOENT, f"{self.path.name} was removed or replaced")

    def cut(self, end: int) -> None:
        """Truncate the file to `end` bytes. Raises OSError."""
        with self._open():
            os.ftruncate(self._descriptor, end)
            self._end = end

    @contextmanager
    def _open(self) -> Iterator[int]:
        """Hold the descriptor: no other thread can use or close it. Raises OSError if closed."""
        with self._lock:
            if self._closed:
                raise OSError(errno.EBADF, "the file was closed")
            yield self._descriptor


def is_in_use(path: Path) -> bool:
    """Return whether a beantop process holds the file. Raises OSError."""
    descriptor = open_ours(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
