"""The open file of a deletion, for writing it and for putting its jobs back."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from beantop.jobs.lines_file import Busy as Busy  # re-exported
from beantop.jobs.lines_file import LinesFile
from beantop.jobs.records import SavedJob, line_of, read_line
from beantop.jobs.storage import open_ours

if TYPE_CHECKING:
    from beantop.jobs.trash.deletion import Deletion, Kind

HEAD, VERSION = "deletion", 1
"""The `kind` and the `version` of the first line."""


class DeletionFile(LinesFile):
    """Stores jobs before they are deleted, and notes about their outcome."""

    def save(self, jobs: Iterable[SavedJob]) -> None:
        """Write all jobs to the disk. Raises OSError, also if nobody would find them there."""
        self.append([line_of(job) for job in jobs], synced=True, named=True)

    def note(self, kind: "Kind", ids: Iterable[int], *, synced: bool = False) -> None:
        """Note the outcome of jobs. Raises OSError."""
        if sorted_ids := sorted(ids):
            self._append_note(kind, sorted_ids, synced=synced)

    def note_put_back(self, new_ids: Mapping[int, int]) -> None:
        """Note the new ids of jobs that were put back. Raises OSError."""
        if new_ids:
            pairs = [[old, new] for old, new in new_ids.items()]
            self._append_note("put back", pairs, synced=True)

    def jobs_at(
        self, places: Iterable[int], most_bytes: int = sys.maxsize
    ) -> list[SavedJob | None]:
        """Read the jobs at these byte offsets; None for a broken line. Stops after the line that
        reaches `most_bytes`. Raises OSError."""
        jobs: list[SavedJob | None] = []
        with self._open() as descriptor, open(descriptor, "rb", closefd=False) as file:
            for place in places:
                file.seek(place)
                line = file.readline()
                jobs.append(_job_of(line))
                most_bytes -= len(line)
                if most_bytes <= 0:
                    break
        return jobs

    def _append_note(self, kind: "Kind", ids: Sequence[object], *, synced: bool) -> None:
        self.append([json.dumps({"kind": kind, "ids": ids})], synced=synced)


def same_jobs(first: "Deletion", second: "Deletion", ids: Iterable[int]) -> set[int]:
    """Return the ids under which both deletions have the same tube and body. If a file cannot be
    read, return those found until then."""
    same: set[int] = set()
    try:
        with _open_file(first) as first_file, _open_file(second) as second_file:
            for id in ids:
                job = _job_at(first_file, first.places[id])
                other = _job_at(second_file, second.places[id])
                if job and other and (job.tube, job.body) == (other.tube, other.body):
                    same.add(id)
    except OSError:
        return same
    return same


def _open_file(deletion: "Deletion") -> BinaryIO:
    return open(open_ours(deletion.path, os.O_RDONLY), "rb")


def _job_at(file: BinaryIO, place: int) -> SavedJob | None:
    file.seek(place)
    return _job_of(file.readline())


def _job_of(line: bytes) -> SavedJob | None:
    try:
        return read_line(line)
    except ValueError:
        return None
