"""All fields of the `stats` reply, in groups, under the names that protocol.txt gives them.

The prefixes `cmd-`, `current-jobs-`, `current-` and `binlog-` are dropped, since the group says as
much. Fields that only other implementations have are shown unchanged, in a group of their own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from rich.cells import cell_len

from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line, cut, fitted, width_of
from beantop.app.view.words import Words
from beantop.formatting import (
    UNKNOWN,
    compact,
    duration,
    grouped,
    per_second,
    printable,
    size,
)
from beantop.monitor.counters import counter_rate, processor_share

LABEL, VALUE, RATE = 17, 12, 8
"""Cells of the three columns of a group: `put  1,204,331  412/s`."""

MAX_LABEL = 20
"""Cells of the longest label, `reserve-with-timeout`; a long label takes cells from the value."""

GROUP_WIDTH = LABEL + VALUE + RATE

MAX_OTHERS = 100
"""Limit on the unknown fields shown: real servers add a dozen, a hostile one adds thousands."""

_JOB_COMMANDS = (
    "put",
    "reserve",
    "reserve-with-timeout",
    "delete",
    "release",
    "bury",
    "kick",
    "touch",
)
_OTHER_COMMANDS = (
    "peek",
    "peek-ready",
    "peek-delayed",
    "peek-buried",
    "use",
    "watch",
    "ignore",
    "pause-tube",
    "stats",
    "stats-job",
    "stats-tube",
    "list-tubes",
    "list-tube-used",
    "list-tubes-watched",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One number or word of the server."""

    label: str
    value: str
    """Printable text."""
    rate: str = ""
    style: str = ""
    short: str = ""
    """The value to show instead where the full one would be cut."""

    def line(self) -> Line:
        if self.short and cell_len(self.value) > self._max_value:
            return replace(self, value=self.short).line()
        label_width = self._label_width
        label = (fitted(self.label, label_width), "dim")
        rate_style = "dim" if self.rate in _NO_CHANGE else "accent"
        value_width = LABEL + VALUE - label_width
        gap = int(label_width > LABEL)
        if cell_len(self.value) <= value_width - gap:
            value = fitted(self.value, value_width, right=True)
            return [label, (value, self.style), (fitted(self.rate, RATE, right=True), rate_style)]
        value = fitted(self.value, self._max_value, right=bool(self.rate))
        rate = [(f" {self.rate}", rate_style)] if self.rate else []
        return [label, (f" {value}", self.style), *rate]

    @property
    def _label_width(self) -> int:
        return max(LABEL, min(cell_len(self.label), MAX_LABEL))

    @property
    def _max_value(self) -> int:
        """Cells that the value can take, including those that the rate leaves free."""
        rate = cell_len(self.rate) + 1 if self.rate else 0
        return GROUP_WIDTH - self._label_width - 1 - rate


_NO_CHANGE = {"0/s", f"{UNKNOWN}/s"}

Group: TypeAlias = tuple[str, list[Field]]


def server_groups(view: ServerView) -> list[Group]:
    """Return all that is known about the server, and what polling it costs."""
    stats = _StatsReader(view)
    groups: list[Group] = [
        ("Jobs", _jobs(stats)),
        ("Job commands", stats.commands(_JOB_COMMANDS)),
        ("Connections", _connections(stats)),
        ("Process", _process(stats)),
        ("Binlog", _binlog(stats)),
        ("Other commands", stats.commands(_OTHER_COMMANDS)),
        ("Limits", _limits(stats)),
        ("beantop's polling", _polling(view)),
    ]
    if others := stats.others():
        groups.append(("Other fields", others))
    return groups


def matching(groups: Iterable[Group], words: Words) -> list[Group]:
    """Return the groups with the fields whose name or value matches; a group that matches is whole."""
    found = []
    for title, fields in groups:
        kept = [field for field in fields if words.match(title, field.label, field.value)]
        if kept:
            found.append((title, kept))
    return found


