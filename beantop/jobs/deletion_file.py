"""The file of one deletion, while it is written and while it is put back."""

import errno
import fcntl
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import BinaryIO

from beantop.jobs.deletion import Deletion, Kind
from beantop.jobs.files import end_of, open_ours
from beantop.jobs.saved import SavedJob, line_of, read_line


class Busy(OSError):
    """Another beantop is at work on the same deletion."""


class DeletionFile:
    """The file of one deletion, open and ours alone.

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

    def __enter__(self) -> "DeletionFile":
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

    def save(self, jobs: Iterable[SavedJob]) -> None:
        """Have these jobs on the disk, all of them or an OSError."""
        self.append([line_of(job) for job in jobs], synced=True)

    def note(self, kind: Kind, ids: Iterable[int], *, synced: bool = False) -> None:
        """Note what becomes of jobs. Raises OSError."""
        if noted := sorted(ids):
            self._append_note(kind, noted, synced=synced)

    def note_put_back(self, new_ids: Mapping[int, int]) -> None:
        """Note that jobs were put back, and under which ids. Raises OSError."""
        if new_ids:
            pairs = [[old, new] for old, new in new_ids.items()]
            self._append_note("put back", pairs, synced=True)

    def jobs_at(
        self, places: Iterable[int], most_bytes: int = sys.maxsize
    ) -> list[SavedJob | None]:
        """The jobs that stand at these places; None for a line that is broken. Ends behind the line
        with which they are that many bytes. Raises OSError."""
        jobs: list[SavedJob | None] = []
        with self._open(), open(self._descriptor, "rb", closefd=False) as file:
            for place in places:
                file.seek(place)
                line = file.readline()
                jobs.append(_job_of(line))
                most_bytes -= len(line)
                if most_bytes <= 0:
                    break
        return jobs

    def append(self, lines: Sequence[str], *, synced: bool) -> None:
        """Write whole lines. What could not be written whole is taken back."""
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

    def _append_note(self, kind: Kind, ids: Sequence[object], *, synced: bool) -> None:
        self.append([json.dumps({"kind": kind, "ids": ids})], synced=synced)

    @contextmanager
    def _open(self) -> Iterator[None]:
        """Nobody else is at work on it, and nobody closes it. Raises OSError."""
        with self._lock:
            if self._closed:
                raise OSError(errno.EBADF, "the file was closed")
            yield


def same_jobs(one: Deletion, other: Deletion, ids: Iterable[int]) -> set[int]:
    """Those of the ids under which both deletions have the same tube and body; none of a file that
    cannot be read."""
    same: set[int] = set()
    try:
        with _reading(one) as ours, _reading(other) as theirs:
            for id in ids:
                job, its = _job_at(ours, one.places[id]), _job_at(theirs, other.places[id])
                if job and its and (job.tube, job.body) == (its.tube, its.body):
                    same.add(id)
    except OSError:
        return same
    return same


def _reading(deletion: Deletion) -> BinaryIO:
    return open(open_ours(deletion.path, os.O_RDONLY), "rb")


def _job_at(file: BinaryIO, place: int) -> SavedJob | None:
    file.seek(place)
    return _job_of(file.readline())


def _job_of(line: bytes) -> SavedJob | None:
    try:
        return read_line(line)
    except ValueError:
        return None


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
