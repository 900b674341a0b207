"""A recording: the statuses of servers, poll by poll, in a file of frames (see `frames`).

Kinds of frames, with what their number and their JSON mean:

    S  A session of a recorder begins. The number is that of the servers. An object: `wall` and
       `monotonic`, the two clocks at this moment; `servers`, each with its `address` (a pair, or the
       path of a socket), `name` and `color`; `interval`, the seconds between polls.
    F  Everything about a server, numbered from 1 in the order of the session.
    N  What is new about a server since the frame before. It is compressed with the JSON of the last
       F frame of this server as the dictionary.

The JSON of F and N is an object with the fields of a `ServerStatus`. `link` is a list of the fields of
`Link`. `poll` is there if a poll succeeded since the frame before, with the fields of `Snapshot`:
`stats` has the keys of `stats` that changed, `tubes` a row for each tube that was polled (the fields
of `Tube` in order; at the end those of tuber, or null), `names` all tubes in the server's order
unless they are the same as before, `asked` the polled ones unless these are all.

All times are those of the monotonic clock of their session, but for `wall` and the times of frames.
"""

import json
import os
import weakref
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from beantop.beanstalk import Address, Stats
from beantop.monitor.frames import (
    Frame,
    FrameIndex,
    FrameWriter,
    NotFrames,
    index_of,
    packed,
    read_frame,
    unpacked,
)
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import NOTHING_SEEN, Server, Snapshot, Tube
from beantop.monitor.tuber_stats import TuberStats

FULL_EVERY = 300
"""Number of frames of a server after which a full one is written again."""

SAME_CLOCK = 1.0
"""Seconds up to which a difference between two sessions is a clock that was set, not a restart."""

_STATUS = ("polls", "pace", "stretched", "cost", "aside")
_POLL = ("wall_time", "took", "round_trip", "cpu", "left_out", "shortened")


class RecordedServer(NamedTuple):
    """A server of a session."""

    address: Address
    name: str = ""
    color: str = ""


class RecordedSession(NamedTuple):
    """What a recorder watched, and what the clocks said when it began."""

    wall: float
    """Unix time."""
    monotonic: float
    servers: tuple[RecordedServer, ...]
    interval: float = 1.0

    def as_frame(self) -> Frame:
        value = self._asdict() | {"servers": [server._asdict() for server in self.servers]}
        return Frame(self.wall, "S", len(self.servers), _json(value))

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "RecordedSession":
        servers = tuple(
            RecordedServer(_address(server["address"]), server["name"], server["color"])
            for server in value["servers"]
        )
        return cls(value["wall"], value["monotonic"], servers, value["interval"])


# Writing:


@dataclass
class _Written:
    """What a reader knows about a server by now."""

    snapshot: Snapshot = NOTHING_SEEN
    full: bytes = b""
    """The JSON of the last full frame."""
    frames_since: int = 0


class Recorder:
    """Writes the statuses of servers to a file."""

    def __init__(self, writer: FrameWriter, session: RecordedSession) -> None:
        """Begin a session. Raises `Full`, `OSError`."""
        self._writer = writer
        self._written = [_Written() for _ in session.servers]
        self.polls = 0
        """Number of polls that were written."""
        writer.append(packed(session.as_frame()))

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._writer.size

    def note(self, number: int, status: ServerStatus, wall: float) -> None:
        """Write a status of the server with this number, from 1, at this Unix time. Raises `Full`,
        `OSError`."""
        written = self._written[number - 1]
        before, now = written.snapshot, status.snapshot
        is_full = not written.full or written.frames_since >= FULL_EVERY or _shrank(before, now)
        value = _status_value(status, NOTHING_SEEN if is_full else before)
        raw = _json(value)
        frame = Frame(wall, "F" if is_full else "N", number, raw)
        self._writer.append(packed(frame, b"" if is_full else written.full))
        self.polls += now is not before
        written.snapshot = now
        written.full, written.frames_since = (
            (raw, 0) if is_full else (written.full, written.frames_since + 1)
        )

    def close(self) -> None:
        self._writer.close()


