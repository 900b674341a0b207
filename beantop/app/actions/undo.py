"""The action `U`: undo what was done last, or put back what was deleted last."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import replace

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm, production_word, server_line
from beantop.app.actions.cut_off import finish_all_first, finish_first, is_cut_off, record_of
from beantop.app.actions.destination import Destination
from beantop.app.actions.running import Target, run_bulk
from beantop.app.actions.trash import OFF, ask_and_put_back, last_deletion, unreadable
from beantop.app.session.undo_history import Past
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, commands, describe_error
from beantop.config import ServerConfig
from beantop.formatting import duration, grouped, printable
from beantop.jobs.bulk.checks import SameBody
from beantop.jobs.bulk.move import Move
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.bulk.undo import AsLeft, Restore, Step, to_former_tubes
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.known_server import KnownServer
from beantop.jobs.listing import JobRow
from beantop.jobs.parking import Record

NOTHING = "There is nothing to undo on this server."


async def undo_last(context: ActionContext) -> Tally | None:
    """Ask whether to finish what was cut off on this server, then whether to undo what was done last, and
    do it. Return the tally; None if nothing was undone."""
    if not await finish_all_first(context):
        return None
    past, deletion = context.undo_history.last(context.server), None
    try:
        deletion = await last_deletion(context)
    except OSError as error:
        context.fail(unreadable(error))
        if past is None:
            return None
    if past and (deletion is None or past.at >= deletion.time):
        return await _undo(context, past)
    if deletion and context.trash:
        return await ask_and_put_back(context, context.trash, deletion)
    context.say(NOTHING if context.trash else OFF)
    return None


async def _undo(context: ActionContext, past: Past) -> Tally | None:
    """Ask whether to undo an action, and do it. One that cannot be undone is said to be, and forgotten."""
    if past.why_not:
        context.undo_history.forget(past)
        did = f"{past.did[:1].upper()}{past.did[1:]}"
        context.fail(
            f"{did}: that cannot be undone ({past.why_not}). U again undoes what came before it."
        )
        return None
    there = _now_known(context, past)
    if why_not := context.why_off or _why_off_there(there):
        context.say(why_not)
        return None
    if not (await _is_wanted(context, past, there) and await _is_free(context, past)):
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
            context.fail(f"Nothing was undone: {there} was restarted since.")
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


async def _is_wanted(context: ActionContext, past: Past, there: ServerConfig | None) -> bool:
    count = len(past.steps)
    title = f"Undo {past.doing} {past.words}?"
    return await confirm(
        context,
        title,
        _lines(context, past, there),
        yes="Undo it" if count == 1 else f"Undo {grouped(count)}",
        count=count,
        typed=bool(there and there.production),
        undoable=True,
    )


def _lines(context: ActionContext, past: Past, there: ServerConfig | None) -> list[Line]:
    ago = duration(max(0.0, time.time() - past.at))
    lines: list[Line] = [[(" done    ", "dim"), (f"{ago} ago: ", ""), (past.did, "bold")]]
    if there:
        jobs_on: Line = [(" jobs on ", "dim"), (printable(there.title), "")]
        lines.append([*jobs_on, *production_word(there.production)])
    lines += [server_line(context.view), *_ends(past)]
    if taken := past.done - len(past.steps):
        what = "was taken by a worker" if taken == 1 else "were taken by workers"
        lines.append([(f" {grouped(taken)} more {what} at once, or parked before.", "warn")])
    return [*lines, [], *_risks(past)]


def _risks(past: Past) -> list[Line]:
    """Return the lines that say what an undo cannot do."""
    if len(past.steps) == 1:
        skipped = "A job that anybody has changed or taken since is left alone."
        moved = "It gets a new id, and its age starts again."
    else:
        skipped = "Jobs that anybody has changed or taken since are skipped."
        moved = "The others get new ids, and their ages start again."
    sentences = [skipped, moved] if past.moved else [skipped]
    return [[(f" {sentence}", "")] for sentence in sentences]


def _ends(past: Past) -> list[Line]:
    """Return the lines that say what the jobs will be."""
    if past.moved:
        tubes = Counter(printable(step.before.tube) for step in past.steps)
        named = ", ".join(list(tubes)[:3]) + (" and others" if len(tubes) > 3 else "")
        return [[(" back to ", "dim"), (named, "bold")]]
    ends = Counter(_end_of(step) for step in past.steps)
    return [
        [(f" {state:<8}", "dim"), (f"{grouped(count)} will be {state} again", "")]
        for state, count in ends.items()
    ]


def _end_of(step: Step) -> str:
    """Return the state that a job will have."""
    if step.before.state == "delayed" and not step.delay_left(time.monotonic()):
        return "ready"
    return step.before.state or "ready"


# Doing:


async def _carry_out(context: ActionContext, past: Past) -> Tally:
    if past.moved:
        return await _move_back(context, past)
    restore = Restore(past.steps)
    target = replace(_target(past), how=_how(past))
    return await run_bulk(context, _bulk(context.connection, past, restore), "Restoring", target)


async def _move_back(context: ActionContext, past: Past) -> Tally:
    what = f"{past.words}, which were {past.did}"
    here = context.connection
    other = ActingConnection(past.there.address) if past.there else None
    record: Record | None
    if context.parking and other:
        record = context.parking.begin(context.server, "move", what, source=_place_of(past))
    else:
        record = record_of(context, "move", what)
    move = Move(to_former_tubes(past.steps), here if other else None, record, owns=False)
    move.done = "Moved back"
    tubes = sorted({printable(step.before.tube) for step in past.steps})
    target = replace(_target(past), how=f"to {tubes[0] if len(tubes) == 1 else 'their tubes'}")
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


def _how(past: Past) -> str:
    """Return what jobs are restored to, if that is the same for all."""
    ends = {_end_of(step) for step in past.steps}
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
    goal: Destination | None = None,
) -> None:
    """Note an action on jobs for `U`, if it did anything. `goal` is where it moved them."""
    if not tally.done:
        return
    bodies = {row.job.id: row.body for row in rows if row.body}
    past = Past(
        context.server,
        time.time(),
        doing.lower(),
        target.words,
        did(done, target),
        tally.done,
        steps,
        {step.after.id: bodies[step.before.id] for step in steps if step.before.id in bodies},
        isinstance(goal, Destination),
        goal.server if goal else None,
        goal.identity if goal else None,
        why_not="" if steps else "none of the jobs stayed as it was left",
    )
    context.undo_history.add(past)


def remember_lasting(context: ActionContext, did: str, why_not: str) -> None:
    """Note an action that cannot be undone, so that `U` says so."""
    context.undo_history.add(Past(context.server, time.time(), "", "", did, why_not=why_not))


def did(done: str, target: Target) -> str:
    """Return what was done, as the end of a sentence."""
    return " ".join(filter(None, (done.lower(), target.words, target.where, target.how)))
