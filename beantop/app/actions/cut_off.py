"""Actions that were cut off: what they left is reported when the server is reached; `U` finishes it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm, server_line
from beantop.app.actions.destination import Destination
from beantop.app.session.news import News
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, describe_error, format_address
from beantop.formatting import duration, grouped, plural, printable
from beantop.jobs.bulk.finish import Finished, Finishing
from beantop.jobs.bulk.leftovers import Leftovers
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.known_server import KnownServer
from beantop.jobs.lines_file import Busy
from beantop.jobs.listing import JobRow
from beantop.jobs.parking import CutOff, Doing, Entry, Parking, Record
from beantop.jobs.trash.store import Trash

NOTHING = "Nothing to finish: no change here was interrupted."

_PAST: dict[Doing, str] = {"put back": "put back", "move": "moved", "put": "put"}

TROUBLE = (OSError, Error, ValueError)
"""Errors of the server, of files, and of records that cannot be read."""


class _Work(NamedTuple):
    """An action that was cut off, and what it left."""

    finishing: Finishing
    left: Leftovers


def record_of(
    context: ActionContext,
    act: Doing,
    what: str,
    goal: Destination | None = None,
    *,
    trash: Path | None = None,
) -> Record | None:
    """Return the record of an action that puts jobs, here or on the server of the destination."""
    if context.parking is None:
        return None
    here = context.server
    return context.parking.begin(_target_of(goal, here), act, what, trash=trash, source=here)


def _target_of(goal: Destination | None, here: KnownServer) -> KnownServer | str:
    """Return the server that jobs are put on."""
    if goal is None or goal.server is None:
        return here
    return goal.identity or format_address(goal.server.address)


async def cut_off_news(
    parking: Parking, trash: Trash | None, connection: ActingConnection
) -> list[News]:
    """Return what to report about actions that were cut off on a server that was just reached. Actions
    that left nothing there are forgotten."""
    news: list[News] = []
    try:
        for one in await _finishings(parking, trash, connection):
            left = await one.look()
            if not (left.free or left.undo):
                left = (await one.finish()).left
            if said := what_is_left(one.action, left):
                news.append(News(said, "warning"))
    except Busy:
        return news  # another beantop is at work on it
    except TROUBLE as error:
        server = printable(format_address(connection.address))
        said = (
            f"It is unknown what was interrupted on {server}: {printable(describe_error(error))}."
        )
        news.append(News(said, "warning"))
    return news


async def finish_cut_off(context: ActionContext) -> None:
    """Finish what was cut off on the server, or say that nothing was."""
    works = await _works(context)
    if works:
        await _ask_and_finish(context, works)
    elif works is not None:
        context.say(NOTHING)


async def nothing_is_cut_off(context: ActionContext) -> bool:
    """Finish what was cut off on the server, if the user agrees. Return whether jobs from the trash can
    be put back now: nothing was cut off, or only a restore, and that is finished."""
    works = await _works(context)
    if not works:
        return works is not None
    finished = await _ask_and_finish(context, works)
    return finished and all(work.finishing.action.act == "put back" for work in works)


async def is_whole(context: ActionContext, rows: Sequence[JobRow]) -> bool:
    """Return whether the user can act on these jobs now. An action that was cut off with any of them must
    be finished first, since it depends on where they are."""
    parking, here = context.parking, context.server
    if parking is None:
        return True
    ids = {row.job.id for row in rows}
    try:
        actions = await asyncio.to_thread(parking.all_cut_off)
    except OSError:
        return True  # nothing can have been noted
    touched = [action for action in actions if action.touches(here, ids)]
    for action in touched:
        if not action.target.is_same(here):
            context.say(
                f"These jobs are half moved to {action.server}: open that server and press U first."
            )
            return False
    works = await _works(context) if touched else []
    return works is not None and (not works or await _ask_and_finish(context, works))


async def _works(context: ActionContext) -> list[_Work] | None:
    """Return what cut-off actions left on the server; None, after saying so, if that is unknown."""
    if context.parking is None:
        return []
    try:
        works = []
        for finishing in await _finishings(context.parking, context.trash, context.connection):
            left = await finishing.look()
            if left.free or left.undo:
                works.append(_Work(finishing, left))
            else:  # nothing is left on the server
                await finishing.finish()
    except TROUBLE as error:
        context.fail(f"It is unknown what was interrupted: {describe_error(error)}.")
        return None
    return works


async def _ask_and_finish(context: ActionContext, works: Sequence[_Work]) -> bool:
    """Ask, and return whether everything was finished."""
    if why_not := context.why_off:
        context.say(why_not)
        return False
    wants = await _wants_to_finish(context, works)
    return wants and all([await _finish(context, work.finishing) for work in works])


def what_is_left(action: CutOff, left: Leftovers) -> str:
    """Return what to report about an action that was cut off; "" if it left nothing."""
    parts = [f"{_jobs(left.parked)} {_are(left.parked)} parked"] if left.parked else []
    if waiting := left.waiting:
        twice = f"{_are(waiting)} there twice"
        what = twice if action.act == "move" else "were put back, but that was not noted"
        parts.append(f"{_jobs(waiting)} {what}")
    if left.unclear:
        parts.append(_unclear(action, left))
    if not parts and not left.not_put:
        return ""
    said = f"{', and '.join(parts) or 'Nothing is parked'}: beantop was interrupted while it {_did(action)}."
    if left.problem:
        said += f" More may be parked: {printable(left.problem)}."
    if left.free or left.undo:
        return f"{said} U finishes that."
    return f"{said} U puts back the rest." if left.not_put else said


def _unclear(action: CutOff, left: Leftovers) -> str:
    """What nobody can know of some jobs."""
    moved = action.act == "move"
    what = "may be there twice" if moved else "may have been put back or not (u shows them)"
    return f"{_jobs(left.unclear)} {what}"


async def _finishings(
    parking: Parking, trash: Trash | None, connection: ActingConnection
) -> list[Finishing]:
    found = await asyncio.to_thread(parking.cut_off, connection.identify())
    return [Finishing(action, parking, trash, connection) for action in found]


async def _wants_to_finish(context: ActionContext, works: Sequence[_Work]) -> bool:
    lines: list[Line] = []
    for action, left in ((work.finishing.action, work.left) for work in works):
        ago = duration(max(0.0, context.view.wall_time - action.time))
        lines += [
            [(" beantop ", "dim"), (f"{_did(action)}, and was interrupted {ago} ago", "bold")],
            *_ends(left),
        ]
    count = sum(len(left.free) + len(left.undo) for _, left in works)
    title = f"Finish {plural(count, 'job')} that beantop left unfinished?"
    lines.append(server_line(context.view))
    return await confirm(context, title, lines, yes=f"Finish {grouped(count)}", count=count)


def _ends(left: Leftovers) -> list[Line]:
    """Return what will become of the jobs."""
    states = Counter("buried" if entry.state == "buried" else "ready" for entry in left.free)
    lines: list[Line] = [
        [(f" {state:<7} ", "dim"), (f"{grouped(count)} will be {state}", "")]
        for state, count in states.items()
    ]
    if undo := len(left.undo):
        what = "copies will be deleted: the originals are still there"
        lines.append([(" undone  ", "dim"), (f"{grouped(undo)} {what}", "")])
    if perhaps := left.perhaps_done:
        lines.append([(f" A worker may have done {grouped(perhaps)} of them already.", "warn")])
    return lines


async def _finish(context: ActionContext, finishing: Finishing) -> bool:
    action = finishing.action
    try:
        done = await finishing.finish()
    except TROUBLE as error:
        context.fail(f"Not all was finished: {describe_error(error)}. U continues.")
        return False
    tally = _tally(done)
    unclear = f" {_unclear(action, done.left)}." if done.left.unclear else ""
    all_well = tally.done == tally.total and not unclear
    context.done(tally.sentence("Finished", "job") + unclear, all_well=all_well)
    context.note("Finished", f"what {_did(action)}", tally.as_members())
    return not done.failed


def _tally(done: Finished) -> Tally:
    tally = Tally(done.freed + done.undone + done.failed, done=done.freed + done.undone)
    tally.note(Outcome.PARKED, done.failed)
    return tally


def _did(action: CutOff) -> str:
    """Return what beantop did, as it follows "beantop"; safe to show."""
    return f"{_PAST[action.act]} {printable(action.what)}"


def _jobs(entries: Sequence[Entry]) -> str:
    """Return the number of jobs with their tube; safe to show."""
    tubes = sorted({printable(entry.tube) for entry in entries})
    return (
        f"{plural(len(entries), 'job')} of {tubes[0] if len(tubes) == 1 else f'{len(tubes)} tubes'}"
    )


def _are(entries: Sequence[Entry]) -> str:
    return "is" if len(entries) == 1 else "are"
