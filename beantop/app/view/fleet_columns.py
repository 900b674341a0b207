"""The columns of two tables: the servers, and the tubes of all servers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter, methodcaller
from typing import Protocol, TypeVar

from beantop.app.session.server_view import ServerView
from beantop.app.view.cells import (
    MIN_NAME,
    SIGN_STYLES,
    count_column,
    fitting,
    known,
    number_column,
    room_beside,
    sign_column,
)
from beantop.app.view.column import GAP, Column
from beantop.app.view.header import ROOMY, WIDE
from beantop.app.view.lines import Piece, shorten, shorten_end
from beantop.app.view.reasons import Reason, reason_cell
from beantop.app.view.sparks import spark
from beantop.formatting import UNKNOWN, duration, printable
from beantop.monitor.counters import processor_share
from beantop.monitor.fleet import FleetTube, Totals
from beantop.monitor.rates import UNKNOWN as NO_RATES
from beantop.monitor.rates import Rates


class Counted(Protocol):
    """A row with counts and rates."""

    @property
    def fresh(self) -> bool: ...
    @property
    def rates(self) -> Rates: ...
    def count(self, attribute: str) -> int | None: ...


CountedRow = TypeVar("CountedRow", bound=Counted)


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server, or all servers together if `view` is None."""

    totals: Totals
    view: ServerView | None

    @property
    def number(self) -> int:
        """The number of the server, from 1; 0 for all servers."""
        return self.view.number if self.view else 0

    @property
    def fresh(self) -> bool:
        if self.view:
            return self.view.fresh
        return self.totals.fresh > 0

    def count(self, attribute: str) -> int | None:
        """Return the last known count of the server, or the sum over all servers."""
        source = self.view.watched.snapshot.server if self.view else self.totals
        value: int | None = getattr(source, attribute)
        return value

    @property
    def tubes(self) -> int | None:
        if not self.view:
            return self.totals.tubes
        return len(self.view.watched.snapshot.tubes) if self.view.watched.seen else None

    @property
    def rates(self) -> Rates:
        if not self.fresh:
            return NO_RATES
        return self.view.watched.history.server_rates() if self.view else self.totals.rates

    @property
    def cpu(self) -> float | None:
        """CPU time of the server as a fraction of one processor."""
        span = self.view.watched.history.span_of_server if self.view and self.fresh else None
        return processor_share(*span) if span else None


def server_key(row: ServerRow) -> str:
    return str(row.number)


def server_columns(width: int) -> list[Column[ServerRow]]:
    """Return the columns that fit in a window of this width."""
    columns: list[Column[ServerRow]] = [
        _LINK,
        _name(20 if width >= WIDE else 18),
        _count("ready", "READY", 8),
    ]
    if width >= ROOMY:
        columns += [_count("reserved", "RSVD", 6), _count("delayed", "DELAY", 6)]
    columns.append(_count("buried", "BURIED", 6))
    if width >= 70:
        columns += [_rate("put", "IN/s"), _rate("delete", "OUT/s")]
    if width >= WIDE:
        columns += [_TUBES, _CPU]
    if width >= 140:
        columns += [_count("connections", "CONNS", 5), _version(9)]
    elif width >= ROOMY:
        columns.append(_version(5))
    since = Column(
        "since", "READY 2m log, SINCE", 0, partial(_since, 10 if width >= ROOMY else 5), right=False
    )
    return [*columns, _MODE, since]


def _count(key: str, label: str, width: int) -> Column[CountedRow]:
    return count_column(key, label, width, methodcaller("count", key), attrgetter("fresh"))


def _rate(key: str, label: str) -> Column[CountedRow]:
    return number_column(key, label, 6, attrgetter(f"rates.{key}"))


def _name(width: int) -> Column[ServerRow]:
    def cell(row: ServerRow) -> Piece:
        if row.view is None:
            return f"all {row.totals.servers} servers", "bold"
        known = row.view.known
        color = f"color-{known.color}" if known.color else ""
        title = f"{row.number} {printable(known.title)}"
        return shorten(title, width), f"{color} bold".strip()

    return Column("name", "SERVER", width, cell, right=False, sort=lambda row: row.number)


def _link(row: ServerRow) -> Piece:
    if row.view is None:
        return "", ""
    sign = row.view.watched.link.sign
    return f" {sign}", SIGN_STYLES[sign]


def _version(width: int) -> Column[ServerRow]:
    def cell(row: ServerRow) -> Piece:
        version = row.view.watched.snapshot.server.version if row.view else ""
        return shorten_end(printable(UNKNOWN if version is None else version), width), "dim"

    return Column("version", "VERSION" if width >= 7 else "VER", width, cell, right=False)


def _cpu(row: ServerRow) -> Piece:
    if row.view is None:
        return "", ""
    return UNKNOWN if row.cpu is None else f"{row.cpu * 100:.0f}%", "" if row.cpu else "dim"


def _mode(row: ServerRow) -> Piece:
    if row.view is None:
        return "", ""
    mode = "RO" if row.view.readonly else "RW"
    return (f"{mode} PROD", "bad bold") if row.view.production else (mode, "dim")


