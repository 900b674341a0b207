"""The columns of the tubes table: those the user chose, or the default for the window's width."""

from collections.abc import Callable, Collection
from functools import cache, partial
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len

from beantop.app.view.cells import (
    MIN_NAME,
    count_column,
    known,
    number_column,
    pair,
    room_beside,
    sign_column,
    signed,
)
from beantop.app.view.column import EDGE, GAP, Column
from beantop.app.view.lines import Piece, shorten
from beantop.app.view.reasons import reason_cell, reasons_of
from beantop.app.view.sparks import spark
from beantop.app.view.tube_bar import state_bar
from beantop.app.view.tube_rows import TubeRow, name_of
from beantop.config import Settings
from beantop.did_you_mean import nearest
from beantop.formatting import UNKNOWN, duration, per_second, printable, short_duration
from beantop.monitor.job_percentiles import TIMES, Seconds, percentile_words
from beantop.monitor.rates import Drain
from beantop.monitor.sampled import Age

Make: TypeAlias = Callable[[int], Column[TubeRow]]
"""Creates a column of the given width in cells."""


class ColumnSpec(NamedTuple):
    """A column that can be chosen, with its width in windows of each size."""

    letter: str
    """The key that sorts by it and that chooses it; it does not depend on the window."""
    make: Make
    widths: tuple[int, int, int, int, int]
    """Cells in windows of at least these widths: 140, 100, 80, 60, less."""
    meaning: str


def _counts(attribute: str, label: str, short: str = "") -> Make:
    count: Callable[[TubeRow], int | None] = attrgetter(f"tube.{attribute}")
    return lambda width: count_column(
        attribute, label if len(label) <= width else short, width, count
    )


def _numbers(
    key: str, label: str, attribute: str, text: Callable[[float | None], str] = per_second
) -> Make:
    number: Callable[[TubeRow], float | None] = attrgetter(attribute)
    return lambda width: number_column(key, label, width, number, text)


def _times(key: str, label: str, attribute: str) -> Make:
    seconds: Callable[[TubeRow], float | None] = attrgetter(attribute)
    return lambda width: number_column(
        key, label, width, seconds, partial(short_duration, cells=width)
    )


def _drain(width: int) -> Column[TubeRow]:
    return Column(
        "drain",
        "DRAIN",
        width,
        partial(_drain_cell, width),
        sort=lambda row: _drain_order(row.drain),
    )


def _spark(width: int) -> Column[TubeRow]:
    label = " READY 2m, log" if width >= 14 else " 2m, log"
    return Column("spark", label, width + 1, partial(_spark_cell, width), right=False)


def _reason(width: int) -> Column[TubeRow]:
    def cell(row: TubeRow) -> Piece:
        return f" {reason_cell(reasons_of(row.conditions), width - 1)}", "warn"

    return Column("reason", " REASON", width, cell, right=False)


def _states(width: int) -> Column[TubeRow]:
    def cell(row: TubeRow) -> Piece:
        return " " + state_bar(row.tube, row.largest(), width), "accent"

    return Column("states", " STATES", width + 1, cell, right=False)


def _age(key: str, label: str, field: str) -> Make:
    """Create a column of ages of first jobs, which are sampled: dim if the job may be gone by now."""

    def age(row: TubeRow) -> Age | None:
        return row.history.oldest(row.tube, field)

    def cell(row: TubeRow, width: int) -> Piece:
        found = age(row)
        text = short_duration(found.seconds if found else None, width)
        return text, "" if found and found.is_fresh else "dim"

    def order(row: TubeRow) -> float:
        return known(found.seconds if (found := age(row)) else None)

    return lambda width: Column(key, label, width, partial(cell, width=width), sort=order)


def _percentile(label: str, field: str) -> Make:
    """Create a column of how long jobs take, by the name of the field in rules."""

    def value(row: TubeRow) -> Seconds | None:
        return row.history.sampled.percentile(row.tube, field)

    def cell(row: TubeRow) -> Piece:
        seconds = value(row)
        text = UNKNOWN if seconds is None else percentile_words(seconds)
        return text, "" if text[0].isdigit() else "dim"

    return lambda width: Column(field, label, width, cell, sort=lambda row: known(value(row)))


def _workers(width: int) -> Column[TubeRow]:
    label = "WATCH/WAIT" if width >= 10 else "WTCH/WT"
    return Column(
        "watching",
        label,
        width,
        partial(_workers_cell, width),
        sort=lambda row: known(row.tube.watching),
    )


REASON = 24
"""Cells of the reason at least; it takes all that the name leaves."""

