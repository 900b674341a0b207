"""The columns of a list of jobs, depending on the width of the window."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from beantop.app.view.cells import known
from beantop.app.view.column import Column
from beantop.app.view.lines import Piece, shorten
from beantop.formatting import UNKNOWN, compact, duration_within, printable, size
from beantop.jobs.bodies.texts import beginning
from beantop.jobs.body import Body
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobRow

_STATES = ("ready", "reserved", "delayed", "buried")


class ColumnSpec(NamedTuple):
    """A column of jobs."""

    label: str
    width: int
    """Cells; 0 takes the room that the others leave."""
    from_width: int
    """Cells of the narrowest window that has it."""
    cell: Callable[[int, JobRow], Piece]
    """Returns the text of a job in that width, with its style."""
    letter: str = ""
    """The key that sorts by it; "" if jobs cannot be sorted by it."""
    order: Callable[[JobInfo], float] | None = None
    right: bool = True


def _number(key: str) -> Callable[[JobInfo], float]:
    def order(job: JobInfo) -> float:
        number: int | None = getattr(job, key)
        return known(number)

    return order


def _id(width: int, row: JobRow) -> Piece:
    return str(row.job.id), ""


def _state(width: int, row: JobRow) -> Piece:
    return row.job.state or UNKNOWN, "bad" if row.job.state == "buried" else ""


def _state_order(job: JobInfo) -> float:
    return _STATES.index(job.state) if job.state else -1


def _tube(width: int, row: JobRow) -> Piece:
    return shorten(printable(row.job.tube), width), ""


def _priority(width: int, row: JobRow) -> Piece:
    """Return all digits of any priority that beanstalkd allows; a larger one in compact form."""
    value = row.job.priority
    digits = UNKNOWN if value is None else str(value)
    return digits if len(digits) <= width else compact(value), ""


def _age(width: int, row: JobRow) -> Piece:
    return duration_within(row.job.age, width), ""


def _left(width: int, row: JobRow) -> Piece:
    if (left := row.job.left) is None:
        return UNKNOWN, "dim"
    if row.job.is_parked:
        return "parked", "warn"
    return duration_within(left, width), "bad" if left < 0 else ""


def _ttr(width: int, row: JobRow) -> Piece:
    return duration_within(row.job.ttr, width), ""


def _count(key: str, width: int, row: JobRow) -> Piece:
    count: int | None = getattr(row.job, key)
    return compact(count, width), "" if count else "dim"


def _counter(key: str, label: str, from_width: int, letter: str) -> ColumnSpec:
    return ColumnSpec(label, 4, from_width, partial(_count, key), letter, _number(key))


def _size(width: int, row: JobRow) -> Piece:
    return UNKNOWN if row.body is None else size(row.body.size), ""


def _body(width: int, row: JobRow) -> Piece:
    return _first_line(row.body), ""


def _first_line(body: Body | None) -> str:
    return UNKNOWN if body is None else printable(beginning(body.beginning))


COLUMNS: Mapping[str, ColumnSpec] = {
    "id": ColumnSpec("JOB", 11, 0, _id, "j", _number("id")),
    "state": ColumnSpec("STATE", 8, 0, _state, "s", _state_order, right=False),
    "tube": ColumnSpec("TUBE", 16, 0, _tube, right=False),
    "pri": ColumnSpec("PRI", 10, 60, _priority, "p", _number("priority")),
    "age": ColumnSpec("AGE", 8, 0, _age, "a", _number("age")),
    "left": ColumnSpec("LEFT", 8, 100, _left, "l", _number("left")),
    "ttr": ColumnSpec("TTR", 7, 100, _ttr, "t", _number("ttr")),
    "reserves": _counter("reserves", "RSV", 100, "r"),
    "timeouts": _counter("timeouts", "TMO", 60, "o"),
    "releases": _counter("releases", "REL", 100, "e"),
    "buries": _counter("buries", "BUR", 60, "b"),
    "kicks": _counter("kicks", "KCK", 100, "k"),
    "size": ColumnSpec("SIZE", 7, 60, _size),
    "body": ColumnSpec("BODY", 0, 0, _body, right=False),
}
"""All columns of jobs, in their order on the screen."""

ORDERS = {key: spec.order for key, spec in COLUMNS.items() if spec.order}
"""Sort keys of jobs, by the keys of columns."""

LETTERS = {key: spec.letter for key, spec in COLUMNS.items() if spec.letter}
"""The key that chooses each column in a dialog."""


def job_key(row: JobRow) -> int:
    return row.job.id


def job_columns(width: int, digits: int = 0, *, with_tube: bool = False) -> list[Column[JobRow]]:
    """Return the columns that a window of this width has.

    `digits` is the length of the longest id. Ids are always shown whole: a cut or rounded id would
    be another job's. `with_tube` is for jobs of several tubes."""
    return [
        _column(key, spec, max(spec.width, digits) if key == "id" else spec.width)
        for key, spec in COLUMNS.items()
        if width >= spec.from_width and (with_tube or key != "tube")
    ]


def _column(key: str, spec: ColumnSpec, width: int) -> Column[JobRow]:
    cell, order = partial(spec.cell, width), spec.order
    sort = None if order is None else lambda row: order(row.job)
    return Column(key, spec.label, width, cell, right=spec.right, sort=sort)
