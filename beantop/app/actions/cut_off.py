"""Actions that were cut off: what they left is reported when the server is reached; `U` finishes it."""

from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from beantop.app.action_context import UNDO_KEY, ActionContext
from beantop.app.actions.confirmation import confirm, server_line
from beantop.app.actions.cut_off_words import did, ends, risk, unclear, what_is_left, why
from beantop.app.actions.destination import Destination
from beantop.app.session.news import News
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, commands, format_address, parse_address
from beantop.formatting import duration, grouped, plural, printable
from beantop.jobs.aside import PATIENCE, in_time_async
from beantop.jobs.bulk.finish import Finished, Finishing, SourcesUnknown
from beantop.jobs.bulk.leftovers import Leftovers
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.known_server import KnownServer
from beantop.jobs.lines_file import Busy
from beantop.jobs.listing import JobRow, chosen
from beantop.jobs.parking import CutOff, Doing, Parking, Record
from beantop.jobs.trash.store import Trash

NOTHING = "Nothing to finish: no change here was interrupted."

TROUBLE = (OSError, Error, ValueError)
"""Errors of the server, of files, and of records that cannot be read."""


class _Work(NamedTuple):
    """An action that was cut off, and what it left."""

    finishing: Finishing
    left: Leftovers
    unknown: SourcesUnknown | None = None
    """Why it is unknown what became of the sources of a move, if it is."""


def record_of(
    context: ActionContext,
    act: Doing,
    what: str,
    destination: Destination | None = None,
    *,
    trash: Path | None = None,
) -> Record | None:
    """Return the record of an action that puts jobs, here or on the server of the destination."""
    if context.parking is None:
        return None
    here = context.server
    return context.parking.begin(_target_of(destination, here), act, what, trash=trash, source=here)


def _target_of(destination: Destination | None, here: KnownServer) -> KnownServer | str:
    """Return the server that jobs are put on."""
    if destination is None or destination.server is None:
        return here
    return destination.identity or format_address(destination.server.address)


async def cut_off_news(
    parking: Parking, trash: Trash | None, connection: ActingConnection, undo: str = UNDO_KEY
) -> list[News]:
    """Return what to report about actions that were cut off on a server that was just reached. Actions
    that left nothing there are forgotten. `undo` is what finishes them."""
    news: list[News] = []
    try:
        for work in await _examine_all(parking, trash, connection):
            left = work.left
            if not (work.unknown or left.free or left.undo):
                try:
                    left = (await work.finishing.finish()).left
                except (Busy, SourcesUnknown):
                    continue  # another beantop is at work on it, or it will be reported later
            if said := what_is_left(work.finishing.action, left, work.unknown, undo):
                news.append(News(said, "warning"))
    except TROUBLE as error:
        server = printable(format_address(connection.address))
        said = f"It is unknown what was interrupted on {server}: {printable(why(error))}."
        news.append(News(said, "warning"))
    return news


async def finish_cut_off(context: ActionContext) -> None:
    """Finish what was cut off on the server, or say that nothing was."""
    works = await _works(context)
    if works:
        await _ask_and_finish_all(context, works)
    elif works is not None:
        context.say(NOTHING)


async def finish_all_first(context: ActionContext) -> bool:
    """Finish what was cut off on the server, if the user agrees. Return whether jobs from the trash can
    be put back now: nothing was cut off, or only a restore, and that is finished. What cannot be checked
    is skipped, after saying so."""
    works = await _works(context)
    if works is None:
        return False
    for work in works:
        if work.unknown:
            action, undo = work.finishing.action, context.user.undo
            context.say(what_is_left(action, work.left, work.unknown, undo))
    known = [work for work in works if not work.unknown]
    if not known:
        return True
    finished = await _ask_and_finish(context, known)
    return finished and all(work.finishing.action.act == "put back" for work in known)


async def finish_first(context: ActionContext, rows: Sequence[JobRow]) -> bool:
    """Finish, if the user agrees, what was cut off with any of these jobs, since that depends on where
    they are. Return whether the user can act on them now."""
    here, jobs = context.server, chosen(rows)
    if (actions := await _all_cut_off(context)) is None:
        return False
    touched = [action for action in actions if action.touches(here, jobs.ids)]
    for action in touched:
        if not (action.target.is_same(here) or await _goes_on_without(context, action, len(jobs))):
            return False
    paths = {action.path for action in touched if action.target.is_same(here)}
    works = await _works(context) if paths else []
    if works is None:
        return False
    works = [work for work in works if work.finishing.action.path in paths]
    if works and not await _ask_and_finish_all(context, works):
        return False
    if any(entry.id in jobs.ids for work in works for entry in work.finishing.action.entries):
        context.say("These jobs were changed by that: do it again.")
        return False
    return True


async def is_cut_off(context: ActionContext, server: KnownServer, ids: Collection[int]) -> bool:
    """Return whether an action with any of these jobs of another server was cut off, or may have been,
    after saying so."""
    actions = await _all_cut_off(context)
    touched = any(action.touches(server, ids) for action in actions or ())
    if touched:
        there = printable(server.address)
        context.say(f"An action with these jobs was interrupted: open {there} and press U first.")
    return actions is None or touched


async def _all_cut_off(context: ActionContext) -> list[CutOff] | None:
    """Return all interrupted actions. Return None, after saying why, if they could not be read in time."""
    if context.parking is None:
        return []
    try:
        return await in_time_async(context.parking.all_cut_off, PATIENCE)
    except TimeoutError as error:
        context.fail(f"It is unknown what was interrupted: {why(error)}.")
        return None
    except OSError:
        return []  # nothing can have been noted


