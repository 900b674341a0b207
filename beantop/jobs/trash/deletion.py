"""A past deletion, and the reader of its file."""

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from beantop.formatting import plural
from beantop.jobs.known_server import KnownServer
from beantop.jobs.storage import open_ours
from beantop.jobs.trash.deletion_file import HEAD, VERSION

Kind = Literal[
    "deleted",
    "kept",
    "gone",
    "putting back",
    "not put back",
    "put back",
    "broken",
    "seen",
    "edited",
    "replacements",
]
"""The kinds of notes about jobs. `kept`: not deleted; `gone`: deleted, but not by this deletion.
`putting back`: about to be put back, until `put back` or `not put back` notes the outcome.
`broken`: their lines cannot be read. `seen`: still on the server when they were to be put back. `edited`: saved before they were edited, until `replacements` notes
the jobs that were put in their places."""

_BEGINNING = b'{"kind": "deletion"'


@dataclass(frozen=True)
class Deletion:
    """A past deletion, as read from its file."""

    path: Path
    where: KnownServer
    """The server that the jobs were deleted on."""
    what: str
    """Its target, as "17 buried jobs of email"."""
    time: float
    """When it started, in seconds since the Unix epoch."""
    places: Mapping[int, int]
    """Byte offsets of the jobs in the file, by their former ids."""
    deleted: frozenset[int]
    """Ids of jobs that the server confirmed as deleted."""
    kept: frozenset[int]
    """Ids of jobs that were not deleted, or not by this deletion."""
    put_back: Mapping[int, int]
    """New ids of the jobs that were put back, by their former ids."""
    in_doubt: frozenset[int]
    """Ids of jobs that may have been put back, since the outcome was not noted, and of those in `seen`."""
    broken: frozenset[int] = frozenset()
    """Ids of jobs whose lines cannot be read."""
    broken_lines: int = 0
    """Number of lines that cannot be read at all."""
    gone: frozenset[int] = frozenset()
    """Ids in `kept` of jobs that no longer existed when they were to be deleted."""
    owned: frozenset[int] = frozenset()
    """Ids of jobs that belong to a later deletion, which saved them again."""
    seen: frozenset[int] = frozenset()
    """Ids of jobs that were still on the server when they were to be put back: workers may have finished them
    since."""
    edited: frozenset[int] = frozenset()
    """Ids of jobs that were not just deleted, but edited."""
    replacements: frozenset[int] = frozenset()
    """Ids of the jobs that were put in place of edited ones, as far as known."""

    @property
    def server(self) -> str:
        """The address of the server, as the user wrote it."""
        return self.where.address

    @cached_property
    def restorable(self) -> list[int]:
        """Ids of jobs that can be put back: deleted or possibly deleted, and not put back yet."""
        away = self.kept | self.put_back.keys() | self.in_doubt | self.broken | self.owned
        return [id for id in self.places if id not in away]

    @cached_property
    def unsure(self) -> frozenset[int]:
        """Ids of restorable jobs that may or may not have been deleted."""
        return frozenset(self.restorable) - self.deleted

    @property
    def unreadable(self) -> str:
        """What cannot be read of the file, such as "1 job and 2 lines"; "" if all of it can."""
        parts = {"job": len(self.broken - self.put_back.keys()), "line": self.broken_lines}
        return " and ".join(plural(count, noun) for noun, count in parts.items() if count)

    @property
    def summary(self) -> "Summary":
        return Summary(
            self.path,
            self.server,
            self.what,
            self.time,
            len(self.restorable),
            len(self.in_doubt),
            len(self.put_back),
            self.unreadable,
        )


class Summary(NamedTuple):
    """A deletion with counts of its jobs instead of their ids, of which there may be millions."""

    path: Path
    server: str
    what: str
    time: float
    restorable: int
    in_doubt: int
    put_back: int
    unreadable: str = ""
    """What cannot be read of its file; "" if all of it can."""


_JOB = re.compile(rb'\{"id":([0-9]{1,20}),')


class _Reading:
    """The parts of a file read so far."""

    def __init__(self) -> None:
        self.head: Mapping[str, object] | None = None
        self.places: dict[int, int] = {}
        self.notes: dict[Kind, set[int]] = {}
        self.put_back: dict[int, int] = {}
        self.broken_lines = 0

    def take(self, line: bytes, place: int) -> None:
        """Read a line. Raises ValueError or TypeError if it is broken."""
        if not line.endswith(b"}\n"):
            raise ValueError("the line is incomplete")
        if job := _JOB.match(line):
            self.places[int(job[1])] = place
        else:
            self._take_note(json.loads(line))

    def _take_note(self, note: Mapping[str, object]) -> None:
        kind, ids = note["kind"], note.get("ids")
        if kind == HEAD:
            self.head = note
        elif kind not in get_args(Kind) or not isinstance(ids, list):
            raise ValueError("the line is not a note")
        elif kind == "put back":
            self.put_back |= {int(old): int(new) for old, new in ids}
        elif kind == "not put back":
            self.notes.get("putting back", set()).difference_update(map(int, ids))
        else:
            self.notes.setdefault(cast(Kind, kind), set()).update(map(int, ids))


def read_deletion(path: Path) -> Deletion | None:
    """Read a file; return None if it is gone, or ends within its first line. Raises OSError if it cannot be read."""
    reading, place, first = _Reading(), 0, b""
    try:
        for line in _lines(path):
            first = first or line
            try:
                reading.take(line, place)
            except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
                reading.broken_lines += 1
            place += len(line)
    except FileNotFoundError:
        return None
    head, notes = reading.head, reading.notes
    if head is None:
        if place == len(first) and _BEGINNING.startswith(first[: len(_BEGINNING)]):
            return None  # beantop ended while it wrote the first line
        raise OSError(errno.EINVAL, "it does not begin as a deletion does")
    if head.get("version", VERSION) != VERSION:
        raise OSError(errno.EINVAL, "a newer beantop wrote it")
    return Deletion(
        path,
        KnownServer.read(head, "server"),
        str(head.get("what", "")),
        _time(head.get("time")),
        reading.places,
        frozenset(notes.get("deleted", ())),
        frozenset(notes.get("kept", set()) | notes.get("gone", set())),
        reading.put_back,
        frozenset(
            (notes.get("putting back", set()) | notes.get("seen", set())) - reading.put_back.keys()
        ),
        frozenset(notes.get("broken", ())),
        reading.broken_lines,
        frozenset(notes.get("gone", ())),
        seen=frozenset(notes.get("seen", set()) - reading.put_back.keys()),
        edited=frozenset(notes.get("edited", ())),
        replacements=frozenset(notes.get("replacements", ())),
    )


def _lines(path: Path) -> Iterator[bytes]:
    with os.fdopen(open_ours(path, os.O_RDONLY), "rb") as file:
        yield from file


def _time(value: object) -> float:
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