COLUMNS: dict[str, ColumnSpec] = {
    "ready": ColumnSpec("r", _counts("ready", "READY"), (9, 9, 6, 6, 6), "jobs that wait for a worker"),
    "urgent": ColumnSpec("u", _counts("urgent", "URGENT", "URG"), (7, 6, 5, 5, 5), "ready jobs with priority < 1024"),
    "reserved": ColumnSpec("s", _counts("reserved", "RSVD"), (7, 6, 5, 6, 5), "jobs reserved by workers"),
    "delayed": ColumnSpec("d", _counts("delayed", "DELAY"), (7, 7, 5, 5, 5), "jobs that become ready later"),
    "buried": ColumnSpec("b", _counts("buried", "BURIED", "BUR"), (7, 7, 5, 6, 5), "jobs set aside until kicked"),
    "put": ColumnSpec("i", _numbers("put", "IN/s", "rates.put"), (7, 6, 5, 6, 5), "jobs put per second"),
    "delete": ColumnSpec("o", _numbers("delete", "OUT/s", "rates.delete"), (7, 6, 5, 6, 5), "jobs deleted per second"),
    "net": ColumnSpec("g", _numbers("net", "NET/s", "rates.net", signed), (7, 6, 6, 6, 6), "jobs put minus deleted, per second"),
    "drain": ColumnSpec("n", _drain, (8, 7, 6, 6, 6), "time until nothing is ready"),
    "wait": ColumnSpec("a", _times("wait", "~WAIT", "wait"), (7, 7, 6, 6, 6), "estimate: how long a job waits"),
    "work": ColumnSpec("m", _times("work", "~WORK", "work"), (7, 7, 6, 6, 6), "estimate: how long a worker takes"),
    "wait-p50": ColumnSpec("1", _percentile("WAIT p50", "wait-p50"), (8, 8, 8, 8, 8), "measured: half of the jobs wait less"),
    "wait-p95": ColumnSpec("2", _percentile("WAIT p95", "wait-p95"), (8, 8, 8, 8, 8), "measured: 95% of the jobs wait less"),
    "work-p50": ColumnSpec("3", _percentile("WORK p50", "work-p50"), (8, 8, 8, 8, 8), "measured: time of work, 50% take less"),
    "work-p95": ColumnSpec("4", _percentile("WORK p95", "work-p95"), (8, 8, 8, 8, 8), "measured: time of work, 95% take less"),
    "turnaround-p50": ColumnSpec("5", _percentile("TURN p50", "turnaround-p50"), (8, 8, 8, 8, 8), "measured: put until gone, 50% take less"),
    "turnaround-p95": ColumnSpec("6", _percentile("TURN p95", "turnaround-p95"), (8, 8, 8, 8, 8), "measured: put until gone, 95% take less"),
    "head_age": ColumnSpec("f", _age("head_age", "HEAD", "oldest-ready"), (7, 7, 6, 6, 6), "age of the next ready job (by peeking)"),
    "oldest": ColumnSpec("z", _age("oldest", "OLDEST", "oldest"), (7, 7, 6, 6, 6), "age of the oldest ready or buried job"),
    "spark": ColumnSpec("h", _spark, (18, 10, 10, 10, 10), "ready jobs, last 2 minutes (log scale)"),
    "states": ColumnSpec("x", _states, (16, 12, 10, 10, 10), "the states as bars, on one scale"),
    "using": ColumnSpec("p", _counts("using", "PROD"), (5, 5, 5, 5, 5), "connections that use it"),
    "watching": ColumnSpec("w", _workers, (10, 10, 8, 8, 8), "connections watching / waiting"),
    "total_jobs": ColumnSpec("l", _counts("total_jobs", "TOTAL"), (11, 9, 7, 7, 7), "jobs put so far"),
    "deletes": ColumnSpec("e", _counts("deletes", "DELETES", "DEL"), (11, 9, 7, 7, 7), "jobs deleted so far"),
    "reason": ColumnSpec("y", _reason, (REASON, REASON, REASON, REASON, REASON), "what is wrong, since when, how fast"),
}  # fmt: skip
"""All columns except sign and name, in their order on the screen."""

AGE_COLUMNS = frozenset({"head_age", "oldest"})
"""Columns for which the first jobs of tubes are sampled."""

TIME_COLUMNS = TIMES.keys()
"""Columns for which jobs are followed until they are gone."""

_MIN_WIDTHS = (140, 100, 80, 60, 0)

MIN_WIDTH_FOR_REASONS = 60
"""Width of the smallest window that has the reason among its default columns."""

_NARROW = ("ready", "buried", "delete")
"""The default columns of smaller windows."""

_BY_IMPORTANCE = (
    "ready", "buried", "put", "delete", "reserved", "spark", "watching", "delayed", "drain",
    "using", "urgent", "total_jobs", "deletes",
)  # fmt: skip
"""The default columns beside the reason, as many as there is room for: the first ones first."""


