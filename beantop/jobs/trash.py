"""The trash: no job is deleted before it is on the disk, and each deletion can be put back.

One deletion is one file of JSON lines. The first line says what was deleted, where and when; then
come the jobs, and notes of what became of them: deleted, kept, put back. A job that neither note
names may have been deleted or not: the program was ended, or the connection lost, in between.
Files are for their owner alone, and a link in the place of one is not followed.
"""

import fcntl
import itertools
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from beantop.jobs.saved import SavedJob, line_of, read_line

KEPT_SECONDS = 30 * 86_400
"""Older deletions are dropped when a new one begins."""

MOST_BYTES = 2**30
"""When all files together are larger, the oldest are dropped when a new deletion begins."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion of the past, as its file tells it."""

    path: Path
    server: str
    what: str
    """What was deleted, as "17 buried jobs of email"."""
    time: float
    """When, in seconds of the Unix epoch."""
    places: Mapping[int, int]
    """Where in the file the jobs stand, in bytes from its beginning, by the ids that they had."""
    deleted: frozenset[int]
    """The ids of those that the server said it had deleted."""
    kept: frozenset[int]
    """Of those that were not deleted after all."""
    put_back: Mapping[int, int]
    """Of those that were put back, with their new ids."""
    in_doubt: frozenset[int]
    """Of those that may have been put back: nobody came to note whether they were."""
    broken: frozenset[int] = frozenset()
    """The ids of those whose lines cannot be read."""
    broken_lines: int = 0

    @property
    def restorable(self) -> list[int]:
        """The jobs that can be put back: those that were deleted, or may have been, and were not
        put back already."""
        away = self.kept | self.put_back.keys() | self.in_doubt | self.broken
        return [id for id in self.places if id not in away]

    @property
    def unsure(self) -> frozenset[int]:
        """The restorable ones of which nobody knows whether they were deleted."""
        return frozenset(self.restorable) - self.deleted


class Busy(OSError):
    """Another beantop is at work on the same deletion."""


