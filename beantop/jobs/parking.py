"""Records of parked jobs, written before the jobs are put, so that none stays parked.

A job that no worker may see yet is put with a delay of 136 years: it is parked. Once it is certain
that the job must stay, for example because its source was deleted, it gets its final state. A
process that is killed in between leaves a record, from which the next one finishes the action
(`bulk.finish`):

1. Each action has one record: a file of JSON lines that is removed when the action ends.
2. The first line names the action and the server. For each batch follow the jobs about to be put,
   then their ids, as soon as these are known and before the action continues. A move also notes
   which sources were deleted.
3. A completed batch is cut off the file, so the file never holds much more than one batch.

Records contain no bodies, only their SHA-256.
"""

import itertools
import json
import os
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, cast, get_args, get_type_hints

from beantop.beanstalk import State
from beantop.jobs.job_info import OUT_OF_REACH
from beantop.jobs.known_server import KnownServer, known_server
from beantop.jobs.lines_file import LinesFile, is_in_use
from beantop.jobs.records import SavedJob
from beantop.jobs.storage import make_private, open_ours, sync_directory

Doing: TypeAlias = Literal["put back", "move", "put"]
"""The kinds of actions that put jobs."""

MAX_RECORDS = 200
"""Records of interrupted actions that are kept; the oldest are dropped beyond that."""

_numbers = itertools.count(1)


class Entry(NamedTuple):
    """A job that was about to be put."""

    tube: str
    state: State
    """Its final state."""
    priority: int
    delay: int
    """Seconds of delay that it is put with."""
    ttr: int
    digest: str
    """SHA-256 of its body."""
    source: int
    """The id of the job it is copied from, or of the deleted job it restores; 0 if none."""
    source_digest: str
    """SHA-256 of the body of `source`."""
    id: int = 0
    """Its id on the server; 0 if not known."""
    deleted: bool = False
    """Whether the server confirmed that it deleted the source."""

    @property
    def is_parked(self) -> bool:
        """Whether it was put with the parking delay."""
        return self.delay == OUT_OF_REACH


class CutOff(NamedTuple):
    """An interrupted action, as read from its record."""

    path: Path
    target: KnownServer
    """The server on which jobs were put."""
    act: Doing
    what: str
    """Its target: "600 buried jobs of email"."""
    trash: str
    """The name of the trash file from which jobs were put back; "" if none."""
    origin: KnownServer
    """The server from which jobs were moved."""
    time: float
    """Start of its last batch, in seconds since the Unix epoch."""
    entries: Sequence[Entry]

    @property
    def server(self) -> str:
        """The address of `target`, as the user wrote it."""
        return self.target.address

    @property
    def source(self) -> str:
        """The address of `origin`, as the user wrote it."""
        return self.origin.address

    def touches(self, server: KnownServer | str, ids: Collection[int]) -> bool:
        """Whether it was about any of these jobs of that server."""
        here = known_server(server)
        moves = self.act == "move" and self.origin.is_same(here)
        puts = self.target.is_same(here)
        return any(
            (moves and entry.source in ids) or (puts and entry.id in ids) for entry in self.entries
        )


