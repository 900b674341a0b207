"""The actions `E` and `N`: change a job, or write a new one, in the user's editor."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm, server_line
from beantop.app.actions.cut_off import record_of
from beantop.app.actions.editor import Draft
from beantop.app.actions.job_text import as_text, read_text, with_mistake
from beantop.app.actions.running import Hints, Target, run_bulk
from beantop.app.actions.targets import tubes_line
from beantop.app.actions.undo import remember_lasting, with_target
from beantop.app.questions import Confirm
from beantop.app.view.job_lines import is_masked
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, describe_error
from beantop.formatting import duration, grouped, printable, size
from beantop.jobs.aside import SAVING, in_time_async
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.body import kept
from beantop.jobs.bulk.move import Move
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_info import PARKED, JobInfo, is_gone
from beantop.jobs.known_server import KnownServer
from beantop.jobs.listing import JobRow
from beantop.jobs.peek import peek_job
from beantop.jobs.records import SavedJob, saved
from beantop.jobs.storage import describe_file_error
from beantop.jobs.trash.deletion_file import DeletionFile
from beantop.jobs.trash.store import Trash
from beantop.monitor.snapshot import Tube

PUTS_OLD_BACK = "U puts back the old one too."


async def new_job(context: ActionContext, tubes: Sequence[Tube]) -> None:
    """Let the user write a job for the first of the tubes in an editor, ask, and put it."""
    tube = tubes[0].name

    await _write(context, SavedJob(tube, b""), f"A new job for {tube}.", partial(put_job, context))


async def put_job(context: ActionContext, job: SavedJob) -> Tally | None:
    """Ask, and put the job."""
    into = f"into {printable(job.tube)}"
    lines = _job_lines(context, job, job)
    if not await confirm(context, "Put this job?", lines, yes="Put it"):
        return None
    target = Target(1, "job", "", f"a job {into}", put="it is job")
    tally = await run_bulk(context, Bulk(context.connection, Import(), [job]), "Putting", target)
    for id in tally.new_ids.values():
        remember_lasting(context, f"putting job {id} {into}", "delete the job instead")
    return tally


async def put_jobs(context: ActionContext, jobs: Sequence[SavedJob]) -> Tally | None:
    """Ask, and put ready or delayed jobs, all into one tube."""
    if len(jobs) == 1:
        return await put_job(context, jobs[0])
    tube = printable(jobs[0].tube)
    into = f"into {tube}"
    lines = [tubes_line([tube]), server_line(context.view)]
    title, yes = f"Put {grouped(len(jobs))} jobs?", f"Put {grouped(len(jobs))}"
    if not await confirm(context, title, lines, yes=yes, count=len(jobs)):
        return None
    target = Target(len(jobs), "job", into)
    tally = await run_bulk(context, Bulk(context.connection, Import(), jobs), "Putting", target)
    if tally.done:
        remember_lasting(context, with_target("putting", target), "delete the jobs instead")
    return tally


async def edit_job(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Let the user change the first of the jobs in an editor, ask, put the new job, and delete the old
    one."""
    if (row := await _with_body(context, rows[0])) is None or row.body is None:
        return None
    if (body := row.body.whole) is None:
        context.say(
            f"The body of job {row.job.id} is large: open the job with enter, and edit it there."
        )
        return None
    if context.view.reading(row.job.tube).shown(body).note:
        context.say(is_masked(row.job.id, "edit it"))
        return None
    if row.job.state == "reserved":
        context.say(
            f"Job {row.job.id} is reserved by a worker, and only that worker can change it."
        )
        return None
    if row.job.is_parked:
        context.say(f"Job {row.job.id} is {PARKED}: kick it (K) or bury it (B) before you edit it.")
        return None
    before = saved(row.job, body)

    async def put(after: SavedJob) -> Tally | None:
        return await _replace(context, row.job, before, after)

    return await _write(context, before, f"Job {row.job.id}, {row.job.state}.", put)


async def _with_body(context: ActionContext, row: JobRow) -> JobRow | None:
    """Return the job with its body, fetched if necessary; None if it cannot be fetched."""
    if row.body:
        return row
    asked_at = time.monotonic()
    try:
        seen = await peek_job(context.connection, row.job.id)
    except Error as error:
        context.fail(
            f"Job {row.job.id} could not be fetched: {describe_error(error)}. Nothing was changed."
        )
        return None
    if seen is None or not row.job.may_have_become(seen.listed, asked_at):
        context.say(is_gone(row.job.id))
        return None
    return JobRow(seen.listed, kept(seen.body))


async def _replace(
    context: ActionContext, job: JobInfo, before: SavedJob, after: SavedJob
) -> Tally | None:
    lines = _job_lines(context, after, before)
    trash = context.trash
    end = "deleted after the new one is put" if trash else "lost: the trash is off"
    lines += [[], [(f" The new job gets a new id. The old one is {end}.", "" if trash else "warn")]]
    title = f"Replace job {job.id}?"
    if not await confirm(context, title, lines, yes="Replace it", no="Keep"):
        return None
    target = Target(1, "job", f"of {printable(job.tube)}", f"job {job.id}")
    try:
        save = partial(_save, trash, context.server, before) if trash else None
        file = await in_time_async(save, SAVING) if save else None
    except OSError as error:
        context.fail(
            f"Nothing was changed: the old job cannot be saved: {describe_file_error(error)}."
        )
        return None
    record = record_of(context, "move", f"job {job.id} of {job.tube}, which was edited")
    move = Move(partial(replacement, before, after), record=record)
    move.done = "Replaced"
    hints = Hints(*(PUTS_OLD_BACK,) * 2) if trash else None
    bulk = Bulk(context.connection, move, [job])
    tally = await run_bulk(context, bulk, "Replacing", target, lambda: hints)
    if file:
        with suppress(OSError):
            await in_time_async(partial(_note, file, job.id, tally))
    elif tally.done:
        why_not = "the trash is off, and the old job was not saved"
        remember_lasting(context, with_target("replacing", target), why_not)
    return tally


