"""The fields of a job and of a group of jobs, as `beantop jobs` and `beantop job` print them."""

import base64
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from beantop.formatting import UNKNOWN, duration, size
from beantop.jobs.bodies.job_class import job_class
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.groups import Group
from beantop.jobs.job_info import JobInfo
from beantop.report.rows import Field, Value, in_words


class JobRow(NamedTuple):
    """A job of one of the servers."""

    server: str
    """The configured name of the server, or its address."""
    job: JobInfo
    size: int | None
    """Bytes of the body; None if the job was gone before it was read."""
    job_class: str
    """The class that the producer names; "" for none."""
    body: bytes | None = None
    """What may be shown of the body; None unless bodies are printed."""
    is_masked: bool = False
    """Whether something is missing from `body`."""


def job_row(
    server: str, job: JobInfo, body: bytes | None, reading: Reading, *, with_body: bool
) -> JobRow:
    """Return the row of a job."""
    if body is None:
        return JobRow(server, job, None, "")
    row = JobRow(server, job, len(body), job_class(body, reading))
    if not with_body:
        return row
    shown = reading.shown(body)
    return row._replace(body=shown.body, is_masked=bool(shown.note))


def _number(key: str, heading: str) -> Field[JobRow]:
    def value(row: JobRow) -> Value:
        number: int | None = getattr(row.job, key)
        return number

    return Field(key, value, heading)


def _seconds(key: str, heading: str, value: Callable[[JobInfo], int | None]) -> Field[JobRow]:
    def words(row: JobRow) -> str:
        return duration(value(row.job))

    return Field(key, lambda row: value(row.job), heading, words)


def _as_text(row: JobRow) -> str | None:
    """Return a body in UTF-8; None for any other, and for none."""
    try:
        return None if row.body is None else row.body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _as_base64(row: JobRow) -> str | None:
    """Return a body that is not UTF-8; None for any other, and for none."""
    if row.body is None or _as_text(row) is not None:
        return None
    return base64.b64encode(row.body).decode("ascii")


SERVER = Field[JobRow]("server", lambda row: row.server, "SERVER", is_text=True)

FIELDS: Sequence[Field[JobRow]] = (
    SERVER,
    Field("id", lambda row: row.job.id, "ID", words=lambda row: str(row.job.id)),
    Field("tube", lambda row: row.job.tube),
    Field("state", lambda row: row.job.state, "STATE", is_text=True),
    _number("priority", "PRI"),
    _seconds("age", "AGE", lambda job: job.age),
    _seconds("delay", "DELAY", lambda job: job.given_delay),
    _seconds("ttr", "TTR", lambda job: job.ttr),
    _seconds("time_left", "TIME-LEFT", lambda job: job.left),
    _number("reserves", "RESERVES"),
    _number("timeouts", "TIMEOUTS"),
    _number("releases", "RELEASES"),
    _number("buries", "BURIES"),
    _number("kicks", "KICKS"),
    _number("file", ""),
    Field("size", lambda row: row.size, "SIZE", words=lambda row: size(row.size)),
    Field("class", lambda row: row.job_class or None, "CLASS", is_text=True),
)

EXPENDABLE = (
    "kicks",
    "delay",
    "releases",
    "buries",
    "ttr",
    "priority",
    "size",
    "timeouts",
    "time_left",
)
"""Columns that are left out of a table in a narrow terminal, the first ones first."""

BODY_FIELDS: Sequence[Field[JobRow]] = (
    Field("body", _as_text, is_optional=True),
    Field("body_base64", _as_base64, is_optional=True),
    Field("masked", lambda row: row.is_masked or None, is_optional=True),
)
"""The body, as an export has it: under one of two keys, and whether it is masked."""


class GroupRow(NamedTuple):
    """A group of the jobs of one tube."""

    server: str
    tube: str
    by: str
    """What the jobs are grouped by."""
    group: Group
    total: int
    """Number of jobs in all groups of the tube."""


def group_rows(server: str, tube: str, by: str, groups: Iterable[Group]) -> list[GroupRow]:
    """Return the rows of groups, the largest first."""
    ordered = sorted(groups, key=lambda group: (-group.count, group.key))
    total = sum(group.count for group in ordered)
    return [GroupRow(server, tube, by, group, total) for group in ordered]


def _in_state(state: str) -> Field[GroupRow]:
    return Field(state, lambda row: row.group.states.get(state, 0), state.upper())


def _word(row: GroupRow, place: int) -> str | None:
    """Return one of the words that the jobs have in common; None if they lack it."""
    key = row.group.key
    return (key[place] or None) if len(key) > place else None


def _share(row: GroupRow) -> float:
    return round(row.group.count / row.total, 6)


def _group_in_words(row: GroupRow) -> str:
    return " · ".join(map(in_words, filter(None, row.group.words))) or UNKNOWN


GROUP_SERVER = Field[GroupRow]("server", lambda row: row.server, "SERVER", is_text=True)

GROUP_FIELDS: Sequence[Field[GroupRow]] = (
    GROUP_SERVER,
    Field("tube", lambda row: row.tube),
    Field("by", lambda row: row.by),
    Field(
        "group",
        lambda row: _word(row, 0),
        "GROUP",
        words=_group_in_words,
        is_text=True,
        is_cut=True,
    ),
    Field("detail", lambda row: _word(row, 1)),
    Field("count", lambda row: row.group.count, "JOBS"),
    Field("share", _share, "SHARE", words=lambda row: f"{_share(row):.0%}"),
    *map(_in_state, ("ready", "reserved", "delayed", "buried")),
    Field("oldest", lambda row: row.group.oldest, "OLDEST", lambda row: duration(row.group.oldest)),
    Field("newest", lambda row: row.group.newest, "NEWEST", lambda row: duration(row.group.newest)),
    Field("reserves", lambda row: row.group.reserves, "RESERVES"),
)
"""`detail` is the second thing in common: the error, beside the class."""

EXPENDABLE_OF_GROUPS = ("reserves", "newest", "delayed", "reserved", "oldest")
"""The same of groups."""