def _shrank(before: Snapshot, now: Snapshot) -> bool:
    """Return whether the server reports less than before, as another version of it may."""
    return not before.server.stats.keys() <= now.server.stats.keys()


def _status_value(status: ServerStatus, before: Snapshot) -> dict[str, Any]:
    value: dict[str, Any] = {name: getattr(status, name) for name in _STATUS}
    value |= {"link": status.link, "peer": status.peer}
    if status.snapshot is not before:
        value["poll"] = _poll_value(status.snapshot, before)
    return value


def _poll_value(now: Snapshot, before: Snapshot) -> dict[str, Any]:
    value: dict[str, Any] = {name: getattr(now, name) for name in _POLL}
    known = before.server.stats
    stats = {key: said for key, said in now.server.stats.items() if known.get(key) != said}
    value |= {"at": now.taken_at, "own": now.server.own, "stats": stats}
    names = list(now.tubes)
    if names != list(before.tubes):
        value["names"] = names
    if list(now.asked) != names:
        value["asked"] = list(now.asked)
    value["tubes"] = [
        list(tube) for name, tube in now.tubes.items() if tube is not before.tubes.get(name)
    ]
    return value


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


# Reading:


@dataclass
class ReadServer:
    """A server as far as a recording was read. Frames must be read in order."""

    address: Address
    history: History = field(default_factory=History)
    status: ServerStatus | None = None
    full: bytes = b""

    def copy(self) -> "ReadServer":
        """Return a copy that stays at this moment."""
        status = self.status.frozen() if self.status else None
        history = status.history if status else self.history.copy()
        return ReadServer(self.address, history, status, self.full)

    def read(self, frame: Frame, shift: float) -> ServerStatus:
        """Return the status in a frame. `shift` is added to the times of the monotonic clock."""
        raw = unpacked(frame.raw, b"" if frame.kind == "F" else self.full)
        if frame.kind == "F":
            self.full = raw
        value = json.loads(raw)
        before = self.status.snapshot if self.status else NOTHING_SEEN
        snapshot = before
        poll = value.get("poll")
        if poll and poll["at"] + shift != before.taken_at:  # a full frame may repeat the last poll
            snapshot = _snapshot(poll, before, shift, is_full=frame.kind == "F")
            self.history.add(snapshot, value["pace"])
        self.status = _status(self.address, value, snapshot, self.history, shift)
        return self.status


def _status(
    address: Address, value: Mapping[str, Any], snapshot: Snapshot, history: History, shift: float
) -> ServerStatus:
    state, since, reason, tries, retry_at = value["link"]
    link = Link(state, since + shift, reason, tries, retry_at + shift)
    peer = value["peer"]
    return ServerStatus(
        address,
        link,
        snapshot,
        history,
        peer=None if peer is None else _address(peer),
        **{name: value[name] for name in _STATUS},
    )


def _snapshot(
    value: Mapping[str, Any], before: Snapshot, shift: float, *, is_full: bool
) -> Snapshot:
    known = {} if is_full else before.server.stats
    stats: Stats = {**known, **value["stats"]}
    at = value["at"] + shift
    tubes = dict(before.tubes)
    for row in value["tubes"]:
        tube = _tube(row, shift)
        if tube != tubes.get(tube.name):  # else it was not polled, and has to stay the same object
            tubes[tube.name] = tube
    names = value.get("names", before.tubes)
    tubes = {name: tubes[name] for name in names}
    asked = value.get("asked", list(names))
    server = Server(at, stats, value["own"])
    return Snapshot(
        at, server=server, tubes=tubes, asked=asked, **{name: value[name] for name in _POLL}
    )


def _tube(row: Sequence[Any], shift: float) -> Tube:
    name, at, *counts, tuber_stats = row
    return Tube._make(
        (name, at + shift, *counts, TuberStats(*tuber_stats) if tuber_stats else None)
    )


def _address(value: Any) -> Address:
    return value if isinstance(value, str) else (value[0], value[1])


_WRONG = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    ArithmeticError,
)
"""What reading a frame may raise that beantop did not write."""