@cache
def usual_columns(width: int) -> tuple[str, ...]:
    """Return the keys of the default columns for a window of this width.

    >>> usual_columns(50), usual_columns(80)
    (('ready', 'buried', 'delete'), ('ready', 'buried', 'put', 'delete', 'reason'))
    """
    if width < MIN_WIDTH_FOR_REASONS:
        return _NARROW
    left = width - EDGE - SIGN.width - GAP - _usual_name(width) - GAP - _usual_reason(width)
    chosen = {"reason"}
    for key in _BY_IMPORTANCE:
        left -= COLUMNS[key].make(COLUMNS[key].widths[_size(width)]).width + GAP
        if left < 0:
            break
        chosen.add(key)
    return tuple(key for key in COLUMNS if key in chosen)


def _usual_name(width: int) -> int:
    """Return the cells of the name beside a reason."""
    return max(MIN_NAME, width // 10 + 12)


def _usual_reason(width: int) -> int:
    """Return the cells that default columns leave for the reason at least."""
    return max(REASON, width // 4 + 6)


def tube_columns(width: int, chosen: Collection[str] = ()) -> list[Column[TubeRow]]:
    """Return the chosen or, if none, the default columns for a window of this width, in order."""
    keys = [key for key in COLUMNS if key in (chosen or usual_columns(width))]
    size = _size(width)
    columns = [COLUMNS[key].make(COLUMNS[key].widths[size]) for key in keys]
    room = room_beside([SIGN, *columns], width)
    if "reason" in keys:
        name = min(room, _usual_name(width))
        columns[keys.index("reason")] = _reason(REASON + room - name)
        room = name
    return [SIGN, _name(room, with_badges="reason" not in keys), *columns]


def check_columns(settings: Settings) -> None:
    """Check that the configuration names existing columns. Raises `ConfigError`."""
    for key in settings.columns:
        if key not in COLUMNS:
            hint = nearest(key, dict.fromkeys(COLUMNS))
            raise settings.source.mistake(f"there is no column {key}{hint}", "columns")


def _size(width: int) -> int:
    return next(size for size, minimum in enumerate(_MIN_WIDTHS) if width >= minimum)


# The sign and the name:


def _letters(row: TubeRow) -> str:
    return "".join(sign.code for sign in row.conditions)


def _severity(row: TubeRow) -> float:
    return row.history.severity(row.tube)


SIGN: Column[TubeRow] = sign_column(_letters, _severity)


def _name(room: int, *, with_badges: bool) -> Column[TubeRow]:
    """Return the column of names. With badges, a name says whether the tube is paused or gone."""

    def cell(row: TubeRow) -> Piece:
        name = printable(row.tube.name)
        shows_pause = with_badges and row.tube.paused
        badge = f"  PAUSED {duration(row.tube.pause_time_left)}" if shows_pause else ""
        if row.history.lifetimes.has_gone(row.tube.name):
            return shorten(f"{name}  gone" if with_badges else name, room), "dim"
        if row.lag:
            badge += f"  {duration(row.lag)} old"
        if cell_len(name) + len(badge) <= room:
            return name + badge, ""
        return shorten(name, room), ""

    return Column("name", "TUBE", room, cell, right=False, sort=name_of)


# The cells:


_DRAIN_WORDS = {
    "paused": "paused",
    "no workers": "no wrk",
    "nothing out": "0 out",
    "grows": "grow",
    "steady": "steady",
}


def _drain_cell(width: int, row: TubeRow) -> Piece:
    drain = row.drain
    if isinstance(drain, str):
        return _DRAIN_WORDS[drain], "" if drain == "steady" else "warn"
    return short_duration(drain, width), "dim" if drain is None else ""


def _drain_order(drain: Drain) -> float:
    """Return a sort key: unknown drain times first, then by time, then tubes that never drain."""
    if drain is None:
        return -1.0
    return float("inf") if isinstance(drain, str) else drain


def _spark_cell(width: int, row: TubeRow) -> Piece:
    return " " + spark(row.ready_series(width)), "accent"


def _workers_cell(width: int, row: TubeRow) -> Piece:
    tube = row.tube
    return pair(tube.watching, tube.waiting, width), "" if tube.watching else "dim"


_ALL_COLUMNS = tube_columns(_MIN_WIDTHS[0], tuple(COLUMNS))

ORDERS = {column.key: column.sort for column in _ALL_COLUMNS if column.sort}
"""Sort keys of tubes by the keys of columns, whether these are shown or not."""

LABELS = {column.key: column.label.strip() for column in _ALL_COLUMNS} | {"sign": "worst first"}
"""Labels of those columns."""

LETTERS = {"sign": "!", "name": "t"} | {key: spec.letter for key, spec in COLUMNS.items()}
"""The key that chooses each column in a dialog."""
