"""What `stats` says of a server, in groups and under names that a person understands.

Every field of beanstalkd's is here; what other implementations add is shown under its own name.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from rich.cells import cell_len

from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line, cut, fitted, width_of
from beantop.formatting import (
    UNKNOWN,
    compact,
    duration,
    grouped,
    per_second,
    printable,
    short_duration,
    size,
)
from beantop.monitor.counters import counter_rate, processor_share

LABEL, VALUE, RATE = 17, 12, 8
"""Cells of the three columns of a group: `Put  1,204,331  412/s`."""

GROUP_WIDTH = LABEL + VALUE + RATE

MAX_OTHERS = 100
"""Fields of other implementations that are shown: they add a dozen, a hostile one adds thousands."""

_COMMANDS = {
    "put": "Put",
    "reserve": "Reserve",
    "reserve-with-timeout": "Reserve, a while",
    "delete": "Delete",
    "release": "Release",
    "bury": "Bury",
    "kick": "Kick",
    "touch": "Touch",
}
_LOOKING = {
    "peek": "Peek at a job",
    "peek-ready": "Peek ready",
    "peek-delayed": "Peek delayed",
    "peek-buried": "Peek buried",
    "use": "Use a tube",
    "watch": "Watch a tube",
    "ignore": "Ignore a tube",
    "pause-tube": "Pause a tube",
    "stats": "Stats",
    "stats-job": "Stats of a job",
    "stats-tube": "Stats of a tube",
    "list-tubes": "List tubes",
    "list-tube-used": "Tube used",
    "list-tubes-watched": "Tubes watched",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One number, or word, of the server."""

    label: str
    value: str
    """Safe to show."""
    rate: str = ""
    style: str = ""
    short: str = ""
    """The value where it has no room, if that is not to be cut."""

    def line(self) -> Line:
        if self.short and cell_len(self.value) > self._most:
            return replace(self, value=self.short).line()
        label = (fitted(self.label, LABEL), "dim")
        moves = "dim" if self.rate in _STILL else "accent"
        if cell_len(self.value) <= VALUE:
            value = fitted(self.value, VALUE, right=True)
            return [label, (value, self.style), (fitted(self.rate, RATE, right=True), moves)]
        value = fitted(self.value, self._most, right=bool(self.rate))
        rate = [(f" {self.rate}", moves)] if self.rate else []
        return [label, (f" {value}", self.style), *rate]

    @property
    def _most(self) -> int:
        """Cells that the value can have, if it takes some from the rate."""
        return VALUE + RATE - 1 - (cell_len(self.rate) + 1 if self.rate else 0)


_STILL = {"0/s", f"{UNKNOWN}/s"}

Group: TypeAlias = tuple[str, list[Field]]


def server_groups(view: ServerView) -> list[Group]:
    """All that is known of the server, and what our looking at it costs."""
    tell = _Teller(view)
    groups: list[Group] = [
        ("Jobs", _jobs(tell)),
        ("Work", tell.commands(_COMMANDS)),
        ("Connections", _connections(tell)),
        ("Process", _process(tell)),
        ("Binlog", _binlog(tell)),
        ("Looking and tubes", tell.commands(_LOOKING)),
        ("Limits", _limits(tell)),
        ("beantop's own polling", _polling(view)),
    ]
    if others := tell.others():
        groups.append(("Other fields", others))
    return groups