@contextmanager
def _reading(position: int) -> Iterator[None]:
    """Raise `NotFrames` for whatever is wrong with the frame that the block reads."""
    try:
        yield
    except NotFrames:  # which says already what is wrong
        raise
    except _WRONG as error:
        raise NotFrames(f"frame {position + 1} is not what beantop writes ({error})") from None


class Entry(NamedTuple):
    """One status of a recording."""

    status: ServerStatus
    wall: float
    """Unix time."""


class Recording:
    """A recording on the disk, up to its last whole frame."""

    def __init__(self, descriptor: int) -> None:
        """Read the file once. It is closed with this object. Raises `NotFrames`, `OSError`."""
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)
        self.index: FrameIndex = index_of(descriptor)

    def __len__(self) -> int:
        return len(self.index.offsets)

    @property
    def times(self) -> Sequence[float]:
        """The Unix time of each frame."""
        return self.index.times

    @property
    def cut(self) -> int:
        """Number of bytes after the last whole frame that can be read; 0 if the end is whole."""
        return self.index.cut

    @property
    def problem(self) -> str:
        """Why the end of the file is ignored, as a clause; "" if it is whole."""
        if not self.cut:
            return ""
        at = f"it is damaged at byte {self.index.end:,}"
        why = at if self.index.is_damaged else "the end is cut"
        return f"{why}; {self.cut:,} {'byte is' if self.cut == 1 else 'bytes are'} ignored"

    def sessions(self) -> Iterator[RecordedSession]:
        """Yield the sessions, from the first one."""
        for position, kind in enumerate(self.index.kinds):
            if kind == "S":
                yield self.session_at(position)

    def session_at(self, position: int) -> RecordedSession:
        """Return the session that begins at this position. Raises `NotFrames`."""
        with _reading(position):
            return RecordedSession.read(json.loads(unpacked(self.frame(position).raw)))

    def end_at(self, position: int) -> None:
        """Leave out the frame at this position, which cannot be read, and all after it."""
        index, kept = self.index, slice(position)
        self.index = index._replace(
            offsets=index.offsets[kept],
            times=index.times[kept],
            kinds=index.kinds[kept],
            numbers=index.numbers[kept],
        )

    def last_before(self, time: float) -> int:
        """Return the position of the last frame that is not after a Unix time; -1 for none. The clock
        may have been set back meanwhile: then it is one of these moments."""
        return bisect_right(self.index.times, time) - 1

    def frame(self, position: int) -> Frame:
        return read_frame(self._descriptor, self.index.offsets[position])

    def entries(self) -> Iterator[Entry]:
        """Yield all statuses, from the first one."""
        reader = RecordingReader(self)
        for position in range(len(self)):
            if entry := reader.read(position):
                yield entry


class RecordingReader:
    """Reads the frames of a recording in order. A copy can go on from the same moment."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.servers: dict[Address, ReadServer] = {}
        """All servers of the sessions so far."""
        self._first: RecordedSession | None = None
        self._session: RecordedSession | None = None
        self._shift = 0.0

    def copy(self) -> "RecordingReader":
        other = RecordingReader(self._recording)
        other.servers = {address: server.copy() for address, server in self.servers.items()}
        other._first, other._session, other._shift = self._first, self._session, self._shift
        return other

    def read(self, position: int) -> Entry | None:
        """Return the status in the frame at this position; None if it begins a session. Raises `NotFrames`
        if beantop did not write it."""
        frame = self._recording.frame(position)
        with _reading(position):
            if frame.kind == "S":
                self._begin(self._recording.session_at(position))
            if frame.kind not in ("F", "N") or not self._session:
                return None
            server = self.servers[self._session.servers[frame.number - 1].address]
            return Entry(server.read(frame, self._shift), frame.time)

    def _begin(self, session: RecordedSession) -> None:
        first = self._first = self._first or session
        self._session = session
        shift = (session.wall - first.wall) - (session.monotonic - first.monotonic)
        self._shift = 0.0 if abs(shift) < SAME_CLOCK else shift
        for server in session.servers:
            known = self.servers.setdefault(server.address, ReadServer(server.address))
            known.status = None
