"""The actions on jobs: kick, bury, delete, move, copy and change, from the key to the toast."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias

from beantop.app.action_context import ActionContext
from beantop.app.actions.careful import ask_rate, careful_offer
from beantop.app.actions.confirmation import Other, confirm, wants_number_typed
from beantop.app.actions.cut_off import finish_first, record_of
from beantop.app.actions.destination import (
    Destination,
    completed,
    exists_or_is_created,
    other_servers,
    read_destination,
    what_is_wrong,
)
from beantop.app.actions.running import Hints, run_bulk
from beantop.app.actions.targets import subject_of, target_lines, target_of, why_held
from beantop.app.actions.undo import remember, remember_lasting, with_target
from beantop.app.questions import AskText, Offer, read_count, read_seconds
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, State, describe_error
from beantop.beanstalk.commands import MAX_UINT32
from beantop.formatting import duration, printable
from beantop.jobs.aside import SAVING, in_time_async
from beantop.jobs.bulk.careful import Careful, spread
from beantop.jobs.bulk.checks import SameBody
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Copy, Move, to_tube
from beantop.jobs.bulk.restore_state import MAX_JOBS, Noted, Step
from beantop.jobs.bulk.runner import Act, Bulk, Pace
from beantop.jobs.bulk.simple import Bury, Kick, Reprioritize
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_info import MIN_PARKED, JobInfo
from beantop.jobs.listing import ChosenRows, JobRow, chosen
from beantop.jobs.storage import describe_file_error

JobAction: TypeAlias = Callable[
    [ActionContext, Sequence[JobRow]], Coroutine[None, None, Tally | None]
]
"""Returns the tally; None if the user canceled."""


class Wording(NamedTuple):
    """The words of the questions of an action, and of its progress."""

    verb: str
    doing: str
    no: str = "Cancel"
    """The button that declines."""
    instead: str = ""
    """A word that can be typed instead of the number of jobs; "" for none."""


KICK = Wording("Kick", "Kicking", instead="all")
BURY = Wording("Bury", "Burying")
DELETE = Wording("Delete", "Deleting", no="Keep")
MOVE = Wording("Move", "Moving")
COPY = Wording("Copy", "Copying")
CHANGE = Wording("Change", "Changing")

PUTS_BACK = Hints("{undo} puts it back.", "{undo} puts them back.")

UNDOES = Hints("Press U to undo.", "Press U to undo.", needs_memory=True)

TOO_MANY = f"only {MAX_JOBS:,} jobs are remembered"

FILE_IS_GONE = Hints(
    "It cannot be put back: its file in the trash was removed.",
    "They cannot be put back: their file in the trash was removed.",
    is_warning=True,
)

NO_CHANGE = "Type a priority (0 to 4294967295), a delay, or both: 1024 delay 10m."


async def act_on(context: ActionContext, action: JobAction, rows: Sequence[JobRow]) -> Tally | None:
    """Run an action on jobs, unless another action with them was cut off and is not finished."""
    return await action(context, rows) if await finish_first(context, rows) else None


async def kick_jobs(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Ask, then make the jobs ready."""
    states = chosen(rows).states
    if set(states) == {"ready"}:
        context.say(
            f"{subject_of(rows)} already ready. Only buried and delayed jobs can be kicked."
        )
        return None
    offer = careful_offer(len(rows) - states["reserved"])
    return await _ask_and_do(context, rows, Kick(), KICK, "to ready", offer=offer)