def _since(cells: int, row: ServerRow) -> Piece:
    """Return the ready jobs of the last 2 minutes and the uptime, or why there are no current data
    and since when."""
    if row.view is None:
        fresh, total = row.totals.fresh, row.totals.servers
        return (f"{fresh} of {total} counted" if fresh < total else ""), "warn"
    watched, now = row.view.watched, row.view.now
    if watched.link.state == "connecting":
        return f"connecting for {duration(now - watched.link.since)}", "dim"
    if watched.link.state == "down":
        reason = printable(watched.link.reason)
        return f"{duration(now - watched.link.since)}: {reason}", "warn"
    if row.view.frozen_at is not None:
        return f"frozen for {duration(now - row.view.frozen_at)}", "warn"
    if row.view.stale:
        return f"no answer for {duration(row.view.age)}", "warn"
    server = watched.snapshot.server
    drain = "  DRAIN" if server.draining else ""
    trend = spark(watched.history.server.ready.last(cells, watched.snapshot.taken_at))
    return f"{trend}  up {duration(server.uptime)}{drain}", "warn" if drain else "accent"


_LINK: Column[ServerRow] = Column("link", "", 2, _link, right=False)
_TUBES: Column[ServerRow] = Column(
    "tubes",
    "TUBES",
    6,
    lambda row: (fitting(row.tubes, 6), "" if row.fresh else "dim"),
    sort=lambda row: known(row.tubes),
)
_CPU: Column[ServerRow] = Column("cpu", "CPU", 4, _cpu, sort=lambda row: known(row.cpu))
_MODE: Column[ServerRow] = Column("mode", "MODE", 7, _mode, right=False)

SERVER_LETTERS = {
    "name": "n", "ready": "r", "reserved": "s", "delayed": "d", "buried": "b", "put": "i",
    "delete": "o", "tubes": "t", "connections": "c", "cpu": "p",
}  # fmt: skip
"""The key that chooses each column in a dialog."""


# The tubes of all servers:


def fleet_tube_key(row: FleetTube) -> str:
    return " ".join([row.name, *(str(part.number) for part in row.parts)])


def fleet_tube_columns(width: int, title_of: Callable[[int], str]) -> list[Column[FleetTube]]:
    """Return the columns that fit; `title_of` gives the printable title of a server by its number."""

    def server(row: FleetTube) -> Piece:
        if len(row.parts) > 1:
            return f"{len(row.parts)} servers", "accent"
        return shorten(title_of(row.parts[0].number), titles), "" if row.fresh else "dim"

    def trend(row: FleetTube) -> Piece:
        return " " + spark(row.ready_series(18)), "accent"

    titles = 20 if width >= ROOMY else 14
    columns: list[Column[FleetTube]] = [Column("server", "SERVER", titles, server, right=False)]
    columns.append(_count("ready", "READY", 7))
    if width < 70 or width >= WIDE:
        columns.append(_count("buried", "BURIED", 6))
    if width >= ROOMY:
        columns += [_rate("put", "IN/s"), _rate("delete", "OUT/s")]
    if width >= 140:
        columns += [_count("reserved", "RSVD", 6), _count("delayed", "DELAY", 6)]
    if width >= 180:
        columns += [_count("watching", "WATCH", 5)]
        columns.append(Column("spark", " READY 2m, log", 19, trend, right=False))
    room = room_beside([_TUBE_SIGN, *columns], width)
    if width < 70:
        return [_TUBE_SIGN, _tube_name(room), *columns]
    name = max(MIN_NAME, width // 10 + 12)
    reason = _fleet_reason(room - name - GAP)
    return [_TUBE_SIGN, _tube_name(name), *columns, reason]


def _fleet_reason(width: int) -> Column[FleetTube]:
    def cell(row: FleetTube) -> Piece:
        return f" {reason_cell(fleet_reasons(row), width - 1)}", "warn"

    return Column("reason", " REASON", width, cell, right=False)


def fleet_reasons(row: FleetTube) -> list[Reason]:
    """Return what is wrong with a tube; among several servers, with the number of each."""
    several = len(row.parts) > 1
    return [
        Reason(condition, f"{part.number}: " if several else "")
        for part, condition in row.conditions
    ]


def _letters(row: FleetTube) -> str:
    return "".join(dict.fromkeys(condition.code for _, condition in row.conditions))


_TUBE_SIGN: Column[FleetTube] = sign_column(_letters, attrgetter("severity"))


def _tube_name(room: int) -> Column[FleetTube]:
    return Column(
        "name",
        "TUBE",
        room,
        lambda row: (shorten(printable(row.name), room), ""),
        right=False,
        sort=lambda row: row.name,
    )


FLEET_TUBE_LETTERS = {
    "sign": "!", "name": "t", "ready": "r", "reserved": "s", "delayed": "d", "buried": "b",
    "put": "i", "delete": "o", "watching": "w",
}  # fmt: skip
"""The key that chooses each column in a dialog."""
