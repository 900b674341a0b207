"""The file of one deletion, while it is written and while it is put back."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO

from beantop.jobs.lines_file import Busy as Busy  # part of what this module offers
from beantop.jobs.lines_file import LinesFile
from beantop.jobs.records import SavedJob, line_of, read_line
from beantop.jobs.storage import open_ours
from beantop.jobs.trash.deletion import Deletion, Kind


class DeletionFile(LinesFile):
    """Takes jobs before they are deleted, and notes of what becomes of them."""

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
        with self._open() as descriptor, open(descriptor, "rb", closefd=False) as file:
            for place in places:
                file.seek(place)
                line = file.readline()
                jobs.append(_job_of(line))
                most_bytes -= len(line)
                if most_bytes <= 0:
                    break
        return jobs

    def _append_note(self, kind: Kind, ids: Sequence[object], *, synced: bool) -> None:
        self.append([json.dumps({"kind": kind, "ids": ids})], synced=synced)


def same_jobs(one: Deletion, other: Deletion, ids: Iterable[int]) -> set[int]:
    """Return the ids under which both deletions have the same tube and body; none of a file that
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
