"""What beantop puts out of reach of workers, written down first, so that nothing stays there.

A job that no worker is to see yet is put with a delay of 136 years: it is parked. Once it is certain
that it is to be there, as when its source was deleted, it is made what it should be. A program that
is killed in between leaves a record, which tells the next one what to do (`bulk.finish`):

1. One action has one record: a file of JSON lines that is removed at the end of the action.
2. Its first line says what is done, and where. For each batch follow the jobs that are about to be
   put, then their numbers, as soon as these are known and before the action goes on. A move notes
   also which sources were deleted.
3. A batch that came to its end is cut off the file: it never holds much more than one.

No body is in it, only its SHA-256.
"""

import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args, get_type_hints

from beantop.beanstalk import State
from beantop.jobs.job_info import OUT_OF_REACH
from beantop.jobs.lines_file import LinesFile, is_in_use
from beantop.jobs.records import SavedJob
from beantop.jobs.storage import make_private, open_ours, sync_directory

Doing: TypeAlias = Literal["put back", "move", "put"]
"""What an action does that puts jobs."""

MAX_RECORDS = 200
"""Records of actions that were cut off; the oldest are dropped when there are more."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A job that was about to be put."""

    tube: str
    state: State
    """What it is to be in the end."""
    priority: int
    delay: int
    """Seconds that it was put with."""
    ttr: int
    digest: str
    """The SHA-256 of its body."""
    source: int
    """The id of the job that it is a copy of, or of the one that was deleted; 0: none."""
    source_digest: str
    """The SHA-256 of that job's body."""
    id: int = 0
    """The id that it got; 0: not known."""
    deleted: bool = False
    """Whether the server said that it had deleted the source."""

    @property
    def is_parked(self) -> bool:
        """Whether it was put out of reach."""
        return self.delay == OUT_OF_REACH


@dataclass(frozen=True, slots=True)
class CutOff:
    """An action that did not come to its end, as its record tells it."""

    path: Path
    server: str
    act: Doing
    what: str
    """What it was done to: "600 buried jobs of email"."""
    trash: str
    """The name of the file of the trash from which jobs were put back; nothing: none."""
    source: str
    """The server from which jobs were moved."""
    time: float
    """When its last batch began, in seconds of the Unix epoch."""
    entries: Sequence[Entry]


class Record:
    """The record of one action that goes on. The file is made when something is to be noted."""

    def __init__(self, directory: Path, head: Mapping[str, object]) -> None:
        self._directory = directory
        self._head = head
        self._file: LinesFile | None = None
        self._batch_at = 0

    def note(self, jobs: Mapping[int, SavedJob], sources: Mapping[int, SavedJob]) -> None:
        """Note what is about to be put, and of what, by their places in a batch. Raises OSError."""
        file = self._file = self._file or self._new_file()
        self._batch_at = file.end
        entries = [(place, asdict(_entry(job, sources[place]))) for place, job in jobs.items()]
        self._append({"kind": "batch", "time": time.time(), "jobs": entries})

    def note_ids(self, ids: Mapping[int, int]) -> None:
        """Note the numbers that jobs got, by their places. Raises OSError."""
        self._append({"kind": "ids", "ids": list(ids.items())})

    def note_deleted(self, places: Iterable[int]) -> None:
        """Note that the sources of those were deleted. Raises OSError."""
        self._append({"kind": "deleted", "places": list(places)}, synced=False)

    def settle(self) -> None:
        """Forget the last batch: nothing of it is left to be done."""
        if self._file:
            with suppress(OSError):  # then it is looked at once more, and nothing is found
                self._file.cut(self._batch_at)

    def close(self) -> None:
        """End the record; it stays if something is left to be done."""
        if self._file:
            with suppress(OSError):
                if not _read(self._file.path).entries:
                    self._file.path.unlink()
            self._file.close()

    def _append(self, line: Mapping[str, object], *, synced: bool = True) -> None:
        if self._file:
            self._file.append([json.dumps(line)], synced=synced)

    def _new_file(self) -> LinesFile:
        make_private(self._directory)
        _tidy(self._directory)
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        path = self._directory / f"{stamp}-{os.getpid()}-{next(_numbers):06}.jsonl"
        file = LinesFile(path, new=True)
        try:
            file.append([json.dumps(self._head)], synced=True)
            sync_directory(self._directory)
        except BaseException:
            file.close()
            raise
        return file


