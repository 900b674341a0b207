"""Words for the jobs of an action, in questions and reports."""

from collections.abc import Sequence

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import server_line
from beantop.app.actions.running import Target
from beantop.app.view.lines import Line, shorten_end
from beantop.formatting import UNKNOWN, duration, grouped, plural, printable, size
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.job_info import PARKED, JobInfo
from beantop.jobs.listing import JobRow, chosen

IDS_SHOWN, TUBES_SHOWN = 6, 4

GROUP_WIDTH, GROUPS_SHOWN = 50, 4
"""Cells of the name of a group, and how many of them are named."""


def target_of(rows: Sequence[JobRow]) -> Target:
    """Return the jobs in a few words."""
    tubes = chosen(rows).tubes
    where = f"of {printable(tubes[0])}" if len(tubes) == 1 else f"of {len(tubes)} tubes"
    if len(rows) == 1:
        return Target(1, "job", where, f"job {rows[0].job.id}")
    states = chosen(rows).states
    state = next(iter(states)) if len(states) == 1 else None
    state = "parked" if state == PARKED else state
    return Target(len(rows), f"{state} job" if state else "job", where)


def subject_of(rows: Sequence[JobRow]) -> str:
    """Return the jobs as the beginning of a sentence."""
    return f"Job {rows[0].job.id} is" if len(rows) == 1 else f"All {grouped(len(rows))} jobs are"


def why_held(rows: Sequence[JobRow]) -> str:
    """Return why none of the jobs can be changed; "" if some can."""
    if set(chosen(rows).states) != {"reserved"}:
        return ""
    if len(rows) > 1:
        return f"All {grouped(len(rows))} jobs are reserved. Only the workers that reserved them can change them."
    left = rows[0].job.time_left
    # A server that missed the end of a ttr tells of a negative time.
    time_left = "" if left is None or left < 0 else f" for another {duration(left)}"
    return (
        f"Job {rows[0].job.id} is reserved by a worker{time_left}. Only that worker can change it."
    )


def target_lines(context: ActionContext, rows: Sequence[JobRow]) -> list[Line]:
    """Return the lines of a dialog that describe the jobs."""
    jobs = (
        _lines_of_one(rows[0], context.view.reading(rows[0].job.tube))
        if len(rows) == 1
        else _lines_of_many(rows)
    )
    return [
        *_group_lines(context),
        *jobs,
        tubes_line(chosen(rows).tubes),
        server_line(context.view),
    ]


def _group_lines(context: ActionContext) -> list[Line]:
    """Return the groups that the jobs are chosen by, if they are, and what is left out."""
    named = list(context.groups[:GROUPS_SHOWN])
    if more := len(context.groups) - len(named):
        named.append(f"and {plural(more, 'other group')}")
    label = "groups" if len(named) > 1 else "group"
    lines: list[Line] = [
        [(f" {'' if number else label:<7} ", "dim"), (shorten_end(name, GROUP_WIDTH), "bold")]
        for number, name in enumerate(named)
    ]
    return [*lines, *([[(f" {context.left_out}", "warn")]] if context.left_out else [])]


def tubes_line(names: Sequence[str], style: str = "") -> Line:
    """Return the line of a dialog that names the tubes.

    >>> tubes_line(["a"]), tubes_line(list("abcdef"))
    ([(' tube    ', 'dim'), ('a', '')], [(' tubes   ', 'dim'), ('a, b, c, d and 2 more', '')])
    """
    label = " tube    " if len(names) == 1 else " tubes   "
    more = len(names) - TUBES_SHOWN
    listed = ", ".join(map(printable, names[:TUBES_SHOWN]))
    return [(label, "dim"), (f"{listed} and {more} more" if more > 0 else listed, style)]


def _lines_of_one(row: JobRow, reading: Reading) -> list[Line]:
    job = row.job
    lines: list[Line] = [
        [
            (" job     ", "dim"),
            (f"{job.id}  {_state_of(job) or UNKNOWN}, {duration(job.age)} old", "bold"),
        ]
    ]
    if row.body is not None:
        from beantop.jobs.bodies.texts import beginning  # large, and rarely needed

        shown = reading.shown(row.body.beginning, row.body.size)
        said = shorten_end(printable(beginning(shown.body)), 40)
        lines.append([(" body    ", "dim"), (f"{size(row.body.size)}  {said}", "")])
    return lines


def _state_of(job: JobInfo) -> str | None:
    return PARKED if job.is_parked else job.state


def _lines_of_many(rows: Sequence[JobRow]) -> list[Line]:
    states = chosen(rows).states
    parts = ", ".join(
        f"{grouped(count)} {state or 'unknown'}" for state, count in states.most_common()
    )
    ids = ", ".join(str(job.id) for job in chosen(rows).jobs[:IDS_SHOWN])
    more = f" and {grouped(len(rows) - IDS_SHOWN)} more" if len(rows) > IDS_SHOWN else ""
    lines: list[Line] = [[(" jobs    ", "dim"), (parts, "bold")]]
    lines.append([(" ids     ", "dim"), (f"{ids}{more}", "")])
    if states["reserved"]:
        lines.append(
            [
                (
                    f" {grouped(states['reserved'])} reserved by workers will be skipped.",
                    "warn",
                )
            ]
        )
    return lines
