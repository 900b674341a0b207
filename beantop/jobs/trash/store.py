"""The trash: jobs are on the disk before they are deleted, and each deletion can be put back.

Each deletion is a file of JSON lines. The first line says what was deleted, where and when; then
follow the jobs, and notes about their outcome: deleted, kept, put back. A job without a note may
have been deleted or not: beantop ended, or the connection was lost, in between. Files are readable
only by their owner, and symbolic links are not followed.

A job that two deletions saved is the same job if the server, the id, the tube and the body are the
same: the first deletion was interrupted, and the second one found the job still there. Then the job
belongs to the second one.
"""

import json
import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from beantop.jobs.known_server import KnownServer, known_server
from beantop.jobs.lines_file import is_in_use
from beantop.jobs.storage import describe_file_error, make_private, sync_directory
from beantop.jobs.trash.deletion_file import HEAD, VERSION, DeletionFile, same_jobs

if TYPE_CHECKING:
    from beantop.jobs.trash.deletion import Deletion, Summary

KEPT_SECONDS = 30 * 86_400
"""Seconds after which a deletion is dropped, when a new one starts."""

MAX_BYTES = 2**30
"""Total size of all files above which the oldest are dropped, when a new deletion starts."""

_NUMBERED = re.compile(r"deletion-([0-9]+)\.jsonl")
"""The pattern of file names. Only the number tells which of two deletions is later, since clocks
can go back. Files of earlier versions have the time in their names, and count as the oldest."""


class Last(NamedTuple):
    """The latest deletion on a server with jobs to put back."""

    deletion: "Deletion | None"
    """None if there is none."""
    unreadable: Sequence[str] = ()
    """One sentence for each later file that cannot be read, or of which some jobs cannot."""
    seen: int = 0
    """Number of jobs of later ones that were still on the server when they were to be put back."""


