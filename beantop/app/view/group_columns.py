"""The columns of a table of groups of jobs, and the ages of the jobs in one of them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

from beantop.app.view.cells import count_column, known, room_beside
from beantop.app.view.column import Column
from beantop.app.view.lines import Line, Piece, rule, shorten_end, shorten_start
from beantop.formatting import duration_within, grouped, plural, printable
from beantop.jobs.groups import AGE_WORDS, AGES, Group, Grouping, range_of
from beantop.jobs.job_info import JobInfo
from beantop.monitor.snapshot import Tube

BETWEEN = " · "
"""The separator between the words of a group."""

MIN_CLASS = 12
"""Minimum cells for a class beside an error."""

GROUP_LETTERS = {
    "group": "g", "jobs": "j", "ready": "r", "reserved": "s", "delayed": "d", "buried": "b",
    "oldest": "o", "newest": "w", "tries": "t",
}  # fmt: skip
"""The keys that sort by the columns."""

MAX_BAR = 40
"""Cells of the longest bar of ages."""


def group_name(group: Group) -> str:
    """Return the words of a group, printable, in one line.

    >>> group_name(Group(("App\\\\Mail", ""), ("App\\\\Mail", "no error"), [1], {}, [], 0))
    'App\\\\Mail · no error'
    """
    return BETWEEN.join(map(printable, group.words))


def group_key(group: Group) -> str:
    """Return the value that distinguishes a group from others."""
    return "\0".join(group.key)


def group_columns(width: int, by: Grouping, total: int) -> list[Column[Group]]:
    """Return the columns that a window of this width has; `total` is the number of jobs in all groups."""
    columns: list[Column[Group]] = [
        count_column("jobs", "JOBS", 9 if width >= 100 else 7, lambda group: group.count),
        Column("share", "SHARE", 6, partial(_share, total)),
        _state_column("ready", "READY"),
        _state_column("reserved", "RSVD"),
        _state_column("delayed", "DELAY"),
        _state_column("buried", "BURIED"),
        Column("oldest", "OLDEST", 7, _oldest, sort=lambda group: known(group.oldest)),
        Column("newest", "NEWEST", 7, _newest, sort=lambda group: known(group.newest)),
        Column("tries", "TRIES", 5, _tries, sort=_reserves_of_each),
    ]
    if width < 100:
        columns = [
            column for column in columns if column.key not in ("reserved", "delayed", "newest")
        ]
    if width < 60:
        columns = [column for column in columns if column.key in ("jobs", "buried")]
    room = room_beside(columns, width)
    order = by.order
    name = Column(
        "group",
        f" {by.label.upper()}",
        room,
        partial(_name, room),
        right=False,
        sort=lambda group: order(group.key) if order else group_name(group),
    )
    return [name, *columns]


def _state_column(state: str, label: str) -> Column[Group]:
    return count_column(state, label, 7, lambda group: group.states.get(state, 0))


def _name(width: int, group: Group) -> Piece:
    """Return the words of a group; a class without its namespace where the rest needs the room."""
    first, *others = map(printable, group.words)
    style = "" if any(group.key) else "dim"
    width -= 1
    if not others:
        return f" {shorten_start(first, width)}", style
    rest = BETWEEN.join(others)
    if len(first) + len(BETWEEN) + len(rest) > width:
        first = re.split(r"\\|::|/", first)[-1] or first
    room = max(MIN_CLASS, width - len(BETWEEN) - len(rest))
    return f" {shorten_end(f'{shorten_start(first, room)}{BETWEEN}{rest}', width)}", style


def _share(total: int, group: Group) -> Piece:
    share = group.count / total if total else 0
    return f"{share:.0%}" if share >= 0.01 else "<1%", ""


def _oldest(group: Group) -> Piece:
    return duration_within(group.oldest, 7), ""


def _newest(group: Group) -> Piece:
    return duration_within(group.newest, 7), ""


def _reserves_of_each(group: Group) -> float:
    return group.reserves / group.count


def _tries(group: Group) -> Piece:
    tries = _reserves_of_each(group)
    return f"{tries:.1f}" if tries < 1000 else f"{tries:.0f}", "" if tries else "dim"


def age_lines(group: Group, width: int) -> list[Line]:
    """Return the ages of the jobs of a group as bars, below a rule."""
    title = f"Ages of {plural(group.count, 'job')}"
    counts = _counts(group.ages)
    longest = max(counts)
    label, digits = max(map(len, AGE_WORDS)), len(grouped(longest))
    room = max(1, min(MAX_BAR, width - label - digits - 8))
    lines: list[Line] = [rule([(title, "bold"), (group_name(group), "")], width)]
    for words, count in zip(AGE_WORDS, counts, strict=True):
        bar = "█" * (max(1, round(count / longest * room)) if count else 0)
        number = grouped(count).rjust(digits)
        lines.append(
            [
                (f"   {words:<{label}}  ", "dim"),
                (f"{number} ", "" if count else "dim"),
                (bar, "accent"),
            ]
        )
    return lines


def _counts(ages: Sequence[int]) -> list[int]:
    counts = [0] * len(AGE_WORDS)
    for age in ages:
        counts[range_of(age, AGES)] += 1
    return counts


LINES_OF_AGES = 1 + len(AGE_WORDS)
"""Lines that the ages of a group take."""


def counted(jobs: Iterable[JobInfo]) -> Tube:
    """Return the number of jobs in each state, as of a tube without a name."""
    states = Counter(job.state for job in jobs)
    return Tube(
        "",
        0.0,
        ready=states["ready"],
        reserved=states["reserved"],
        delayed=states["delayed"],
        buried=states["buried"],
    )
