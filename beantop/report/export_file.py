"""The file that an export writes: a new one, or one that an earlier export began."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from beantop.jobs.bodies.reading import Reading
from beantop.jobs.job_info import AGE_TOLERANCE, JobInfo, has_aged
from beantop.jobs.records import MASKED_KEY, PUT_AT, read_line
from beantop.jobs.storage import has_name, open_regular

BEGINNING = b'{"id":'
"""The beginning of each line of an export."""


MASKED = f'"{MASKED_KEY}":true'.encode()
"""What a line has if its body is masked: in a body, the quotes are escaped."""


class Known(NamedTuple):
    """A job that the file has."""

    tube: str
    age: int | None
    """Seconds, when it was exported."""
    put_at: int | None
    """Unix time; None if an older beantop wrote the line."""
    is_masked: bool
    """Whether something of its body is hidden."""


@dataclass(frozen=True)
class ExportFile:
    """A file, and the jobs that it had before."""

    file: IO[bytes]
    known: Mapping[int, Known] = field(default_factory=dict)
    """Sorted by id."""
    is_continued: bool = False
    """Whether an earlier export may have written to it."""

    def missing(
        self,
        jobs: Sequence[JobInfo],
        reading_of: Callable[[str], Reading],
        put_at: Callable[[JobInfo], int | None],
    ) -> list[JobInfo]:
        """Return the jobs that the file does not have. `put_at` returns the Unix time at which a job was put.
        Raises ValueError if the file has another job with the same id, since ids begin at 1 again when a server
        without a binlog is restarted, or one that is masked and should not be."""
        for job in jobs:
            known = self.known.get(job.id)
            if known and not _is_same(known, job, put_at(job)):
                raise ValueError(
                    f"the file has another job {job.id}: it is of another server, or from before this"
                    " one was restarted"
                )
            if known and known.is_masked and not reading_of(job.tube).mask:
                raise ValueError(
                    f"job {job.id} is masked in the file: export to another file to unmask it"
                )
        return [job for job in jobs if job.id not in self.known]

    def cut_incomplete_line(self) -> None:
        """Drop what follows the last complete line of an earlier export."""
        if self.is_continued:
            self.file.truncate()


def _is_same(known: Known, job: JobInfo, put_at: int | None) -> bool:
    """Return whether a job can be the one that the file has: put at the same time."""
    if known.tube != job.tube or not has_aged(known.age, job.age, 0.0):
        return False
    if known.put_at is None or put_at is None:
        return True
    return abs(put_at - known.put_at) <= AGE_TOLERANCE


@contextmanager
def continued(name: str) -> Iterator[ExportFile]:
    """Open and lock a file that an export began, or create it. What the block writes stays, whatever happens; a
    new file without a line does not. Raises OSError, also if nobody would find the file in the end, and ValueError
    if it is another file, or in use."""
    if name == "-":
        raise ValueError("--resume needs a file")
    is_new = not os.path.lexists(name)
    with os.fdopen(open_regular(name, os.O_RDWR | os.O_CREAT), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError("another export is writing to the file") from None
        known = dict(_known(file))
        try:
            yield ExportFile(file, known, is_continued=True)
            file.flush()
            os.fsync(file.fileno())
            if not _has_name(file, name):
                raise OSError(errno.ENOENT, "the file was removed or replaced meanwhile")
        finally:
            if is_new and not file.tell() and _has_name(file, name):
                os.unlink(name)


def _has_name(file: IO[bytes], name: str) -> bool:
    return has_name(file.fileno(), Path(name), follow_links=True)


def _known(file: IO[bytes]) -> Iterator[tuple[int, Known]]:
    """Yield the jobs of the complete lines, and go to the end of these."""
    end = 0
    for number, line in enumerate(file, start=1):
        if not line.endswith(b"\n"):
            if not line.startswith(BEGINNING[: len(line)]):
                raise ValueError(f"line {number} of the file is not of an export")
            break
        try:
            job = read_line(line)
        except ValueError as error:
            raise ValueError(f"line {number} of the file is not of an export: {error}") from None
        end += len(line)
        yield (
            job.id,
            Known(job.tube, job.counters.get("age"), job.counters.get(PUT_AT), MASKED in line),
        )
    file.seek(end)