class Trash:
    """The directory of deletions."""

    def __init__(
        self, directory: Path, *, most_bytes: int = MAX_BYTES, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self.directory = directory
        self._most_bytes = most_bytes
        self._kept_seconds = kept_seconds

    def begin(self, server: KnownServer | str, what: str) -> DeletionFile:
        """Start a new deletion on `server`, or on the one with this address, and return its file.
        Raises OSError."""
        make_private(self.directory)
        self._tidy()
        file = self._new_file()
        where = known_server(server).members("server")
        head = {"kind": HEAD, "version": VERSION, **where, "what": what}
        try:
            file.append([json.dumps({**head, "time": time.time()})], synced=True)
            sync_directory(self.directory)
        except BaseException:
            file.close()
            raise
        return file

    def deletions(self) -> "list[Summary]":
        """Return all deletions, latest first, with the files that cannot be read. Raises OSError."""
        paths = self._paths()
        found = (_summary(path, paths[at + 1 :]) for at, path in enumerate(paths))
        return [summary for summary in found if summary][::-1]

    def last(self, server: KnownServer | str) -> Last:
        """Return the latest deletion on `server` with jobs to put back. Raises OSError."""
        here = known_server(server)
        later: list[Path] = []
        unreadable: list[str] = []
        seen = 0
        for path in reversed(self._paths()):
            try:
                deletion = _read_whole(path)
            except OSError as error:
                unreadable.append(f"{path} cannot be read: {describe_file_error(error)}.")
                continue
            if deletion and deletion.where.is_same(here):
                deletion = _without_owned(deletion, later)
                if deletion.restorable:
                    return Last(deletion, unreadable, seen)
                seen += len(deletion.seen)
                if deletion.unreadable:
                    unreadable.append(f"{deletion.unreadable} of {path} cannot be read.")
            later.append(path)
        return Last(None, unreadable, seen)

    def open(self, deletion: "Deletion | Summary") -> DeletionFile:
        """Open the file of a deletion, to note what is put back. Raises OSError, or `Busy` if
        another process has it open."""
        return DeletionFile(deletion.path, new=False)

    def read(self, deletion: "Deletion | Summary") -> "Deletion | None":
        """Read a deletion again from its file; None if the file is gone. Raises OSError."""
        later = [path for path in self._paths() if _order(path.name) > _order(deletion.path.name)]
        return _read(deletion.path, later)

    def named(self, name: str) -> "Deletion | None":
        """Read the deletion with this file name; None if the file is gone or cannot be read. Raises
        OSError."""
        path = self.directory / name
        if path in self._paths():
            with suppress(OSError):
                return _read(path, ())
        return None

    def _paths(self) -> list[Path]:
        """Return the files, oldest first; none if the directory does not exist. Raises OSError."""
        try:
            names = os.listdir(self.directory)
        except FileNotFoundError:
            return []
        found = (name for name in names if name.endswith(".jsonl"))
        return [self.directory / name for name in sorted(found, key=_order)]

    def _new_file(self) -> DeletionFile:
        """Create the file with the next number. Raises OSError."""
        paths = self._paths()
        number = _order(paths[-1].name)[0] if paths else 0
        while True:
            number += 1
            try:
                return DeletionFile(self.directory / f"deletion-{number:010}.jsonl", new=True)
            except FileExistsError:
                continue  # another process was faster

    def _tidy(self) -> None:
        """Drop old files, and the oldest ones beyond the total size, but never the latest."""
        byte_count = 0
        for path, size, changed_at in _sizes_and_times(self._paths()[:-1])[::-1]:
            byte_count += size
            too_old = changed_at < time.time() - self._kept_seconds
            try:
                if (byte_count > self._most_bytes or too_old) and not is_in_use(path):
                    path.unlink()
            except OSError:
                continue  # another process was faster, or it is not ours to drop


def _order(name: str) -> tuple[int, str]:
    """Return the sort key of a file name.

    >>> sorted(["deletion-0000000010.jsonl", "20261128T101112-7-000001.jsonl"], key=_order)
    ['20261128T101112-7-000001.jsonl', 'deletion-0000000010.jsonl']
    """
    numbered = _NUMBERED.fullmatch(name)
    return (int(numbered[1]) if numbered else 0), name


def _read_whole(path: Path) -> "Deletion | None":
    """Read a deletion, as `read_deletion` does."""
    from beantop.jobs.trash.deletion import (
        read_deletion,  # large; without a deletion it is not needed
    )

    return read_deletion(path)


def _read(path: Path, later: Sequence[Path]) -> "Deletion | None":
    """Read a deletion, without the jobs that belong to one of the later ones. Raises OSError."""
    deletion = _read_whole(path)
    return _without_owned(deletion, later) if deletion else None


def _summary(path: Path, later: Sequence[Path]) -> "Summary | None":
    """Read a deletion; one that cannot be read has the name of its file, and why."""
    try:
        deletion = _read(path, later)
    except OSError as error:
        return _unreadable(path, describe_file_error(error))
    return deletion.summary if deletion else None


def _unreadable(path: Path, why: str) -> "Summary | None":
    try:
        changed_at = path.lstat().st_mtime
    except OSError:
        return None  # another process dropped it
    from beantop.jobs.trash.deletion import Summary

    return Summary(path, "", f"{path.name}: {why}", changed_at, 0, 0, 0, "file")


def _without_owned(deletion: "Deletion", later: Sequence[Path]) -> "Deletion":
    """Return the deletion without the jobs that belong to a later one. Only jobs with an unknown
    outcome can: if the server confirmed a deletion, later jobs with the same id are other jobs."""
    unsure, owned = set(deletion.unsure), set[int]()
    for path in later:
        if not unsure:
            break
        with suppress(OSError):  # a file that cannot be read owns nothing
            other = _read_whole(path)
            if other and other.where.is_same(deletion.where):
                owned |= same_jobs(deletion, other, unsure & other.places.keys() - other.gone)
                unsure -= owned
    return replace(deletion, owned=frozenset(owned))


def _sizes_and_times(paths: Sequence[Path]) -> list[tuple[Path, int, float]]:
    """Return files with their sizes and modification times. A time is never before that of an older
    file, even if the clock went back."""
    found, latest = [], 0.0
    for path in paths:
        try:
            stat = path.lstat()
        except OSError:
            continue  # another process was faster
        latest = max(latest, stat.st_mtime)
        found.append((path, stat.st_size, latest))
    return found