class Parking:
    """The directory with the records."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def begin(
        self, server: str, act: Doing, what: str, *, trash: Path | None = None, source: str = ""
    ) -> Record:
        """The record of a new action on that server; `source` is where jobs are moved from, if that
        is another one."""
        head = {
            "kind": "parking",
            "version": 1,
            "server": server,
            "act": act,
            "what": what,
            "trash": trash.name if trash else "",
            "source": source or server,
        }
        return Record(self.directory, head)

    def cut_off(self, server: str) -> list[CutOff]:
        """The actions on that server that were cut off, and that nobody is at work on. Raises
        OSError."""
        found = []
        for path in _paths(self.directory):
            with suppress(OSError, ValueError):  # what is not ours is passed over
                action = None if is_in_use(path) else _read(path)
                if action and not action.entries:
                    _drop(path)
                elif action and action.server == server:
                    found.append(action)
        return found

    def drop(self, action: CutOff) -> None:
        """Forget an action of which nothing is left to be done."""
        _drop(action.path)

    def take_over(self, action: CutOff) -> LinesFile:
        """The record, open, so that nobody else works on it. Raises OSError; `Busy` if another
        program does."""
        return LinesFile(action.path, new=False)


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _entry(job: SavedJob, source: SavedJob) -> Entry:
    digest = digest_of(job.body)
    of_source = digest if source.body is job.body else digest_of(source.body)
    return Entry(
        job.tube, job.state, job.priority, job.delay, job.ttr, digest, source.id, of_source
    )


@dataclass
class _Reading:
    """What was read of a record so far."""

    head: Mapping[str, object] = field(default_factory=dict)
    time: float = 0.0
    done: list[Entry] = field(default_factory=list)
    batch: dict[int, Entry] = field(default_factory=dict)

    def take(self, line: str) -> None:
        """Raises ValueError, TypeError or KeyError if the line is broken."""
        told = json.loads(line)
        kind = told["kind"]
        if kind == "parking":
            self.head = told
        elif kind == "batch":
            self.done += self.batch.values()
            self.time = float(told["time"])
            self.batch = {place: _read_entry(entry) for place, entry in told["jobs"]}
        elif kind == "ids":
            for place, id in told["ids"]:
                self.batch[place] = replace(self.batch[place], id=int(id))
        elif kind == "deleted":
            for place in told["places"]:
                self.batch[place] = replace(self.batch[place], deleted=True)


def _read_entry(told: Mapping[str, object]) -> Entry:
    """Raises ValueError or TypeError if it is not one."""
    for key, kind in get_type_hints(Entry).items():
        is_right = told[key] in get_args(State) if key == "state" else type(told[key]) is kind
        if not is_right:
            raise ValueError(f"its {key} is not right")
    return Entry(**told)  # type: ignore[arg-type]  # the types are right


def _read(path: Path) -> CutOff:
    """What a record tells. Raises OSError, or ValueError if it is not one."""
    reading = _Reading()
    with os.fdopen(open_ours(path, os.O_RDONLY), encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(ValueError, TypeError, KeyError, RecursionError, OverflowError):
                reading.take(line)
    head, entries = reading.head, [*reading.done, *reading.batch.values()]
    if head.get("act") not in get_args(Doing):
        raise ValueError("it is not a record")
    told = [str(head.get(key, "")) for key in ("server", "act", "what", "trash", "source")]
    server, act, what, trash, source = told
    return CutOff(path, server, cast(Doing, act), what, trash, source, reading.time, entries)


def _paths(directory: Path) -> list[Path]:
    """The records, the oldest first; none as long as there is no directory. Raises OSError."""
    try:
        names = sorted(os.listdir(directory))
    except FileNotFoundError:
        return []
    return [directory / name for name in names if name.endswith(".jsonl")]


def _drop(path: Path) -> None:
    with suppress(OSError):  # another beantop was quicker
        path.unlink()


def _tidy(directory: Path) -> None:
    """Drop the oldest records of too many."""
    for path in _paths(directory)[:-MAX_RECORDS]:
        with suppress(OSError):  # it has gone, or is not ours
            if not is_in_use(path):
                path.unlink()
