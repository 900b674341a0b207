"""What `E` and `N` do: a job is changed, or made, in the user's editor."""

from collections.abc import Sequence
from dataclasses import replace

from beantop.app.actions.agreeing import agrees, server_line
from beantop.app.actions.editor import edit
from beantop.app.actions.job_text import as_text, read_text, with_mistake
from beantop.app.actions.running import Target, run_bulk
from beantop.app.drawing.lines import Line
from beantop.app.screens.watching import WatchingScreen
from beantop.jobs.bulk.move import Move
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_list import JobRow
from beantop.jobs.saved import SavedJob, saved
from beantop.text import duration, shown, size


async def new_job(screen: WatchingScreen, tube: str) -> Tally | None:
    """Let the user write a job in an editor, ask, and put it."""
    empty = SavedJob(tube, b"")
    job = _edited(screen, empty, f"A new job for {tube}.")
    if job is None:
        return None
    if not await agrees(screen, "Put this job?", _job_lines(screen, job), yes="Put it"):
        return None
    target = Target(1, "job", f"into {shown(job.tube)}", f"a job into {shown(job.tube)}")
    return await run_bulk(screen, Bulk(screen.connection, Import(), [job]), "Putting", target)


async def edit_job(screen: WatchingScreen, rows: Sequence[JobRow]) -> Tally | None:
    """Let the user change the first of the jobs in an editor, ask, put the new one, and delete the
    old one."""
    row = rows[0]
    if row.body is None:
        screen.say(f"Job {row.job.id} is being looked at. Nothing was done yet.")
        return None
    if (body := row.body.whole) is None:
        screen.say(
            f"The body of job {row.job.id} is large: enter opens the job, and E edits it there."
        )
        return None
    if row.job.state == "reserved":
        screen.say(f"A worker holds job {row.job.id}: beanstalkd lets only that worker change it.")
        return None
    before = saved(row.job, body)
    after = _edited(screen, before, f"Job {row.job.id}, {row.job.state}.")
    if after is None:
        return None
    lines = _job_lines(screen, after)
    lines += [[], [(" The new job has a new id. The old one is deleted after it is there.", "")]]
    title = f"Replace job {row.job.id}?"
    if not await agrees(screen, title, lines, yes="Replace it", no="Keep"):
        return None
    move = Move(lambda now: replace(after, delay=_delay(before, after, now)))
    move.done = "Replaced"
    target = Target(1, "job", f"of {shown(row.job.tube)}", f"job {row.job.id}")
    return await run_bulk(screen, Bulk(screen.connection, move, [row.job]), "Replacing", target)


def _delay(before: SavedJob, after: SavedJob, now: SavedJob) -> int:
    """The delay that was typed; if none was, what is left by now of the one it had."""
    return now.delay if after.delay == before.delay else after.delay


def _edited(screen: WatchingScreen, before: SavedJob, *words: str) -> SavedJob | None:
    """The job as it was written; None if it is as before, or nobody could make sense of it. A text
    with a mistake is opened again, with the mistake above it: what was written is not lost."""
    problem = ""
    try:
        text = as_text(before, *words)
        while (now := edit(screen.app, text)) is not None:
            try:
                job = read_text(now, before)
            except ValueError as error:
                problem, text = str(error), with_mistake(now, str(error))
            else:
                if job != replace(before, counters={}):
                    return job
                break
    except (OSError, ValueError) as error:
        problem = str(error)
    screen.say(f"Nothing was changed: {problem or 'the text is as it was.'}")
    return None


def _job_lines(screen: WatchingScreen, job: SavedJob) -> list[Line]:
    return [
        [(" tube     ", "dim"), (shown(job.tube), "bold")],
        server_line(screen.facts, " server   "),
        [(" state    ", "dim"), (job.state, "")],
        [(" priority ", "dim"), (f"{job.priority}", "")],
        [(" delay    ", "dim"), (duration(job.delay), "")],
        [(" ttr      ", "dim"), (duration(job.ttr), "")],
        [(" body     ", "dim"), (size(len(job.body)), "")],
    ]
