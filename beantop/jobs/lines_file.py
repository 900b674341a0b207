"""A file of lines for its owner alone, which one program at a time writes."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from beantop.jobs.storage import end_of, open_ours


class Busy(OSError):
    """Another beantop is at work on the same file."""


class LinesFile:
    """The file, open and ours alone.

    It may be closed while a thread is at work on it, whose caller was cancelled: that waits until
    the work is done, and what comes later is an OSError. So no file that has its number next is
    ever touched.
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
                self.append([""], synced=True)  # the line ends here
        except BlockingIOError:
            self.close()
            raise Busy(f"{path.name}: another beantop is at work on it") from None
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
        """Where it ends, in bytes."""
        return self._end

    def append(self, lines: Sequence[str], *, synced: bool) -> None:
        """Write whole lines. What could not be written whole is taken back. Raises OSError."""
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
        with self._open():
            try:
                _write_all(self._descriptor, data)
                if synced:
                    os.fsync(self._descriptor)
            except OSError:
                os.ftruncate(self._descriptor, self._end)
                raise
            self._end += len(data)

    def cut(self, end: int) -> None:
        """Forget the lines behind that place. Raises OSError."""
        with self._open():
            os.ftruncate(self._descriptor, end)
            self._end = end

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The descriptor: nobody else is at work on it, and nobody closes it. Raises OSError."""
        with self._lock:
            if self._closed:
                raise OSError(errno.EBADF, "the file was closed")
            yield self._descriptor


def is_in_use(path: Path) -> bool:
    """Whether a beantop has a file open. Raises OSError."""
    descriptor = open_ours(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