class Record:
    """The record of a running action. The file is created with the first note."""

    def __init__(self, directory: Path, head: Mapping[str, object]) -> None:
        self._directory = directory
        self._head = head
        self._file: LinesFile | None = None
        self._batch_at = 0

    def note(self, jobs: Mapping[int, SavedJob], sources: Mapping[int, SavedJob]) -> None:
        """Note the jobs about to be put and their sources, by index in the batch. Raises
        OSError."""
        file = self._file = self._file or self._new_file()
        self._batch_at = file.end
        entries = [(place, _entry(job, sources[place])._asdict()) for place, job in jobs.items()]
        self._append({"kind": "batch", "time": time.time(), "jobs": entries})

    def note_ids(self, ids: Mapping[int, int]) -> None:
        """Note the ids that jobs got, by index in the batch. Raises OSError."""
        self._append({"kind": "ids", "ids": list(ids.items())})

    def note_deleted(self, places: Iterable[int]) -> None:
        """Note that the sources of these jobs were deleted. Raises OSError."""
        self._append({"kind": "deleted", "places": list(places)}, synced=False)

    def settle(self) -> None:
        """Drop the last batch from the record: it is complete."""
        if self._file:
            with suppress(OSError):  # the batch is then checked once more, and nothing is found
                self._file.cut(self._batch_at)

    def close(self) -> None:
        """Close the record, and remove it unless something is left to do."""
        if self._file:
            with suppress(OSError):
                if not _read(self._file.path).entries:
                    self._file.path.unlink()
            self._file.close()

    def _append(self, line: Mapping[str, object], *, synced: bool = True) -> None:
        if self._file:
            self._file.append([json.dumps(line)], synced=synced, named=synced)

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
    """The directory of records."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def begin(
        self,
        server: KnownServer | str,
        act: Doing,
        what: str,
        *,
        trash: Path | None = None,
        source: KnownServer | str = "",
    ) -> Record:
        """Return the record of a new action on `server`, or on the one with this address. `source`
        is the server from which jobs are moved, if it is a different one."""
        head = {
            "kind": "parking",
            "version": 1,
            **known_server(server).members("server"),
            "act": act,
            "what": what,
            "trash": trash.name if trash else "",
            **known_server(source or server).members("source"),
        }
        return Record(self.directory, head)

    def is_empty(self) -> bool:
        """Return whether there is no record, of whichever server. Raises OSError."""
        return not _paths(self.directory)

    def cut_off(self, server: KnownServer | str) -> list[CutOff]:
        """Return the interrupted actions on `server` that no process is working on. Raises
        OSError."""
        here = known_server(server)
        return [action for action in self.all_cut_off() if action.target.is_same(here)]

    def all_cut_off(self) -> list[CutOff]:
        """The same, on all servers. Raises OSError."""
        found = []
        for path in _paths(self.directory):
            with suppress(OSError, ValueError):  # skips files that are not records
                action = None if is_in_use(path) else _read(path)
                if action and not action.entries:
                    _drop(path)
                elif action:
                    found.append(action)
        return found

    def drop(self, action: CutOff) -> None:
        """Remove the record of an action that is complete."""
        _drop(action.path)

    def take_over(self, action: CutOff) -> LinesFile:
        """Open and lock the record. Raises OSError, or `Busy` if another process has locked it."""
        return LinesFile(action.path, new=False)


def digest_of(body: bytes) -> str:
    from hashlib import sha256  # it loads OpenSSL

    return sha256(body).hexdigest()


def _entry(job: SavedJob, source: SavedJob) -> Entry:
    digest = digest_of(job.body)
    of_source = digest if source.body is job.body else digest_of(source.body)
    return Entry(
        job.tube, job.state, job.priority, job.delay, job.ttr, digest, source.id, of_source
    )


@dataclass
class _Reading:
    """The parts of a record read so far."""

    head: Mapping[str, object] = field(default_factory=dict)
    time: float = 0.0
    done: list[Entry] = field(default_factory=list)
    batch: dict[int, Entry] = field(default_factory=dict)

    def take(self, line: str) -> None:
        """Read a line. Raises ValueError, TypeError or KeyError if it is broken."""
        note = json.loads(line)
        kind = note["kind"]
        if kind == "parking":
            self.head = note
        elif kind == "batch":
            self.done += self.batch.values()
            self.time = float(note["time"])
            self.batch = {place: _read_entry(entry) for place, entry in note["jobs"]}
        elif kind == "ids":
            for place, id in note["ids"]:
                self.batch[place] = self.batch[place]._replace(id=int(id))
        elif kind == "deleted":
            for place in note["places"]:
                self.batch[place] = self.batch[place]._replace(deleted=True)


def _read_entry(members: Mapping[str, object]) -> Entry:
    """Return the entry. Raises ValueError, TypeError or KeyError if it is not valid."""
    for key, kind in get_type_hints(Entry).items():
        is_valid = members[key] in get_args(State) if key == "state" else type(members[key]) is kind
        if not is_valid:
            raise ValueError(f"its {key} is not valid")
    return Entry(**members)  # type: ignore[arg-type]  # the types were checked above


def _read(path: Path) -> CutOff:
    """Read a record. Raises OSError, or ValueError if the file is not one."""
    reading = _Reading()
    with os.fdopen(open_ours(path, os.O_RDONLY), encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(ValueError, TypeError, KeyError, RecursionError, OverflowError):
                reading.take(line)
    head, entries = reading.head, [*reading.done, *reading.batch.values()]
    if head.get("act") not in get_args(Doing):
        raise ValueError("it is not a record")
    act, what, trash = [str(head.get(key, "")) for key in ("act", "what", "trash")]
    target, origin = KnownServer.read(head, "server"), KnownServer.read(head, "source")
    return CutOff(path, target, cast(Doing, act), what, trash, origin, reading.time, entries)


def _paths(directory: Path) -> list[Path]:
    """Return the records, oldest first; none if the directory does not exist. Raises OSError."""
    try:
        names = sorted(os.listdir(directory))
    except FileNotFoundError:
        return []
    return [directory / name for name in names if name.endswith(".jsonl")]


def _drop(path: Path) -> None:
    with suppress(OSError):  # another process was faster
        path.unlink()


def _tidy(directory: Path) -> None:
    """Drop the oldest records beyond `MAX_RECORDS`."""
    for path in _paths(directory)[:-MAX_RECORDS]:
        with suppress(OSError):  # it is gone, or is not ours
            if not is_in_use(path):
                path.unlink()
