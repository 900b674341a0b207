"""The columns of jobs that are followed: when each one came, and whether it is gone."""

from collections.abc import Callable, Collection, Mapping

from beantop.app.view.column import Column
from beantop.app.view.header import time_of_day
from beantop.app.view.job_columns import Look, job_columns
from beantop.app.view.lines import Piece
from beantop.formatting import UNKNOWN
from beantop.jobs.listing import JobRow

NOT_OF_NEW_JOBS = ("left", "ttr", "reserves", "timeouts", "releases", "buries", "kicks")
"""Columns that say little about new jobs; their room goes to bodies."""

CAME = "CAME"
"""The head of the column with the time at which a job was put."""


def follow_columns(
    width: int,
    look: Look,
    came: Mapping[int, float],
    gone: Collection[int],
    *,
    with_tube: bool,
) -> list[Column[JobRow]]:
    """Return the columns of a list of jobs, with the time at which each one came instead of its age, and
    without an order. `came` has the Unix times, by id; `gone`, the ids of jobs that are gone."""
    usual = job_columns(width, look, with_tube=with_tube, without=NOT_OF_NEW_JOBS)
    columns = [_followed(column, came, gone) for column in usual]
    return columns if look.chosen else sorted(columns, key=lambda column: column.key != "age")


def _followed(
    column: Column[JobRow], came: Mapping[int, float], gone: Collection[int]
) -> Column[JobRow]:
    key, label, text = column.key, column.label, column.cell
    if key == "age":
        label, text = CAME, lambda row: (_time(came, row), "")
    return column._replace(label=label, cell=_fading(key, text, gone), sort=None)


def _time(came: Mapping[int, float], row: JobRow) -> str:
    at = came.get(row.job.id)
    return UNKNOWN if at is None else time_of_day(at)


def _fading(
    key: str, text: Callable[[JobRow], Piece], gone: Collection[int]
) -> Callable[[JobRow], Piece]:
    """Return the cell of a column, dim for jobs that are gone."""

    def cell(row: JobRow) -> Piece:
        if row.job.id not in gone:
            return text(row)
        return "gone" if key == "state" else text(row)[0], "dim"

    return cell
