"""The trash: no job is deleted before it is on the disk, and each deletion can be put back.

One deletion is one file of JSON lines. The first line says what was deleted, where and when; then
come the jobs, and notes of what became of them: deleted, kept, put back. A job that neither note
names may have been deleted or not: the program was ended, or the connection lost, in between.
Files are for their owner alone, and a link in the place of one is not followed.

A job that two deletions saved is one job, if server, id, tube and body are the same: the first
deletion was cut off, and the second one found the job still there. Then it belongs to the second.
"""

import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from beantop.jobs.lines_file import is_in_use
from beantop.jobs.storage import make_private, sync_directory
from beantop.jobs.trash.deletion import HEAD, Deletion, Summary, read_deletion
from beantop.jobs.trash.deletion_file import DeletionFile, same_jobs

KEPT_SECONDS = 30 * 86_400
"""Older deletions are dropped when a new one begins."""

MAX_BYTES = 2**30
"""When all files together are larger, the oldest are dropped when a new deletion begins."""

_NUMBERED = re.compile(r"deletion-([0-9]+)\.jsonl")
"""The name of a file. Clocks go back: only the number tells which of two deletions is the later one.
Files of earlier versions, which have the time in their names, are older than all with a number."""


class Trash:
    """The directory with the deletions."""

    def __init__(
        self, directory: Path, *, most_bytes: int = MAX_BYTES, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self.directory = directory
        self._most_bytes = most_bytes
        self._kept_seconds = kept_seconds

    def begin(self, server: str, what: str) -> DeletionFile:
        """A new deletion. Raises OSError."""
        make_private(self.directory)
        self._tidy()
        file = self._new_file()
        head = {"kind": HEAD, "version": 1, "server": server, "what": what}
        try:
            file.append([json.dumps({**head, "time": time.time()})], synced=True)
            sync_directory(self.directory)
        except BaseException:
            file.close()
            raise
        return file

    def deletions(self) -> list[Summary]:
        """All deletions, the latest first. A file that is not a deletion is passed over. Raises
        OSError."""
        paths = self._paths()
        found = (_read(path, paths[at + 1 :]) for at, path in enumerate(paths))
        return [deletion.summary for deletion in found if deletion][::-1]

    def last(self, server: str) -> Deletion | None:
        """The latest deletion on that server of which something can be put back. Raises OSError."""
        later: list[Path] = []
        for path in reversed(self._paths()):
            deletion = read_deletion(path)
            if deletion and deletion.server == server and deletion.restorable:
                deletion = _less_owned(deletion, later)
                if deletion.restorable:
                    return deletion
            later.append(path)
        return None

    def open(self, deletion: Deletion | Summary) -> DeletionFile:
        """The file of a deletion, to note what is put back. Raises OSError; `Busy` if another
        program has it open."""
        return DeletionFile(deletion.path, new=False)

    def read(self, deletion: Deletion | Summary) -> Deletion | None:
        """The deletion as its file tells it now; None if the file has gone. Raises OSError."""
        later = [path for path in self._paths() if _order(path.name) > _order(deletion.path.name)]
        return _read(deletion.path, later)

    def named(self, name: str) -> Deletion | None:
        """The deletion in the file of that name; None if it has gone. Raises OSError."""
        path = self.directory / name
        return _read(path, ()) if path in self._paths() else None

    def _paths(self) -> list[Path]:
        """The files, the oldest first; none as long as there is no directory. Raises OSError."""
        try:
            names = os.listdir(self.directory)
        except FileNotFoundError:
            return []
        found = (name for name in names if name.endswith(".jsonl"))
        return [self.directory / name for name in sorted(found, key=_order)]

    def _new_file(self) -> DeletionFile:
        """The file with the next number. Raises OSError."""
        paths = self._paths()
        number = _order(paths[-1].name)[0] if paths else 0
        while True:
            number += 1
            try:
                return DeletionFile(self.directory / f"deletion-{number:010}.jsonl", new=True)
            except FileExistsError:
                continue  # another beantop was quicker

    def _tidy(self) -> None:
        """Drop what is too old, and the oldest of what is too much, but never the latest."""
        byte_count = 0
        for path, size, changed_at in _sizes_and_times(self._paths()[:-1])[::-1]:
            byte_count += size
            too_old = changed_at < time.time() - self._kept_seconds
            try:
                if (byte_count > self._most_bytes or too_old) and not is_in_use(path):
                    path.unlink()
            except OSError:
                continue  # another beantop was quicker, or it is not ours to drop


def _order(name: str) -> tuple[int, str]:
    """What files are put in order by.

    >>> sorted(["deletion-0000000010.jsonl", "20261128T101112-7-000001.jsonl"], key=_order)
    ['20261128T101112-7-000001.jsonl', 'deletion-0000000010.jsonl']
    """
    numbered = _NUMBERED.fullmatch(name)
    return (int(numbered[1]) if numbered else 0), name


def _read(path: Path, later: Sequence[Path]) -> Deletion | None:
    """A deletion, without the jobs that belong to one of the later ones."""
    deletion = read_deletion(path)
    return _less_owned(deletion, later) if deletion else None


def _less_owned(deletion: Deletion, later: Sequence[Path]) -> Deletion:
    """The same without the jobs that belong to one of the later deletions. The server told of the
    others that they were deleted: what has their ids now are other jobs."""
    unsure, owned = set(deletion.unsure), set[int]()
    for path in later:
        if not unsure:
            break
        other = read_deletion(path)
        if other and other.server == deletion.server:
            owned |= same_jobs(deletion, other, unsure & other.places.keys() - other.gone)
            unsure -= owned
    return replace(deletion, owned=frozenset(owned))


def _sizes_and_times(paths: Sequence[Path]) -> list[tuple[Path, int, float]]:
    """Files with their sizes, and when they were last changed; not before any file that is older,
    whatever the clock said."""
    found, latest = [], 0.0
    for path in paths:
        try:
            stat = path.lstat()
        except OSError:
            continue  # another beantop was quicker
        latest = max(latest, stat.st_mtime)
        found.append((path, stat.st_size, latest))
    return found
