"""The file that an export writes: a new one, or one that an earlier export began."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from beantop.jobs.job_info import JobInfo, has_aged
from beantop.jobs.records import read_line
from beantop.jobs.storage import open_regular

BEGINNING = b'{"id":'
"""The beginning of each line of an export."""


class Known(NamedTuple):
    """A job that the file has."""

    tube: str
    age: int | None
    """Seconds, when it was exported."""


@dataclass(frozen=True)
class ExportFile:
    """A file, and the jobs that it had before."""

    file: IO[bytes]
    known: Mapping[int, Known] = field(default_factory=dict)
    """Sorted by id."""

    def missing(self, jobs: Sequence[JobInfo]) -> list[JobInfo]:
        """Return the jobs that the file does not have. Raises ValueError if it has another job with the
        same id: ids begin at 1 again when a server without a binlog is restarted."""
        for job in jobs:
            known = self.known.get(job.id)
            if known and not (known.tube == job.tube and has_aged(known.age, job.age, 0.0)):
                raise ValueError(
                    f"the file has another job {job.id}: it is of another server, or from before this"
                    " one was restarted"
                )
        return [job for job in jobs if job.id not in self.known]


@contextmanager
def continued(name: str) -> Iterator[ExportFile]:
    """Open a file that an export began, or create it. A last line that is not complete is cut off. What the
    block writes stays, whatever happens; a file without a line does not. Raises OSError, and ValueError if it is another file."""
    if name == "-":
        raise ValueError("--resume needs a file")
    with os.fdopen(open_regular(name, os.O_RDWR | os.O_CREAT), "r+b") as file:
        known = dict(_known(file))
        file.truncate()
        try:
            yield ExportFile(file, known)
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
        yield job.id, Known(job.tube, job.counters.get("age"))
    file.seek(end)