def _save(trash: Trash, server: KnownServer, job: SavedJob) -> DeletionFile:
    """Save a job before it is replaced. Raises OSError."""
    file = trash.begin(server, f"job {job.id} of {job.tube}, as it was before it was edited")
    try:
        file.save([job])
        file.note("edited", [job.id])
    except OSError:
        file.close()
        raise
    return file


def _note(file: DeletionFile, id: int, tally: Tally) -> None:
    """Note what became of the job, unless that is unknown. Raises OSError."""
    with file:
        if tally.done:
            file.note("replacements", tally.new_ids.values())
            file.note("deleted", [id])
        elif tally.is_settled:
            file.note("kept", [id])


def replacement(before: SavedJob, after: SavedJob, now: SavedJob) -> SavedJob:
    """Return the job to put in place of the one that is there now: `after`, with the delay that was
    typed, or else what is left of the old one. Raises ValueError if the job has another body now.

    >>> before, after = SavedJob("a", b"helo", delay=60), SavedJob("a", b"hello", delay=60)
    >>> replacement(before, after, SavedJob("a", b"helo", delay=42)).delay
    42
    >>> replacement(before, after, SavedJob("a", b"another one"))
    Traceback (most recent call last):
    ValueError: another job has this id now
    """
    if now.body != before.body:
        raise ValueError("another job has this id now")
    return after._replace(delay=now.delay if after.delay == before.delay else after.delay)


async def _write(
    context: ActionContext,
    before: SavedJob,
    word: str,
    put: Callable[[SavedJob], Awaitable[Tally | None]],
) -> Tally | None:
    """Let the user write a job, and put it. The text stays in its file until the job is put."""
    try:
        draft = Draft(as_text(before, word))
    except (OSError, ValueError) as error:
        context.fail(f"Nothing was changed: {error}.")
        return None
    with draft:
        job, why = await _written(context, draft, before)
        tally = await put(job) if job else None
        if tally and tally.done:
            draft.forget()
        elif draft.is_written or why:
            nothing = "" if tally else f"Nothing was changed{why}."
            kept = f" Your text is in {draft.path}." if draft.is_written else ""
            context.done(f"{nothing}{kept}".strip(), all_well=not kept)
    return tally


async def _written(
    context: ActionContext, draft: Draft, before: SavedJob
) -> tuple[SavedJob | None, str]:
    """Return the job as it was written; or None, and why, as the end of a sentence. A text with a mistake
    is opened again, with the mistake above it, as often as the user likes."""
    while True:
        try:
            await draft.edit(context.user)
            job = read_text(draft.text, before)
        except OSError as error:
            return None, f": {error}"
        except ValueError as error:
            if not await _wants_it_again(context, str(error)):
                return None, ""
            draft.text = with_mistake(draft.text, str(error))
        else:
            if job != before._replace(counters={}):
                return job, ""
            draft.forget()
            return None, ": the text is as it was"


async def _wants_it_again(context: ActionContext, mistake: str) -> bool:
    lines: list[Line] = [
        [(f" {printable(mistake)}.", "warn")],
        [],
        [(" Your text is not lost: it stays in its file.", "")],
    ]
    title = "The text cannot be read"
    return await context.ask(Confirm(title, lines, "Edit it again", "Give up")) is True


def _job_lines(context: ActionContext, job: SavedJob, before: SavedJob) -> list[Line]:
    """Return the lines of the job, with the former values where they differ."""
    return [
        _field_line("tube", printable(job.tube), printable(before.tube)),
        server_line(context.view, " server   "),
        _field_line("state", job.state, before.state),
        _field_line("priority", f"{job.priority}", f"{before.priority}"),
        _field_line("delay", duration(job.delay), duration(before.delay)),
        _field_line("ttr", duration(job.ttr), duration(before.ttr)),
        *_body_lines(job.body, before.body, context.view.reading(job.tube)),
    ]


def _field_line(label: str, now: str, was: str) -> Line:
    line: Line = [(f" {label:<8} ", "dim"), (now, "")]
    return line if now == was else [line[0], (now, "bold"), (f"   was {was}", "dim")]


def _body_lines(now: bytes, was: bytes, reading: Reading) -> list[Line]:
    shown_now, shown_was = reading.shown(now), reading.shown(was)
    if now == was:
        return [[(" body     ", "dim"), (_in_short(shown_now.body, len(now)), "")]]
    from beantop.app.view.diff_lines import diff_lines, lost_lines  # large, and rarely needed

    return [
        _field_line("body", size(len(now)), size(len(was))),
        *([] if shown_now.note or shown_was.note else lost_lines(shown_was.body, shown_now.body)),
        [],
        *diff_lines(shown_was.body, shown_now.body),
    ]


def _in_short(body: bytes, length: int) -> str:
    from beantop.jobs.bodies.plain import first_line  # large, and rarely needed

    return f"{size(length)}  {printable(first_line(body))}"
