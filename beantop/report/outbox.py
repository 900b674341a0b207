"""The alerts that fire, and the facts that were not delivered yet, in memory and on disk.

A change is on the disk before anything is delivered, and a fact is removed after it was delivered. So each
fact is delivered once, whenever the program ends; only a program that is killed during a delivery makes it
again when it starts, with the same `id`.
"""

import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition, Lock
from typing import Any, NamedTuple

from beantop.jobs.lines_file import Busy
from beantop.jobs.storage import (
    describe_file_error,
    make_private,
    open_ours,
    read_regular,
    replace_file,
)
from beantop.report.facts import Fact, unix_time

MAX_PENDING = 1000
"""Facts that wait for one receiver; older ones are dropped."""

LARGEST = 2**26
"""Maximum bytes of the file."""


class Entry(NamedTuple):
    """A fact that waits for a receiver."""

    queued: float
    """Unix time."""
    fact: Fact


class Closed(Exception):
    """The program ends: nothing is delivered now."""


class Outbox:
    """Can be used from any thread. A file that cannot be written is reported, and all goes on in memory."""

    def __init__(
        self,
        directory: Path,
        receivers: Mapping[str, str],
        report: Callable[[str], object],
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Open the directory for these receivers, given as their keys and their names. `report` gets
        sentences about problems. Raises OSError; `Busy` if another program uses it."""
        make_private(directory)
        self._locked = _lock(directory / "lock")
        self._path = directory / "state.json"
        self._report, self._wall = report, wall
        self._names = receivers
        self._changed = Condition()
        self._saving = Lock()
        self._is_closed = False
        self._in_delivery = 0
        self._problem = ""
        self._heartbeats: dict[str, Fact] = {}
        state = self._load()
        self.firing: dict[str, Fact] = _firing(state.get("firing"))
        """The facts with which alerts that fire were reported, by key."""
        pending = _object(state.get("pending"))
        self._pending = {key: deque(_entries(pending.get(key))) for key in receivers}

    def note(self, fired: Mapping[str, Fact], ended: Mapping[str, Fact]) -> None:
        """Note alerts by key, to be reported to each receiver; those that ended first."""
        with self._changed:
            for key in ended:
                self.firing.pop(key, None)
            self.firing |= fired
            for receiver in self._pending:
                self._queue(receiver, [*ended.values(), *fired.values()])
        self._save()
        with self._changed:
            self._changed.notify_all()

    def note_heartbeat(self, receiver: str, fact: Fact) -> None:
        """Note a heartbeat. It is kept only until the next one, and delivered after all alerts."""
        with self._changed:
            self._heartbeats[receiver] = fact
            self._changed.notify_all()

    @property
    def pending(self) -> int:
        """Number of facts that were not delivered yet."""
        with self._changed:
            return sum(map(len, self._pending.values()))

    def firing_at(self, address: str) -> int:
        """Return the number of alerts that fire at the server with this address."""
        return sum(json.loads(key)[0] == address for key in list(self.firing))

    def next(self, receiver: str) -> Entry:
        """Wait for the next fact for a receiver. Raises `Closed`. `done` must follow."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._has_fact(receiver))
            if self._is_closed:
                raise Closed
            self._in_delivery += 1
            if queue := self._pending[receiver]:
                return queue[0]
            return Entry(self._wall(), self._heartbeats.pop(receiver))

    def done(self, receiver: str, entry: Entry, *, is_over: bool) -> None:
        """Note the end of an attempt: whether it was the last one."""
        with self._changed:
            self._in_delivery -= 1
            queue = self._pending[receiver]
            is_saved = is_over and bool(queue) and queue[0] is entry
            if is_saved:
                queue.popleft()
        if is_saved:
            self._save()
        with self._changed:
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait between attempts. Raises `Closed`."""
        with self._changed:
            if self._changed.wait_for(lambda: self._is_closed, seconds):
                raise Closed

    def close(self, seconds: float) -> None:
        """Start no delivery, and wait up to `seconds` for those that are under way."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._in_delivery, seconds)
        with suppress(OSError):
            os.close(self._locked)

    def _has_fact(self, receiver: str) -> bool:
        return bool(self._pending[receiver]) or receiver in self._heartbeats

    def _queue(self, receiver: str, facts: Sequence[Fact]) -> None:
        queue = self._pending[receiver]
        queue.extend(Entry(self._wall(), fact) for fact in facts)
        if dropped := max(0, len(queue) - MAX_PENDING):
            for _ in range(dropped):
                queue.popleft()
            name = self._names[receiver]
            self._report(f"more than {MAX_PENDING:,} alerts wait for {name}: {dropped} dropped")

    def _load(self) -> Mapping[str, Any]:
        state: Mapping[str, Any] = {}
        try:
            state = _object(json.loads(read_regular(self._path, LARGEST)))
            is_whole = _is_whole(state)
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError):
            is_whole = False
        if not is_whole:
            self._report(f"{self._path} is damaged: alerts that fired before may be reported again")
        return state

    def _save(self) -> None:
        with self._saving:  # the newest state last
            with self._changed:
                data = json.dumps({"firing": self.firing, "pending": self._listed()})
            try:
                replace_file(self._path, f"{data}\n".encode())
            except OSError as error:
                self._note_problem(f"cannot write {self._path}: {describe_file_error(error)}")
            else:
                self._problem = ""

    def _listed(self) -> dict[str, list[Entry]]:
        return {key: list(queue) for key, queue in self._pending.items() if queue}

    def _note_problem(self, sentence: str) -> None:
        if sentence != self._problem:
            self._report(sentence)
        self._problem = sentence


def _lock(path: Path) -> int:
    descriptor = open_ours(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Busy("another beantop alert uses it; name another one with --state") from None
    return descriptor


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_whole(state: Mapping[str, Any]) -> bool:
    """Return whether all that a file says is understood."""
    firing, pending = state.get("firing"), state.get("pending")
    return (
        isinstance(firing, dict)
        and len(_firing(firing)) == len(firing)
        and isinstance(pending, dict)
        and all(isinstance(queue, list) for queue in pending.values())
        and all(len(_entries(queue)) == len(queue) for queue in pending.values())
    )


def _firing(value: object) -> dict[str, Fact]:
    """Return the alerts of a file; what is none is left out."""
    return {key: fact for key, fact in _object(value).items() if _is_alert(key, fact)}


def _is_alert(key: str, fact: object) -> bool:
    try:
        _, rule, tube = json.loads(key)
        members = _object(fact)
        unix_time(members.get("since"))
    except (ValueError, TypeError, RecursionError):
        return False
    is_keyed = isinstance(rule, str) and isinstance(tube, str | None)
    has_all = {"server", "tube", "rule"} <= members.keys()
    return is_keyed and has_all and isinstance(members.get("values"), dict)


def _entries(value: object) -> list[Entry]:
    """Return the entries of a file; what is none is left out."""
    entries = value if isinstance(value, list) else []
    return [
        Entry(float(entry[0]), entry[1])
        for entry in entries
        if isinstance(entry, list)
        and len(entry) == 2
        and isinstance(entry[0], int | float)
        and isinstance(entry[1], dict)
    ]
