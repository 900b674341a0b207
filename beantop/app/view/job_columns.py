"""The columns of a list of jobs, depending on the width of the window."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from beantop.app.view.cells import known
from beantop.app.view.column import Column
from beantop.app.view.lines import Piece, shorten
from beantop.formatting import UNKNOWN, compact, duration_within, printable, size
from beantop.jobs.bodies.texts import beginning
from beantop.jobs.body import Body
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobRow

_STATES = ("ready", "reserved", "delayed", "buried")

ORDERS: Mapping[str, Callable[[JobInfo], float]] = {
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
"""Sort keys of jobs, by the keys of columns."""

LETTERS = {
    "id": "j", "state": "s", "pri": "p", "age": "a", "left": "l", "ttr": "t", "reserves": "r",
    "timeouts": "o", "releases": "e", "buries": "b", "kicks": "k",
}  # fmt: skip
"""The key that chooses each column in a dialog."""


def job_key(row: JobRow) -> int:
    return row.job.id


def job_columns(width: int, digits: int = 0) -> list[Column[JobRow]]:
    """Return the columns that fit in a window of this width, in their order.

    `digits` is the length of the longest id. Ids are always shown whole: a cut or rounded id would
    be another job's."""
    identity = [_id_column(max(_ID_WIDTH, digits)), _STATE]
    if width >= 100:
        return [*identity, PRI, AGE, LEFT, *_COUNTERS, SIZE, BODY]
    if width >= 60:
        return [*identity, PRI, AGE, TIMEOUTS, BURIES, SIZE, BODY]
    return [*identity, AGE, BODY]


_ID_WIDTH, _PRI_WIDTH, _LEFT_WIDTH, _AGE_WIDTH, _TTR_WIDTH, _COUNTER_WIDTH = 11, 10, 8, 8, 7, 4


def _sorted(column: Column[JobRow]) -> Column[JobRow]:
    """Return the column with its sort key."""
    order = ORDERS[column.key]
    return replace(column, sort=lambda row: order(row.job))


def _state(row: JobRow) -> Piece:
    return row.job.state or UNKNOWN, "bad" if row.job.state == "buried" else ""


def _left(row: JobRow) -> Piece:
    if (left := row.job.left) is None:
        return UNKNOWN, "dim"
    if row.job.is_parked:
        return "parked", "warn"
    return duration_within(left, _LEFT_WIDTH), "bad" if left < 0 else ""


def _counter(key: str, label: str, value: Callable[[JobRow], int | None]) -> Column[JobRow]:
    def cell(row: JobRow) -> Piece:
        count = value(row)
        return compact(count, _COUNTER_WIDTH), "" if count else "dim"

    return _sorted(Column(key, label, _COUNTER_WIDTH, cell))


def _id_column(width: int) -> Column[JobRow]:
    return _sorted(Column("id", "JOB", width, lambda row: (str(row.job.id), "")))


_STATE = _sorted(Column("state", "STATE", 8, _state, right=False))
PRI = _sorted(Column("pri", "PRI", _PRI_WIDTH, lambda row: (_priority(row.job.priority), "")))
AGE = _sorted(
    Column("age", "AGE", _AGE_WIDTH, lambda row: (duration_within(row.job.age, _AGE_WIDTH), ""))
)
LEFT = _sorted(Column("left", "LEFT", _LEFT_WIDTH, _left))
TIMEOUTS = _counter("timeouts", "TMO", lambda row: row.job.timeouts)
BURIES = _counter("buries", "BUR", lambda row: row.job.buries)
_COUNTERS: list[Column[JobRow]] = [
    _sorted(
        Column("ttr", "TTR", _TTR_WIDTH, lambda row: (duration_within(row.job.ttr, _TTR_WIDTH), ""))
    ),
    _counter("reserves", "RSV", lambda row: row.job.reserves),
    TIMEOUTS,
    _counter("releases", "REL", lambda row: row.job.releases),
    BURIES,
    _counter("kicks", "KCK", lambda row: row.job.kicks),
]
TUBE: Column[JobRow] = Column(
    "tube", "TUBE", 16, lambda row: (shorten(printable(row.job.tube), 16), ""), right=False
)
SIZE: Column[JobRow] = Column("size", "SIZE", 7, lambda row: (_size(row.body), ""))
BODY: Column[JobRow] = Column("body", "BODY", 0, lambda row: (_body(row.body), ""), right=False)


def _priority(value: int | None) -> str:
    """Return all digits of any priority that beanstalkd allows; a larger one in compact form."""
    digits = UNKNOWN if value is None else str(value)
    return digits if len(digits) <= _PRI_WIDTH else compact(value)


def _size(body: Body | None) -> str:
    return UNKNOWN if body is None else size(body.size)


def _body(body: Body | None) -> str:
    return UNKNOWN if body is None else printable(beginning(body.beginning))
