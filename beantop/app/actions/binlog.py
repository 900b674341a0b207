"""The action `b` on the server screen: show which jobs hold the oldest file of the binlog."""

from collections.abc import Sequence

from beantop.app.action_context import ActionContext
from beantop.app.actions.finding import find_all
from beantop.app.questions import Read
from beantop.app.view.lines import Line, fitted, shorten
from beantop.formatting import duration, grouped, plural, printable
from beantop.jobs.binlog import holders
from beantop.jobs.job_info import JobInfo

MAX_SHOWN = 200
"""The number of jobs listed at most."""


async def show_binlog(context: ActionContext) -> None:
    """Walk all ids of the server and list the jobs in the oldest file of the binlog."""
    stats = context.view.watched.snapshot.server.stats
    oldest, current = stats.get("binlog-oldest-index"), stats.get("binlog-current-index")
    if not current:
        context.say("This server writes no binlog.")
        return
    title = "Finding the jobs that hold the binlog"
    found = await find_all(context, None, title, without="The jobs in the binlog are unknown")
    if found is not None:
        jobs = holders(found.values())
        await context.ask(Read("Binlog", _lines(jobs, oldest, current)))


def _lines(jobs: Sequence[JobInfo], oldest: int | None, current: int) -> list[Line]:
    if not jobs:
        return [
            [],
            [(" No job is in the binlog: the server can drop all files but the newest.", "")],
        ]
    files = f"files {grouped(oldest)} to {grouped(current)}"
    lines: list[Line] = [
        [],
        [(f" {plural(len(jobs), 'job')} in file {grouped(jobs[0].file)}, the oldest.", "bold")],
        [(f" The server keeps {files} while one of them exists.", "")],
        [],
        [(f"{'JOB':>12}  {'STATE':<9} {'AGE':>8}  TUBE", "column")],
    ]
    for job in jobs[:MAX_SHOWN]:
        tube = fitted(shorten(printable(job.tube), 36), 36)
        state = job.state or "–"
        lines.append([(f"{job.id:>12}  {state:<9} {duration(job.age):>8}  {tube}", "")])
    if len(jobs) > MAX_SHOWN:
        lines.append([(f" and {grouped(len(jobs) - MAX_SHOWN)} more", "dim")])
    return lines
