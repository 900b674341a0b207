"""The file that an export writes: a new one, or one that an earlier export began."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from beantop.jobs.bodies.reading import Reading
from beantop.jobs.job_info import AGE_TOLERANCE, JobInfo, has_aged
from beantop.jobs.records import MASKED_KEY, read_line
from beantop.jobs.storage import open_regular

BEGINNING = b'{"id":'
"""The beginning of each line of an export."""


MASKED = f'"{MASKED_KEY}":true'.encode()
"""What a line has if its body is masked: in a body, the quotes are escaped."""


class Known(NamedTuple):
    """A job that the file has."""

    tube: str
    age: int | None
    """Seconds, when it was exported."""
    is_masked: bool
    """Whether something of its body is hidden."""


@dataclass(frozen=True)
class ExportFile:
    """A file, and the jobs that it had before."""

    file: IO[bytes]
    known: Mapping[int, Known] = field(default_factory=dict)
    """Sorted by id."""
    written_at: float | None = None
    """Unix time at which an earlier export wrote to it last; None for a new file."""

    def missing(
        self, jobs: Sequence[JobInfo], reading_of: Callable[[str], Reading], clock_began: float
    ) -> list[JobInfo]:
        """Return the jobs that the file does not have. `clock_began` is the Unix time at which the monotonic
        clock was 0. Raises ValueError if the file has another job with the same id, since ids begin at 1 again
        when a server without a binlog is restarted, or one that is masked and should not be."""
        for job in jobs:
            known = self.known.get(job.id)
            if known and not self._is_same(known, job, clock_began):
                raise ValueError(
                    f"the file has another job {job.id}: it is of another server, or from before this"
                    " one was restarted"
                )
            if known and known.is_masked and not reading_of(job.tube).mask:
                raise ValueError(
                    f"job {job.id} is masked in the file: export to another file to unmask it"
                )
        return [job for job in jobs if job.id not in self.known]

    def _is_same(self, known: Known, job: JobInfo, clock_began: float) -> bool:
        """Return whether a job can be the one that the file has. It must be as old: this was put before the
        file was written."""
        if known.tube != job.tube or not has_aged(known.age, job.age, 0.0):
            return False
        if None in (known.age, job.age, self.written_at):
            return True
        put_at = clock_began + job.seen_at - (job.age or 0)
        return put_at <= (self.written_at or 0.0) - (known.age or 0) + AGE_TOLERANCE

    def cut_incomplete_line(self) -> None:
        """Drop what follows the last complete line of an earlier export."""
        if self.written_at is not None:
            self.file.truncate()


@contextmanager
def continued(name: str) -> Iterator[ExportFile]:
    """Open and lock a file that an export began, or create it. What the block writes stays, whatever happens; a
    file without a line does not. Raises OSError, and ValueError if it is another file, or in use."""
    if name == "-":
        raise ValueError("--resume needs a file")
    with os.fdopen(open_regular(name, os.O_RDWR | os.O_CREAT), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError("another export is writing to the file") from None
        written_at = os.fstat(file.fileno()).st_mtime
        known = dict(_known(file))
        try:
            yield ExportFile(file, known, written_at)
            file.flush()
            os.fsync(file.fileno())
        finally:
            if not file.tell():
                os.unlink(name)


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
        yield job.id, Known(job.tube, job.counters.get("age"), MASKED in line)
    file.seek(end)
