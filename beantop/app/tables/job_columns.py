"""The columns of a list of jobs, by the width of the window."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from beantop.app.drawing.lines import Piece, shorten
from beantop.app.tables.cells import known
from beantop.app.widgets.column import Column
from beantop.jobs.bodies.texts import beginning
from beantop.jobs.body_seen import BodySeen
from beantop.jobs.job_list import JobRow
from beantop.jobs.listed import ListedJob
from beantop.text import UNKNOWN, compact, duration, shown, size

_STATES = ("ready", "reserved", "delayed", "buried")

ORDERS: Mapping[str, Callable[[ListedJob], float]] = {
    "id": lambda job: job.id,
    "state": lambda job: _STATES.index(job.state) if job.state else -1,
    "pri": lambda job: known(job.priority),
    "age": lambda job: known(job.age),
    "left": lambda job: known(job.left),
    "ttr": lambda job: known(job.ttr),
    "reserves": lambda job: known(job.reserves),
    "timeouts": lambda job: known(job.timeouts),
    "releases": lambda job: known(job.releases),
    "buries": lambda job: known(job.buries),
    "kicks": lambda job: known(job.kicks),
}
"""What jobs can be put in order by, by the keys of columns."""

LETTERS = {
    "id": "j", "state": "s", "pri": "p", "age": "a", "left": "l", "ttr": "t", "reserves": "r",
    "timeouts": "o", "releases": "e", "buries": "b", "kicks": "k",
}  # fmt: skip
"""The key that stands for a column where one is to be chosen."""


def job_key(row: JobRow) -> int:
    return row.job.id


def job_columns(width: int) -> list[Column[JobRow]]:
    """The columns that a window of this width has room for, in their order."""
    if width >= 100:
        return [*IDENTITY, PRI, AGE, LEFT, *_COUNTERS, SIZE, BODY]
    if width >= 60:
        return [*IDENTITY, PRI, AGE, TIMEOUTS, BURIES, SIZE, BODY]
    return [*IDENTITY, AGE, BODY]


def _sorted(column: Column[JobRow]) -> Column[JobRow]:
    """The same column, by which jobs can be put in order."""
    order = ORDERS[column.key]
    return replace(column, sort=lambda row: order(row.job))


def _state(row: JobRow) -> Piece:
    return row.job.state or UNKNOWN, "bad" if row.job.state == "buried" else ""


def _left(row: JobRow) -> Piece:
    if (left := row.job.left) is None:
        return UNKNOWN, "dim"
    if row.job.is_parked:
        return "parked", "warn"
    return duration(left), "bad" if left < 0 else ""


def _counter(key: str, label: str, value: Callable[[JobRow], int | None]) -> Column[JobRow]:
    def cell(row: JobRow) -> Piece:
        count = value(row)
        return compact(count), "" if count else "dim"

    return _sorted(Column(key, label, 4, cell))


IDENTITY: list[Column[JobRow]] = [
    _sorted(Column("id", "JOB", 11, lambda row: (str(row.job.id), ""))),
    _sorted(Column("state", "STATE", 8, _state, right=False)),
]
PRI = _sorted(Column("pri", "PRI", 10, lambda row: (_number(row.job.priority), "")))
AGE = _sorted(Column("age", "AGE", 8, lambda row: (duration(row.job.age), "")))
LEFT = _sorted(Column("left", "LEFT", 8, _left))
TIMEOUTS = _counter("timeouts", "TMO", lambda row: row.job.timeouts)
BURIES = _counter("buries", "BUR", lambda row: row.job.buries)
_COUNTERS: list[Column[JobRow]] = [
    _sorted(Column("ttr", "TTR", 7, lambda row: (duration(row.job.ttr), ""))),
    _counter("reserves", "RSV", lambda row: row.job.reserves),
    TIMEOUTS,
    _counter("releases", "REL", lambda row: row.job.releases),
    BURIES,
    _counter("kicks", "KCK", lambda row: row.job.kicks),
]
TUBE: Column[JobRow] = Column(
    "tube", "TUBE", 16, lambda row: (shorten(shown(row.job.tube), 16), ""), right=False
)
SIZE: Column[JobRow] = Column("size", "SIZE", 7, lambda row: (_size(row.body), ""))
BODY: Column[JobRow] = Column("body", "BODY", 0, lambda row: (_body(row.body), ""), right=False)


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _size(body: BodySeen | None) -> str:
    return UNKNOWN if body is None else size(body.size)


def _body(body: BodySeen | None) -> str:
    return UNKNOWN if body is None else shown(beginning(body.beginning))