class Trash:
    """The directory with the deletions."""

    def __init__(
        self, directory: Path, *, most_bytes: int = MOST_BYTES, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self.directory = directory
        self._most_bytes = most_bytes
        self._kept_seconds = kept_seconds

    def begin(self, server: str, what: str) -> "DeletionFile":
        """A new deletion. Raises OSError."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tidy()
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        path = self.directory / f"{stamp}-{os.getpid()}-{next(_numbers):06}.jsonl"
        file = DeletionFile(path, new=True)
        head = {"kind": "deletion", "version": 1, "server": server, "what": what}
        try:
            file.append([json.dumps({**head, "time": time.time()})], synced=True)
            _sync_directory(self.directory)
        except BaseException:
            file.close()
            raise
        return file

    def deletions(self) -> list[Deletion]:
        """All deletions, the latest first. A file that is none of ours is passed over."""
        found = (_read(path) for path in reversed(self._paths()))
        return [deletion for deletion in found if deletion]

    def last(self, server: str) -> Deletion | None:
        """The latest deletion on that server of which something can be put back."""
        for path in reversed(self._paths()):
            deletion = _read(path)
            if deletion and deletion.server == server and deletion.restorable:
                return deletion
        return None

    def open(self, deletion: Deletion) -> "DeletionFile":
        """The file of a deletion, to note what is put back. Raises OSError; `Busy` if another
        program has it open."""
        return DeletionFile(deletion.path, new=False)

    def read(self, deletion: Deletion) -> Deletion | None:
        """The deletion as its file tells it now; None if the file has gone."""
        return _read(deletion.path)

    def _paths(self) -> list[Path]:
        return sorted(self.directory.glob("*.jsonl"))

    def _tidy(self) -> None:
        """Drop what is too old, and the oldest of what is too much, but never the latest for that."""
        byte_count = 0
        for number, path in enumerate(reversed(self._paths())):
            try:
                stat = path.lstat()
                byte_count += stat.st_size
                too_much = number > 0 and byte_count > self._most_bytes
                too_old = stat.st_mtime < time.time() - self._kept_seconds
                if (too_much or too_old) and not _is_in_use(path):
                    path.unlink()
            except OSError:
                continue  # another beantop was quicker, or it is not ours to drop


class DeletionFile:
    """The file of one deletion, open and ours alone."""

    def __init__(self, path: Path, *, new: bool) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(path, flags | (os.O_CREAT | os.O_EXCL if new else 0), 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise Busy(f"{path.name}: another beantop is at work on it") from None
        self._end = os.lseek(self._descriptor, 0, os.SEEK_END)
        if self._end and os.pread(self._descriptor, 1, self._end - 1) != b"\n":
            self.append([""], synced=True)  # a line that was not written whole ends here

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
        os.close(self._descriptor)

    def save(self, jobs: Iterable[SavedJob]) -> None:
        """Have these jobs on the disk, all of them or an OSError."""
        self.append([line_of(job) for job in jobs], synced=True)

    def note(self, kind: str, ids: Iterable[int], *, synced: bool = False) -> None:
        """Note what becomes of jobs: `deleted`, `kept`, `putting back`, `not put back`. Raises
        OSError."""
        if noted := sorted(ids):
            self.append([json.dumps({"kind": kind, "ids": noted})], synced=synced)

    def note_put_back(self, new_ids: Mapping[int, int]) -> None:
        """Note that jobs were put back, and under which ids. Raises OSError."""
        if new_ids:
            pairs = [[old, new] for old, new in new_ids.items()]
            self.append([json.dumps({"kind": "put back", "ids": pairs})], synced=True)

    def jobs_at(self, places: Iterable[int]) -> list[SavedJob | None]:
        """The jobs that stand at these places; None for a line that is broken. Raises OSError."""
        jobs: list[SavedJob | None] = []
        with open(self._descriptor, "rb", closefd=False) as file:
            for place in places:
                file.seek(place)
                try:
                    jobs.append(read_line(file.readline()))
                except ValueError:
                    jobs.append(None)
        return jobs

    def append(self, lines: Sequence[str], *, synced: bool) -> None:
        """Write whole lines. What could not be written whole is taken back."""
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
        try:
            _write_all(self._descriptor, data)
            if synced:
                os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._end += len(data)


_JOB = re.compile(rb'\{"id":([0-9]{1,20}),')


@dataclass
class _Reading:
    """What was read of a file so far."""

    head: Mapping[str, object] | None = None
    places: dict[int, int] = field(default_factory=dict)
    notes: dict[str, set[int]] = field(default_factory=dict)
    put_back: dict[int, int] = field(default_factory=dict)
    broken_lines: int = 0

    def take(self, line: bytes, place: int) -> None:
        """Raises ValueError or TypeError if the line is broken."""
        if not line.endswith(b"}\n"):
            raise ValueError("it was not written whole")
        if job := _JOB.match(line):
            self.places[int(job[1])] = place
        else:
            self._take_note(json.loads(line))

    def _take_note(self, note: Mapping[str, object]) -> None:
        kind, ids = note["kind"], note.get("ids")
        if kind == "deletion":
            self.head = note
        elif not isinstance(kind, str) or not isinstance(ids, list):
            raise ValueError("it is no note")
        elif kind == "put back":
            self.put_back |= {int(old): int(new) for old, new in ids}
        elif kind == "not put back":
            self.notes.get("putting back", set()).difference_update(map(int, ids))
        else:
            self.notes.setdefault(kind, set()).update(map(int, ids))


def _read(path: Path) -> Deletion | None:
    """What a file tells; None if it is no deletion, or cannot be read."""
    reading, place = _Reading(), 0
    try:
        for line in _lines(path):
            try:
                reading.take(line, place)
            except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
                reading.broken_lines += 1
            place += len(line)
    except OSError:
        return None
    head, notes = reading.head, reading.notes
    if head is None:
        return None
    return Deletion(
        path,
        str(head.get("server", "")),
        str(head.get("what", "")),
        _time(head.get("time")),
        reading.places,
        frozenset(notes.get("deleted", ())),
        frozenset(notes.get("kept", ())),
        reading.put_back,
        frozenset(notes.get("putting back", set()) - reading.put_back.keys()),
        frozenset(notes.get("broken", ())),
        reading.broken_lines,
    )


def _lines(path: Path) -> Iterator[bytes]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        yield from file


def _is_in_use(path: Path) -> bool:
    """Whether a beantop has it open. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _time(value: object) -> float:
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_directory(directory: Path) -> None:
    """Have the name of a new file on the disk too."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