async def _goes_on_without(context: ActionContext, action: CutOff, count: int) -> bool:
    """Return whether the user can act on the sources of a move to another server. That must be finished
    there first, but a server that is gone cannot keep them forever."""
    there = printable(action.server)
    if not (problem := await _why_unreachable(action.server)):
        undo = context.user.undo
        context.say(f"These jobs are half moved to {there}: on that server, {undo} finishes it.")
        return False
    if why_not := context.why_off:
        context.say(why_not)
        return False
    lines: list[Line] = [
        [(f" These jobs are half moved to {there}, which cannot be asked:", "warn")],
        [(f" {printable(problem)}.", "warn")],
        [],
        [(" If it has copies of them, U will make these ready there:", "warn")],
        [(" the jobs may then be done twice.", "warn")],
        server_line(context.view),
    ]
    title = f"Go on with {plural(count, 'job')} that may be there twice?"
    return await confirm(
        context, title, lines, yes="Go on", count=count, typed=True, about="finish"
    )


async def _why_unreachable(server: str) -> str:
    """Return why a server does not answer; "" if it does."""
    try:
        with closing(ActingConnection(parse_address(server))) as connection:
            async with connection.turn() as turn:
                await turn.call(commands.stats())
    except TROUBLE as error:
        return why(error)
    return ""


async def _works(context: ActionContext) -> list[_Work] | None:
    """Return what cut-off actions left on the server; None, after saying so, if that is unknown."""
    if context.parking is None:
        return []
    works = []
    try:
        for work in await _examine_all(context.parking, context.trash, context.connection):
            left = work.left
            if left.free or left.undo or left.kept:
                works.append(work)
            elif not work.unknown:  # nothing is left on the server
                with suppress(Busy, SourcesUnknown):
                    await work.finishing.finish()
    except TROUBLE as error:
        context.fail(f"It is unknown what was interrupted: {why(error)}.")
        return None
    return works


async def _examine_all(
    parking: Parking, trash: Trash | None, connection: ActingConnection
) -> list[_Work]:
    """Look what cut-off actions left on a server. One whose sources are unknown keeps no other away.
    Raises errors of this server and of files."""
    found = await in_time_async(partial(parking.cut_off, connection.identify()), PATIENCE)
    works, unknown = list[_Work](), dict[str, SourcesUnknown]()
    for action in found:
        finishing = Finishing(action, parking, trash, connection)
        if not (finishing.needs_sources and action.source in unknown):  # ask each server once
            try:
                works.append(_Work(finishing, await finishing.examine()))
                continue
            except SourcesUnknown as error:
                unknown[action.source] = error
        left = await finishing.examine(without_sources=True)
        works.append(_Work(finishing, left, unknown[action.source]))
    return works


async def _ask_and_finish_all(context: ActionContext, works: Sequence[_Work]) -> bool:
    """Ask, first about what is known for sure. Return whether everything was finished."""
    known = [work for work in works if not work.unknown]
    if known and not await _ask_and_finish(context, known):
        return False
    unknown = [work for work in works if work.unknown]
    return all([await _ask_and_finish(context, [work]) for work in unknown])


async def _ask_and_finish(context: ActionContext, works: Sequence[_Work]) -> bool:
    """Ask, and return whether everything was finished."""
    if why_not := context.why_off:
        context.say(why_not)
        return False
    wants = await _wants_to_finish(context, works)
    return wants and all([await _finish(context, work) for work in works])


async def _wants_to_finish(context: ActionContext, works: Sequence[_Work]) -> bool:
    """Ask. What may double jobs must be typed."""
    lines: list[Line] = []
    for work in works:
        action = work.finishing.action
        ago = duration(max(0.0, context.view.wall_time - action.time))
        lines += [
            [(" beantop ", "dim"), (f"{did(action)}, and was interrupted {ago} ago", "bold")],
            *ends(work.left),
            *(risk(work.unknown) if work.unknown else []),
        ]
    count = sum(len(left.free) + len(left.undo) + len(left.kept) for _, left, _ in works)
    is_unknown = any(work.unknown for work in works)
    which = "may be there twice" if is_unknown else "beantop left unfinished"
    title = f"Finish {plural(count, 'job')} that {which}?"
    lines.append(server_line(context.view))
    yes = f"Finish {grouped(count)}"
    return await confirm(
        context, title, lines, yes=yes, count=count, typed=is_unknown, about="finish"
    )


async def _finish(context: ActionContext, work: _Work) -> bool:
    action = work.finishing.action
    try:
        done = await work.finishing.finish(without_sources=work.unknown is not None)
    except (*TROUBLE, SourcesUnknown) as error:
        context.fail(f"Not all was finished: {why(error)}. {context.user.undo} continues.")
        return False
    tally = _tally(done)
    rest = f" {unclear(action, done.left)}." if done.left.unclear else ""
    all_well = tally.done == tally.total and not rest
    context.done(tally.sentence("Finished", "job") + rest, all_well=all_well)
    context.note("Finished", f"what {did(action)}", tally.as_members())
    return not done.failed


def _tally(done: Finished) -> Tally:
    finished = done.freed + done.undone + len(done.left.kept)
    tally = Tally(finished + done.failed, done=finished)
    tally.note(Outcome.PARKED, done.failed)
    return tally
