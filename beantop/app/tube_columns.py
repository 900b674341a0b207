"""The columns of the tubes table, by the width of the window."""

from collections.abc import Callable
from functools import partial

from rich.cells import cell_len

from beantop.app.header import ROOMY
from beantop.app.lines import Piece, shorten
from beantop.app.sparks import spark
from beantop.app.tube_rows import TubeRow, name_of
from beantop.app.widgets.column import EDGE, GAP, Column
from beantop.monitor.rates import Drain
from beantop.text import UNKNOWN, compact, duration, full, per_second, shown

LEAST_NAME = 16  # cells

_SIGN_STYLES = {"!": "bad bold", "W": "bad bold", "^": "warn bold", "P": "warn bold"}
_DRAIN_WORDS = {
    "paused": "paused",
    "no workers": "no wrk",
    "nothing out": "0 out",
    "grows": "grow",
    "steady": "steady",
}


def tube_columns(width: int) -> list[Column[TubeRow]]:
    """The columns that a window of this width has room for, in their order."""
    if width >= 140:
        return _all_columns(width)
    if width >= 100:
        return _most_columns(width)
    if width >= 80:
        return _narrow_columns(width)
    if width >= 60:
        chosen = [*_counts("READY RSVD BUR", 6), *_rates(6)]
    else:
        chosen = [*_counts("READY", 6), *_counts("BUR", 5), _rates(5)[1]]
    return [SIGN, _name(width, chosen), *chosen]


def _all_columns(width: int) -> list[Column[TubeRow]]:
    chosen = [
        *_counts("READY", 9),
        *_counts("URGENT RSVD DELAY BURIED", 7),
        *_rates(7),
        _drain(8),
        _spark(30),
        *_counts("PROD", 5),
        WORKERS,
        *_counts("TOTAL DELETES", 11),
    ]
    return [SIGN, _name(width, chosen), *chosen]


def _most_columns(width: int) -> list[Column[TubeRow]]:
    chosen = [
        *_counts("READY", 9),
        *_counts("RSVD", 6),
        *_counts("DELAY BURIED", 7),
        *_rates(6),
        _drain(7),
        _spark(18 if width >= ROOMY else 8),
        WORKERS,
    ]
    return [SIGN, _name(width, chosen), *chosen]


def _narrow_columns(width: int) -> list[Column[TubeRow]]:
    chosen = [
        *_counts("READY", 6),
        *_counts("RSVD DELAY BUR", 5),
        *_rates(5),
        _drain(6),
        _spark(10),
    ]
    return [SIGN, _name(width, chosen), *chosen]


def _sign(row: TubeRow) -> Piece:
    found = row.signs
    return (f" {found[0].letter} ", _SIGN_STYLES[found[0].letter]) if found else ("", "")


SIGN: Column[TubeRow] = Column("sign", "", 3, _sign, right=False)


def _name(width: int, others: list[Column[TubeRow]]) -> Column[TubeRow]:
    taken = SIGN.width + GAP + sum(column.width + GAP for column in others)
    room = max(LEAST_NAME, width - taken - EDGE)

    def cell(row: TubeRow) -> Piece:
        name = shown(row.tube.name)
        badge = f"  PAUSED {duration(row.tube.pause_time_left)}" if row.tube.paused else ""
        if cell_len(name) + len(badge) <= room:
            return name + badge, ""
        return shorten(name, room), ""

    return Column("name", "TUBE", 0, cell, right=False, sort=name_of)


# Label of a column of counts → its key and the attribute of a tube.
_COUNTED = {
    "READY": "ready",
    "URGENT": "urgent",
    "RSVD": "reserved",
    "DELAY": "delayed",
    "BURIED": "buried",
    "BUR": "buried",
    "PROD": "using",
    "TOTAL": "total_jobs",
    "DELETES": "deletes",
}


def _counts(labels: str, width: int) -> list[Column[TubeRow]]:
    return [_count(label, _COUNTED[label], width) for label in labels.split()]


def _count(label: str, attribute: str, width: int) -> Column[TubeRow]:
    def value(row: TubeRow) -> int | None:
        count: int | None = getattr(row.tube, attribute)
        return count

    def cell(row: TubeRow) -> Piece:
        count = value(row)
        style = "dim" if not count else "bad" if attribute == "buried" else ""
        return fitting(count, width), style

    return Column(attribute, label, width, cell, sort=lambda row: _known(value(row)))


def fitting(count: int | None, width: int) -> str:
    """A count with all its digits where there is room for them, else shortened: never cut.

    >>> fitting(12408, 9), fitting(12408, 5)
    ('12,408', '12.4k')
    """
    digits = full(count)
    return digits if len(digits) <= width and width >= 6 else compact(count)


def _rates(width: int) -> list[Column[TubeRow]]:
    return [
        _rate("put", "IN/s", lambda row: row.rates.put, width),
        _rate("delete", "OUT/s", lambda row: row.rates.delete, width),
    ]


def _rate(
    key: str, label: str, value: Callable[[TubeRow], float | None], width: int
) -> Column[TubeRow]:
    def cell(row: TubeRow) -> Piece:
        rate = value(row)
        return per_second(rate), "" if rate else "dim"

    return Column(key, label, width, cell, sort=lambda row: _known(value(row)))


def _drain(width: int) -> Column[TubeRow]:
    return Column("drain", "DRAIN", width, _drain_cell, sort=lambda row: _drain_order(row.drain))


def _drain_cell(row: TubeRow) -> Piece:
    drain = row.drain
    if drain is None:
        return UNKNOWN, "dim"
    if isinstance(drain, str):
        return _DRAIN_WORDS[drain], "warn"
    return duration(drain).replace(" ", ""), ""


def _drain_order(drain: Drain) -> float:
    """From nothing to drain, over the time it takes, to what never drains."""
    if drain is None:
        return -1.0
    return float("inf") if isinstance(drain, str) else drain


def _spark(width: int) -> Column[TubeRow]:
    label = " READY, LAST 2m" if width >= 14 else " LAST 2m"
    return Column("spark", label, width + 1, partial(_spark_cell, width), right=False)


def _spark_cell(width: int, row: TubeRow) -> Piece:
    return " " + spark(row.ready_series(width)), "accent"


def _workers_cell(row: TubeRow) -> Piece:
    tube = row.tube
    return f"{full(tube.watching)}/{full(tube.waiting)}", "" if tube.watching else "dim"


WORKERS: Column[TubeRow] = Column(
    "watching", "WATCH/WAIT", 10, _workers_cell, sort=lambda row: _known(row.tube.watching)
)


def _known(value: float | None) -> float:
    """For the order: what is unknown is less than all that is known."""
    return -1.0 if value is None else value


_EVERY = _all_columns(200)  # a width that has room for all of them

ORDERS = {column.key: column.sort for column in _EVERY if column.sort}
"""What tubes can be put in order by, by the keys of columns, whether they are shown or not."""

LABELS = {column.key: column.label for column in _EVERY}
"""What those columns are called."""

LETTERS = {
    "name": "t",
    "ready": "r",
    "urgent": "u",
    "reserved": "s",
    "delayed": "d",
    "buried": "b",
    "put": "i",
    "delete": "o",
    "drain": "n",
    "using": "p",
    "watching": "w",
    "total_jobs": "l",
    "deletes": "e",
}
"""The key that sorts by a column, the same in a window of any width."""


def sortable(width: int) -> list[Column[TubeRow]]:
    """The columns at this width by which rows can be ordered."""
    return [column for column in tube_columns(width) if column.sort]