def in_columns(groups: list[Group], width: int) -> list[Line]:
    """Lay out the groups, in their order, in as many columns of similar height as fit."""
    max_columns = max(1, min(4, (width - 1) // (GROUP_WIDTH + 1)))
    blocks = [_block(group) for group in groups]
    columns = _balanced(blocks, max_columns)
    return [_side_by_side(columns, y, width) for y in range(max(map(len, columns), default=0))]


class _StatsReader:
    """Reads fields of `stats` and remembers which were read, so that none is left out."""

    def __init__(self, view: ServerView) -> None:
        self.server = view.watched.snapshot.server
        span = view.watched.history.span_of_server
        self._span = None if view.stale else span
        self._read: set[str] = {"id"}

    def count(self, label: str, key: str, own: int = 0) -> Field:
        """Return a number that goes up and down, minus the part that is beantop's own."""
        value = self._value(key)
        if not isinstance(value, int):
            return Field(label, UNKNOWN)
        count = max(0, value - own) if own else value
        return Field(label, grouped(count), short=compact(count))

    def measure(self, label: str, key: str, write: Callable[[int], str]) -> Field:
        """Return a number with its unit."""
        value = self._value(key)
        return Field(label, write(value) if isinstance(value, int) else UNKNOWN)

    def counter(self, label: str, key: str) -> Field:
        """Return a number that only goes up, with its rate."""
        rate = counter_rate(*self._span, key) if self._span else None
        field = self.count(label, key)
        return replace(field, rate=f"{per_second(rate)}/s" if field.value != UNKNOWN else "")

    def word(self, label: str, key: str) -> Field:
        value = self._value(key)
        return Field(label, UNKNOWN if value is None else printable(str(value)))

    def commands(self, names: tuple[str, ...]) -> list[Field]:
        return [self.counter(name, f"cmd-{name}") for name in names]

    def cpu(self) -> list[Field]:
        self._read |= {"rusage-utime", "rusage-stime"}
        share = processor_share(*self._span) if self._span else None
        now = UNKNOWN if share is None else f"{share * 100:.1f}%"
        return [
            Field("CPU now", now, style="bold"),
            Field("CPU since start", duration(self.server.processor_seconds)),
        ]

    def others(self) -> list[Field]:
        """Return the fields that beanstalkd does not have, under their own names."""
        others = [key for key in self.server.stats if key not in self._read]
        fields = [self.word(printable(key), key) for key in others[:MAX_OTHERS]]
        if left := len(others) - len(fields):
            fields.append(Field("not shown", f"{grouped(left)} more"))
        return fields

    def _value(self, key: str) -> object:
        self._read.add(key)
        return self.server.stats.get(key)


def _jobs(stats: _StatsReader) -> list[Field]:
    states = ("ready", "reserved", "delayed", "buried", "urgent")
    return [
        *(stats.count(state, f"current-jobs-{state}") for state in states),
        stats.counter("total-jobs", "total-jobs"),
        stats.counter("job-timeouts", "job-timeouts"),
        stats.count("tubes", "current-tubes"),
    ]


def _connections(stats: _StatsReader) -> list[Field]:
    return [
        stats.count("without beantop", "current-connections", stats.server.own),
        stats.count("producers", "current-producers"),
        stats.count("workers", "current-workers"),
        stats.count("waiting", "current-waiting"),
        stats.counter("total-connections", "total-connections"),
    ]


def _process(stats: _StatsReader) -> list[Field]:
    return [
        stats.word("version", "version"),
        stats.measure("uptime", "uptime", duration),
        *stats.cpu(),
        stats.word("pid", "pid"),
        stats.word("hostname", "hostname"),
        stats.word("os", "os"),
        stats.word("platform", "platform"),
    ]


def _binlog(stats: _StatsReader) -> list[Field]:
    """Fields of the binlog; all are 0 on a server that was started without -b."""
    return [
        stats.count("oldest-index", "binlog-oldest-index"),
        stats.count("current-index", "binlog-current-index"),
        stats.measure("max-size", "binlog-max-size", size),
        stats.counter("records-written", "binlog-records-written"),
        stats.counter("records-migrated", "binlog-records-migrated"),
    ]


def _limits(stats: _StatsReader) -> list[Field]:
    draining = stats.word("draining", "draining")
    value = "yes, refuses puts" if stats.server.draining else draining.value
    return [
        stats.measure("max-job-size", "max-job-size", size),
        Field("draining", value, style="warn bold" if stats.server.draining else ""),
    ]


def _polling(view: ServerView) -> list[Field]:
    watched = view.watched
    snapshot = watched.snapshot
    interval = f"{watched.pace:.1f}s, stretched" if watched.stretched else f"{view.interval:g}s"
    return [
        Field("interval", interval),
        Field("last poll", f"{snapshot.took * 1000:.1f} ms"),
        Field("server time used", _at_most(watched.cost)),
        Field("round trip", f"{snapshot.round_trip * 1000:.1f} ms"),
        Field("connections", grouped(snapshot.server.own)),
    ]


def _at_most(share: float | None) -> str:
    """Return a share as an upper limit in percent.

    >>> _at_most(None), _at_most(0.0003), _at_most(0.0321)
    ('–', '< 0.1%', '≤ 3.2%')
    """
    if share is None:
        return UNKNOWN
    return f"≤ {share:.1%}" if share >= 0.0005 else "< 0.1%"


def _block(group: Group) -> list[Line]:
    title, fields = group
    return [[(title, "sorted bold")], *(field.line() for field in fields), []]


def _balanced(blocks: list[list[Line]], max_columns: int) -> list[list[Line]]:
    """Put the blocks in at most `max_columns` columns, with the smallest possible height."""
    height = max(map(len, blocks))
    while len(columns := _filled(blocks, height)) > max_columns:
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
