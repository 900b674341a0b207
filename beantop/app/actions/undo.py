"""The action `U`: undo what was done last, or put back what was deleted last."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm, production_word, server_line
from beantop.app.actions.cut_off import finish_all_first, finish_first, is_cut_off, record_of
from beantop.app.actions.destination import Destination
from beantop.app.actions.running import Target, run_bulk
from beantop.app.actions.trash import (
    OFF,
    ask_and_put_back,
    last_deletion,
    passed_over,
    unreadable,
)
from beantop.app.session.undo_history import Past
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, commands, describe_error
from beantop.config import ServerConfig
from beantop.formatting import duration, grouped, plural, printable
from beantop.jobs.body import digest_of
from beantop.jobs.bulk.checks import SameBody
from beantop.jobs.bulk.move import Move
from beantop.jobs.bulk.restore_state import AsLeft, Restore, Step, to_former_tubes
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.known_server import KnownServer
from beantop.jobs.listing import JobRow, chosen
from beantop.jobs.parking import Record
from beantop.jobs.trash.store import Last

NOTHING = (
    "There is nothing to undo on this server: the trash has no jobs of it that can be put back."
)

NOTHING_ELSE = "There is nothing else to undo on this server."

UNSEEN_DELETION = "A deletion may be more recent than this action."


async def undo_last(context: ActionContext) -> Tally | None:
    """Ask whether to finish what was cut off on this server, then whether to undo what was done last, and
    do it. Return the tally; None if nothing was undone."""
    if not await finish_all_first(context):
        return None
    past, last, warning = context.undo_history.last(context.server), Last(None), ""
    try:
        last = await last_deletion(context)
    except OSError as error:
        warning = unreadable(error)
        if past is None:
            context.fail(warning)
            return None
    deletion = last.deletion
    if unread := passed_over(last):
        context.say(unread)
    if past and (deletion is None or past.at >= deletion.time):
        return await _undo(context, past, warning)
    if deletion and context.trash:
        return await ask_and_put_back(context, context.trash, deletion, always=True)
    context.say(_nothing(last) if context.trash else OFF)
    return None


def _nothing(last: Last) -> str:
    """Return why nothing is undone, and what is left in the trash."""
    if not last.seen:
        return NOTHING_ELSE if last.unreadable else NOTHING
    were, them = ("was", "it") if last.seen == 1 else ("were", "them")
    jobs = f"{plural(last.seen, 'job')} in the trash {were} still on the server before"
    return f"{NOTHING_ELSE} {jobs}: a worker may have finished {them}. The trash on the screen (u) offers {them}."


async def _undo(context: ActionContext, past: Past, warning: str) -> Tally | None:
    """Ask whether to undo an action, and do it. If it cannot be undone, say so and forget it."""
    if past.why_not:
        context.undo_history.forget(past)
        doing = f"{past.doing[:1].upper()}{past.doing[1:]}"
        cannot = f"{doing} cannot be undone: {past.why_not}."
        before = "Press U again to undo the action before it."
        context.fail(" ".join(filter(None, (cannot, before, warning))))
        return None
    there = _now_known(context, past)
    if why_not := context.why_off or _why_off_there(there):
        context.say(why_not)
        return None
    wanted = await _is_wanted(context, past, there, warning)
    if not (wanted and await _is_free(context, past)):
        return None
    tally = await _carry_out(context, past)
    rest = [step for step in past.steps if step.after.id not in tally.done_ids]
    if rest and tally.ended:
        context.undo_history.keep(past, rest)
    else:
        context.undo_history.forget(past)
    return tally


def _now_known(context: ActionContext, past: Past) -> ServerConfig | None:
    """Return the rules of the other server as they are now."""
    there = past.there
    if there is None:
        return None
    same = (known for known in context.view.fleet if known.address == there.address)
    return next(same, there)


def _why_off_there(there: ServerConfig | None) -> str:
    return f"{printable(there.title)} is read-only." if there and there.readonly else ""


async def _is_free(context: ActionContext, past: Past) -> bool:
    """Return whether no other action with these jobs was cut off; else say what to do first."""
    jobs = [step.after for step in past.steps]
    if past.there is None:
        return await finish_first(context, [JobRow(job, None) for job in jobs])
    there = printable(past.there.title)
    try:
        if await _is_another_process(past):
            context.fail(f"Nothing was undone: {there} has restarted since then.")
            return False
    except Error as error:
        context.fail(f"Nothing was undone: {there}: {describe_error(error)}.")
        return False
    return not await is_cut_off(context, _place_of(past), {job.id for job in jobs})


def _place_of(past: Past) -> KnownServer:
    """Return the server that the jobs are on now."""
    if past.there is None:
        return past.where
    return past.there_known or KnownServer.of(past.there.address, None)


# Asking:


async def _is_wanted(
    context: ActionContext, past: Past, there: ServerConfig | None, warning: str
) -> bool:
    """Return whether the user wants to undo it. `warning` is a sentence about the trash."""
    count = len(past.steps)
    lines = _lines(context, past, there)
    if warning:
        lines += [[], [(f" {warning}", "warn")], [(f" {UNSEEN_DELETION}", "warn")]]
    return await confirm(
        context,
        f"Undo {past.doing} {past.words}?",
        lines,
        yes="Undo it" if count == 1 else f"Undo up to {grouped(count)}",
        count=count,
        typed=bool(there and there.production),
        always=True,  # what is undone is not on the screen
        undoable=True,
        about="undo",
    )


def _lines(context: ActionContext, past: Past, there: ServerConfig | None) -> list[Line]:
    ago = duration(max(0.0, context.view.wall_time - past.at))
    lines: list[Line] = [[(" done    ", "dim"), (f"{ago} ago: ", ""), (past.did, "bold")]]
    if past.moved:
        on: Line = [(f" on {printable(there.title)}", "")] if there else []
        production = there is not None and there.production
        now = _tubes(step.after.tube for step in past.steps)
        lines.append([(" from    ", "dim"), (now, ""), *on, *production_word(production)])
    server, ends = server_line(context.view), _ends(past, time.monotonic())
    lines += [*ends, server] if past.moved else [server, *ends]
    if lost := past.done - len(past.steps):
        lines.append([(f" {grouped(lost)} more cannot be undone:", "warn")])
        lines.append([(f" {_why_lost(lost)}.", "warn")])
    return [*lines, [], *_risks(past)]


def _why_lost(count: int) -> str:
    """Return all that is known of jobs that were changed, but are not in the steps of the action.

    >>> _why_lost(1)
    'it was taken, changed or parked, or could not be read again'
    """
    were = "it was" if count == 1 else "they were"
    return f"{were} taken, changed or parked, or could not be read again"


def _risks(past: Past) -> list[Line]:
    """Return the lines that say what an undo cannot do."""
    if len(past.steps) == 1:
        skipped = "If the job was changed or reserved in the meantime, it is skipped."
        moved = "The job gets a new id, and its age starts at 0."
    else:
        skipped = "Jobs that were changed or reserved in the meantime are skipped."
        moved = "The jobs get new ids, and their ages start at 0."
    sentences = [skipped, moved] if past.moved else [skipped]
    return [[(f" {sentence}", "")] for sentence in sentences]


def _ends(past: Past, now: float) -> list[Line]:
    """Return the lines that say what the jobs will be. `now` is of the monotonic clock."""
    if past.moved:
        return [[(" to      ", "dim"), (_tubes(step.before.tube for step in past.steps), "bold")]]
    ends = Counter(_end_of(step, now) for step in past.steps)
    most = "up to " if len(past.steps) > 1 else ""
    return [
        [(f" {state:<8}", "dim"), (f"{most}{grouped(count)} will be {state} again", "")]
        for state, count in ends.items()
    ]


def _tubes(names: Iterable[str]) -> str:
    """Return the first of some tubes; safe to show."""
    tubes = list(dict.fromkeys(map(printable, names)))
    return ", ".join(tubes[:3]) + (" and others" if len(tubes) > 3 else "")


def _end_of(step: Step, now: float) -> str:
    """Return the state that a job will have."""
    if step.before.state == "delayed" and not step.delay_left(now):
        return "ready"
    return step.before.state or "ready"


# Doing:


async def _carry_out(context: ActionContext, past: Past) -> Tally:
    if past.moved:
        return await _move_back(context, past)
    restore = Restore(past.steps)
    target = replace(_target(past), how=_how(past, time.monotonic()))
    return await run_bulk(context, _bulk(context.connection, past, restore), "Restoring", target)


async def _move_back(context: ActionContext, past: Past) -> Tally:
    tubes = sorted({printable(step.before.tube) for step in past.steps})
    to = f"to {tubes[0] if len(tubes) == 1 else 'their tubes'}"
    what = f"{past.words} back {to}"
    here = context.connection
    other = ActingConnection(past.there.address) if past.there else None
    record: Record | None
    if context.parking and other:
        record = context.parking.begin(context.server, "move", what, source=_place_of(past))
    else:
        record = record_of(context, "move", what)
    move = Move(to_former_tubes(past.steps), here if other else None, record, owns=False)
    move.done = "Moved back"
    target = replace(_target(past), how=to)
    with closing(other) if other else nullcontext():
        bulk = _bulk(other or here, past, move)
        return await run_bulk(context, bulk, "Moving back", target)


async def _is_another_process(past: Past) -> bool:
    """Return whether the other server was restarted without its jobs, so that their ids mean nothing.
    Raises what the connection raises."""
    known = past.there_known
    if past.there is None or known is None or not known.id:
        return False
    with closing(ActingConnection(past.there.address)) as connection:
        async with connection.turn() as turn:
            stats = await turn.call(commands.stats())
    return stats.get("id") != known.id and not stats.get("binlog-current-index")


def _bulk(connection: ActingConnection, past: Past, act: Restore | Move) -> Bulk[JobInfo]:
    """Return the action on the jobs as they were left."""
    checked = AsLeft(SameBody(act, past.bodies), past.steps)
    return Bulk(connection, checked, [step.after for step in past.steps])


def _target(past: Past) -> Target:
    jobs = [step.after for step in past.steps]
    tubes = sorted({printable(job.tube) for job in jobs})
    where = f"of {tubes[0]}" if len(tubes) == 1 else f"of {len(tubes)} tubes"
    name = f"job {jobs[0].id}" if len(jobs) == 1 else ""
    return Target(len(jobs), "job", where, name)


def _how(past: Past, now: float) -> str:
    """Return what jobs are restored to, if that is the same for all."""
    ends = {_end_of(step, now) for step in past.steps}
    if all(step.before.state == step.after.state for step in past.steps):
        ends = {f"priority {step.before.known_priority}" for step in past.steps}
    return f"to {next(iter(ends))}" if len(ends) == 1 else ""


# Remembering:


def remember(
    context: ActionContext,
    steps: Sequence[Step],
    done: str,
    doing: str,
    target: Target,
    rows: Sequence[JobRow],
    tally: Tally,
    destination: Destination | None = None,
) -> None:
    """Note an action on jobs for `U`, if it did anything. `destination` is where it moved them."""
    if not tally.done:
        return
    if not steps:
        remember_lasting(context, with_target(doing, target), _why_lost(tally.done))
        return
    seen = chosen(rows).bodies
    bodies = {
        step.after.id: digest_of(seen[id]) for step in steps if (id := step.before.id) in seen
    }
    target = replace(target, count=tally.done)
    past = Past(
        context.server,
        doing.lower(),
        target.words,
        with_target(done, target),
        tally.done,
        steps,
        bodies,
        destination is not None,
        destination.server if destination else None,
        destination.identity if destination else None,
    )
    context.undo_history.add(past)


def remember_lasting(context: ActionContext, doing: str, why_not: str) -> None:
    """Note an action that cannot be undone, so that `U` says so: "pausing tube a", and why not or what to
    do instead, as a clause."""
    context.undo_history.add(Past(context.server, doing, why_not=why_not))


def with_target(verb: str, target: Target) -> str:
    """Return what is done or was done, as a part of a sentence: "moving 3 ready jobs of a to b"."""
    return " ".join(filter(None, (verb.lower(), target.words, target.where, target.how)))