def in_columns(groups: list[Group], width: int) -> list[Line]:
    """The groups side by side, as many as fit, in their order, in columns of about one height."""
    many = max(1, min(4, (width - 1) // (GROUP_WIDTH + 1)))
    blocks = [_block(group) for group in groups]
    columns = _shared_out(blocks, many)
    return [_side_by_side(columns, y, width) for y in range(max(map(len, columns), default=0))]


class _Teller:
    """Reads fields, and remembers which were told, so that none is left out."""

    def __init__(self, view: ServerView) -> None:
        self.server = view.watched.snapshot.server
        span = view.watched.history.span_of_server
        self._span = None if view.stale else span
        self._told: set[str] = {"id"}

    def count(self, label: str, key: str, less: int = 0) -> Field:
        """A number that goes up and down, less what is ours of it."""
        value = self._value(key)
        if not isinstance(value, int):
            return Field(label, UNKNOWN)
        count = max(0, value - less) if less else value
        return Field(label, grouped(count), short=compact(count))

    def measure(self, label: str, key: str, write: Callable[[int], str]) -> Field:
        """A number with a unit."""
        value = self._value(key)
        return Field(label, write(value) if isinstance(value, int) else UNKNOWN)

    def counter(self, label: str, key: str) -> Field:
        """A number that only goes up, and how fast."""
        rate = counter_rate(*self._span, key) if self._span else None
        told = self.count(label, key)
        return replace(told, rate=f"{per_second(rate)}/s" if told.value != UNKNOWN else "")

    def word(self, label: str, key: str) -> Field:
        value = self._value(key)
        return Field(label, UNKNOWN if value is None else printable(str(value)))

    def commands(self, names: dict[str, str]) -> list[Field]:
        return [self.counter(label, f"cmd-{name}") for name, label in names.items()]

    def cpu(self) -> list[Field]:
        self._told |= {"rusage-utime", "rusage-stime"}
        share = processor_share(*self._span) if self._span else None
        now = UNKNOWN if share is None else f"{share * 100:.1f} %"
        return [
            Field("CPU now", now, style="bold"),
            Field("CPU since start", short_duration(self.server.processor_seconds)),
        ]

    def others(self) -> list[Field]:
        """Fields that no beanstalkd has, under their own names."""
        others = [key for key in self.server.stats if key not in self._told]
        fields = [self.word(printable(key), key) for key in others[:MAX_OTHERS]]
        if left := len(others) - len(fields):
            fields.append(Field("not shown", f"{grouped(left)} more"))
        return fields

    def _value(self, key: str) -> object:
        self._told.add(key)
        return self.server.stats.get(key)


def _jobs(tell: _Teller) -> list[Field]:
    states = ("ready", "reserved", "delayed", "buried")
    return [
        *(tell.count(state.title(), f"current-jobs-{state}") for state in states),
        tell.count("Urgent, of ready", "current-jobs-urgent"),
        tell.counter("Put since start", "total-jobs"),
        tell.counter("Timed out", "job-timeouts"),
        tell.count("Tubes", "current-tubes"),
    ]


def _connections(tell: _Teller) -> list[Field]:
    return [
        tell.count("Open, less ours", "current-connections", tell.server.own),
        tell.count("Producers", "current-producers"),
        tell.count("Workers", "current-workers"),
        tell.count("Waiting for a job", "current-waiting"),
        tell.counter("Opened so far", "total-connections"),
    ]


def _process(tell: _Teller) -> list[Field]:
    return [
        tell.word("Version", "version"),
        tell.measure("Up", "uptime", duration),
        *tell.cpu(),
        tell.word("Process id", "pid"),
        tell.word("Host", "hostname"),
        tell.word("System", "os"),
        tell.word("Machine", "platform"),
    ]


def _binlog(tell: _Teller) -> list[Field]:
    """Of a server without -b, all is 0."""
    return [
        tell.count("Oldest file", "binlog-oldest-index"),
        tell.count("Current file", "binlog-current-index"),
        tell.measure("Size of a file", "binlog-max-size", size),
        tell.counter("Records written", "binlog-records-written"),
        tell.counter("Records migrated", "binlog-records-migrated"),
    ]


def _limits(tell: _Teller) -> list[Field]:
    draining = tell.word("Draining", "draining")
    takes = "yes, refuses puts" if tell.server.draining else draining.value
    return [
        tell.measure("Largest job", "max-job-size", size),
        Field("Draining", takes, style="warn bold" if tell.server.draining else ""),
    ]


def _polling(view: ServerView) -> list[Field]:
    watched = view.watched
    snapshot = watched.snapshot
    every = f"{watched.pace:.1f}s, stretched" if watched.stretched else f"{view.interval:g}s"
    return [
        Field("Every", every),
        Field("Last poll took", f"{snapshot.took * 1000:.1f} ms"),
        Field("Of its time", _at_most(watched.cost)),
        Field("Round trip", f"{snapshot.round_trip * 1000:.1f} ms"),
        Field("Connections", grouped(snapshot.server.own)),
    ]


def _at_most(share: float | None) -> str:
    """A part of a whole that is at most as large as it says.

    >>> _at_most(None), _at_most(0.0003), _at_most(0.0321)
    ('–', '< 0.1 %', '≤ 3.2 %')
    """
    if share is None:
        return UNKNOWN
    return f"≤ {share * 100:.1f} %" if share >= 0.0005 else "< 0.1 %"


def _block(group: Group) -> list[Line]:
    title, fields = group
    return [[(title, "sorted bold")], *(field.line() for field in fields), []]


def _shared_out(blocks: list[list[Line]], many: int) -> list[list[Line]]:
    """The blocks in `many` columns, each as high as it needs to be for the least height in all."""
    height = max(map(len, blocks))
    while len(columns := _filled(blocks, height)) > many:
        height += 1
    return columns


def _filled(blocks: list[list[Line]], height: int) -> list[list[Line]]:
    columns: list[list[Line]] = [[]]
    for block in blocks:
        if columns[-1] and len(columns[-1]) + len(block) > height:
            columns.append([])
        columns[-1] += block
    return columns


def _side_by_side(columns: list[list[Line]], y: int, width: int) -> Line:
    line: Line = [(" ", "")]
    for column in columns:
        cell = cut(column[y], GROUP_WIDTH) if y < len(column) else []
        used = width_of(cell)
        line += [*cell, (" " * (GROUP_WIDTH - used + 1), "")]
    return cut(line, width)