async def kick_carefully(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Ask for a rate, then make a few of the jobs ready, and the others at that rate if workers finish
    the first ones."""
    if not careful_offer(len(rows)):
        return await kick_jobs(context, rows)
    rate = await ask_rate(context, rows)
    if rate is None:
        return None
    rows = ChosenRows(spread(chosen(rows).jobs), chosen(rows).bodies)
    pace = Careful(context.connection, rows.jobs, rate)
    how = "to ready, carefully"
    return await _do_undoably(context, rows, Noted(Kick()), KICK, how, pace=pace)


async def bury_jobs(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Ask, then bury the jobs."""
    if set(chosen(rows).states) == {"buried"}:
        context.say(f"{subject_of(rows)} already buried.")
        return None
    return await _ask_and_do(context, rows, Bury(), BURY)


async def delete_jobs(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Ask, then save and delete the jobs."""
    if why := why_held(rows):
        context.say(why)
        return None
    trash = context.trash
    warning = (
        f"The jobs are saved first. {context.user.undo} puts them back, with new ids."
        if trash
        else "This cannot be undone: the trash is off."
    )
    target = target_of(rows)
    lines: list[Line] = [[], [(f" {warning}", "" if trash else "warn")]]
    if not await _agrees(context, rows, DELETE, more=lines, undoable=trash is not None):
        return None
    try:
        what = f"{target.words} {target.where}"
        begin = partial(trash.begin, context.server, what) if trash else None
        file = await in_time_async(begin, SAVING) if begin else None
    except OSError as error:
        context.fail(
            f"Nothing was deleted, because the jobs could not be saved: {describe_file_error(error)}."
        )
        return None
    delete = Delete(file)
    bulk = _bulk(context, rows, delete)

    def hints() -> Hints | None:
        return (PUTS_BACK if delete.is_saved else FILE_IS_GONE) if file else None

    tally = await run_bulk(context, bulk, DELETE.doing, target, hints)
    if tally.done and not (file and delete.is_saved):
        why_not = "the file in the trash was removed" if file else "the trash is off"
        remember_lasting(context, with_target(DELETE.doing, target), why_not)
    return tally


async def move_jobs(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Ask for a destination, then move the jobs."""
    if why := why_held(rows):
        context.say(why)
        return None
    destination = await _ask_where(context, rows, MOVE)
    undoable = _can_be_undone(context, rows, lambda job: job.state)
    if destination is None or not await _is_sure(
        context, rows, MOVE, destination, undoable=undoable
    ):
        return None
    record = record_of(context, "move", _words(rows, destination), destination)
    there = destination.connect()
    move = Move(to_tube(destination.tube), there, record)
    return await _do_undoably(
        context, rows, Noted(move, there), MOVE, f"to {destination.words}", destination
    )


async def copy_jobs(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Ask for a destination, then put copies of the jobs there."""
    destination = await _ask_where(context, rows, COPY)
    if destination is None or not await _is_sure(context, rows, COPY, destination):
        return None
    record = record_of(context, "put", f"copies of {_words(rows, destination)}", destination)
    copy = Copy(to_tube(destination.tube), destination.connect(), record)
    target = replace(target_of(rows), how=f"to {destination.words}", put="the copy is job")
    tally = await run_bulk(context, _bulk(context, rows, copy), COPY.doing, target)
    if tally.done:
        instead = "delete the copies instead" if tally.done > 1 else "delete the copy instead"
        remember_lasting(context, with_target(COPY.doing, target), instead)
    return tally


async def change_jobs(context: ActionContext, rows: Sequence[JobRow]) -> Tally | None:
    """Ask for another priority or delay, then give it to the jobs."""
    if why := why_held(rows):
        context.say(why)
        return None
    text = await context.ask(
        AskText(
            f"Change priority or delay of {target_of(rows).words}?",
            [
                *target_lines(context, rows),
                [],
                [(" Priority 0 is the most urgent. Ids and ages do not change.", "")],
                [(" A delay makes a ready job delayed;", "")],
                [(" delay 0 makes a delayed job ready.", "")],
            ],
            hint="priority, or delay 10m, or both: 1024 delay 10m",
            yes="change",
            check=lambda text: "" if read_change(text) else NO_CHANGE,
            count=len(rows),
        )
    )
    change = read_change(text) if text else None
    if change is None:
        return None
    undoable = _can_be_undone(context, rows, change.state_after)
    if not await _is_sure(context, rows, CHANGE, undoable=undoable):
        return None
    return await _do_undoably(context, rows, Noted(change), CHANGE, f"to {_changed(change)}")


def read_change(text: str) -> Reprioritize | None:
    """Return the change that a user typed; None if it cannot be read.

    >>> read_change("5"), read_change("delay 2m"), read_change("5 delay 0"), read_change("soon")
    (Reprioritize(priority=5, delay=None), Reprioritize(priority=None, delay=120), Reprioritize(priority=5, delay=0), None)
    """
    first, _, last = (part.strip() for part in text.partition("delay"))
    priority = read_count(first) if first else None
    delay = read_seconds(last) if last else None
    wrong = (first and priority is None) or (last and delay is None)
    too_much = (priority or 0) > MAX_UINT32 or (delay or 0) >= MIN_PARKED
    if wrong or too_much or (priority is None and delay is None):
        return None
    return Reprioritize(priority, delay)


def _changed(change: Reprioritize) -> str:
    """Return what jobs are changed to."""
    priority = "" if change.priority is None else f"priority {change.priority}"
    delay = "" if change.delay is None else f"delay {duration(change.delay)}"
    return ", ".join(filter(None, (priority, delay)))


# Asking:


async def _ask_and_do(
    context: ActionContext,
    rows: Sequence[JobRow],
    act: Bury | Kick,
    wording: Wording,
    how: str = "",
    *,
    offer: Offer | None = None,
) -> Tally | None:
    """Ask, then act. The only `offer` so far is a careful kick."""
    if why := why_held(rows):
        context.say(why)
        return None
    undoable = _can_be_undone(context, rows, act.state_after)
    end = f" {how}?" if how else "?"
    agreed = await _agrees(context, rows, wording, end, undoable=undoable, offer=offer)
    if isinstance(agreed, Offer):
        return await kick_carefully(context, rows)
    return await _do_undoably(context, rows, Noted(act), wording, how) if agreed else None


def _can_be_undone(
    context: ActionContext,
    rows: Sequence[JobRow],
    state_after: Callable[[JobInfo], State | None],
) -> bool:
    """Return whether the user can surely undo an action that leaves jobs in these states. Workers may take
    ready jobs at once."""
    is_remembered = context.user.remembers and len(rows) <= MAX_JOBS
    return is_remembered and all(state_after(job) != "ready" for job in chosen(rows).jobs)


async def _do_undoably(
    context: ActionContext,
    rows: Sequence[JobRow],
    noted: Noted,
    wording: Wording,
    how: str = "",
    destination: Destination | None = None,
    pace: Pace | None = None,
) -> Tally:
    """Carry it out, and remember what it did to each job, unless there are too many."""
    target, doing = replace(target_of(rows), how=how), wording.doing
    bulk = _bulk(context, rows, noted, pace)

    def undoable() -> list[Step]:
        taken = pace.taken if isinstance(pace, Careful) else frozenset[int]()
        return [step for step in noted.steps if step.after.id not in taken]

    tally = await run_bulk(context, bulk, doing, target, lambda: UNDOES if undoable() else None)
    if noted.has_too_many:
        remember_lasting(context, with_target(doing, target), TOO_MANY)
    else:
        remember(context, undoable(), noted.done, doing, target, rows, tally, destination)
    return tally


def _words(rows: Sequence[JobRow], destination: Destination) -> str:
    """Return which jobs are put where."""
    target = target_of(rows)
    return f"{target.words} {target.where} to {destination.words}"


def _bulk(
    context: ActionContext, rows: Sequence[JobRow], act: Act[JobInfo], pace: Pace | None = None
) -> Bulk[JobInfo]:
    """Return the action on the jobs as they were seen."""
    return Bulk(context.connection, SameBody(act, chosen(rows).bodies), chosen(rows).jobs, pace)


async def _agrees(
    context: ActionContext,
    rows: Sequence[JobRow],
    wording: Wording,
    end: str = "?",
    more: Sequence[Line] = (),
    *,
    into_production: bool = False,
    undoable: bool = False,
    offer: Other | None = None,
) -> bool | Other:
    """Return whether the user agrees: by a key or, where much is at stake, by typing the number of jobs.
    If the user takes the `offer`, return that."""
    count = len(rows)
    return await confirm(
        context,
        f"{wording.verb} {target_of(rows).words}{end}",
        [*target_lines(context, rows), *more],
        yes=f"{wording.verb} {'it' if count == 1 else count}",
        no=wording.no,
        count=count,
        typed=into_production,
        undoable=undoable,
        word=wording.instead,
        offer=offer,
    )


async def _is_sure(
    context: ActionContext,
    rows: Sequence[JobRow],
    wording: Wording,
    destination: Destination | None = None,
    *,
    undoable: bool = False,
) -> bool:
    """Where much is at stake, ask once more, for the number of jobs."""
    into = bool(destination and destination.server and destination.server.production)
    if into or wants_number_typed(context.view, len(rows), undoable=undoable):
        more, end = ([destination.line], f" to {destination.words}?") if destination else ([], "?")
        return await _agrees(context, rows, wording, end, more=more, into_production=into)
    return True


async def _ask_where(
    context: ActionContext, rows: Sequence[JobRow], wording: Wording
) -> Destination | None:
    """Ask for a tube until it is one that exists or is to be created; None if the user cancels."""
    answer: str | None = ""
    while (
        answer := await context.ask(_which_tube(context, rows, wording, answer or ""))
    ) is not None:
        destination = read_destination(context.view, answer)
        try:
            if await exists_or_is_created(context, destination):
                return destination
        except Error as error:
            server = printable((destination.server or context.view.known).title)
            context.fail(
                f"Nothing was done: {server} cannot be asked for its tubes: {describe_error(error)}."
            )
            return None
    return None


def _which_tube(
    context: ActionContext, rows: Sequence[JobRow], wording: Wording, text: str
) -> AskText:
    """Return the question for a tube; `text` is what was typed before."""
    return AskText(
        f"{wording.verb} {target_of(rows).words} to which tube?",
        [*target_lines(context, rows), *other_servers(context.view)],
        hint="name of the tube",
        yes=f"{wording.verb.lower()} there",
        check=lambda text: _why_not_there(context, rows, wording, text),
        complete=lambda text: completed(context.view, text),
        text=text,
        answered=lambda text: (
            f"{wording.verb} {target_of(rows).words} to {read_destination(context.view, text).words}?"
        ),
        count=len(rows),
    )


def _why_not_there(
    context: ActionContext, rows: Sequence[JobRow], wording: Wording, text: str
) -> str:
    """Return why the jobs cannot go where a user typed, as a sentence; "" if they can. A move to the tube that
    they are in would lose their ids, ages and counters for nothing."""
    if why := what_is_wrong(context.view, text):
        return why
    destination = read_destination(context.view, text)
    if (
        wording is MOVE
        and destination.is_on(context.server)
        and chosen(rows).tubes == [destination.tube]
    ):
        return f"{subject_of(rows)} already in {printable(destination.tube)}."
    return ""
