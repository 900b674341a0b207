"""Actions on all jobs of one state, in one tube or several."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import NamedTuple, get_args

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import server_line
from beantop.app.actions.finding import find_all
from beantop.app.actions.jobs import (
    JobAction,
    act_on,
    bury_jobs,
    change_jobs,
    copy_jobs,
    delete_jobs,
    move_jobs,
)
from beantop.app.actions.targets import tubes_line
from beantop.app.questions import PickState
from beantop.beanstalk import State
from beantop.formatting import plural, printable
from beantop.jobs.listing import ChosenRows
from beantop.monitor.snapshot import Tube


class StateAction(NamedTuple):
    """An action on jobs, with the states it is offered for."""

    verb: str
    act: JobAction
    states: tuple[State, ...] = ("ready", "delayed", "buried")
    """All but reserved, unless the action also works on reserved jobs."""


DELETE = StateAction("Delete", delete_jobs)
MOVE = StateAction("Move", move_jobs)
COPY = StateAction("Copy", copy_jobs, get_args(State))
BURY = StateAction("Bury", bury_jobs, ("ready", "delayed"))
CHANGE = StateAction("Change", change_jobs)


async def act_on_state(context: ActionContext, tubes: Sequence[Tube], action: StateAction) -> None:
    """Ask for a state, find the jobs in it, and run the action on them, which asks again."""
    counts = {state: _sum(tubes, state) for state in action.states}
    counts = {state: count for state, count in counts.items() if count != 0}
    if not counts:
        context.say(_why_none(tubes, action))
        return
    lines = [tubes_line([tube.name for tube in tubes], "bold"), server_line(context.view)]
    state = await context.ask(PickState(f"{action.verb} which jobs?", lines, counts))
    if state is None:
        return
    await find_and_act(context, tubes, state, action.act)


delete_state = partial(act_on_state, action=DELETE)
move_state = partial(act_on_state, action=MOVE)
copy_state = partial(act_on_state, action=COPY)
bury_state = partial(act_on_state, action=BURY)
change_state = partial(act_on_state, action=CHANGE)


async def find_and_act(
    context: ActionContext, tubes: Sequence[Tube], state: State, act: JobAction
) -> None:
    """Find the jobs of the tubes in that state, and run the action on them."""
    rows = await _find(context, tubes, state)
    if rows:
        await act_on(context, act, rows)
    elif rows is not None:
        context.say(f"No {state} jobs are left in {_named(tubes)}. Nothing was changed.")


async def _find(context: ActionContext, tubes: Sequence[Tube], state: State) -> ChosenRows | None:
    """Return the jobs of the tubes in that state; None if not all could be found. A walk covers all ids of
    the server, so there is only one for all tubes."""
    names = {tube.name for tube in tubes}
    only = tubes[0].name if len(tubes) == 1 else None
    found = await find_all(context, only, f"Finding the {state} jobs of {_named(tubes)}", state)
    if found is None:
        return None
    jobs = [job for job in found.values() if job.state == state and job.tube in names]
    return ChosenRows(jobs, {})


def _sum(tubes: Sequence[Tube], state: State) -> int | None:
    counts: list[int | None] = [attrgetter(state)(tube) for tube in tubes]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _why_none(tubes: Sequence[Tube], action: StateAction) -> str:
    *most, last = action.states
    reserved = "reserved" not in action.states and _sum(tubes, "reserved")
    only = " Reserved jobs can be changed only by their workers." if reserved else ""
    return f"No jobs to {action.verb.lower()}: none is {', '.join(most)} or {last}.{only}"


def _named(tubes: Sequence[Tube]) -> str:
    return printable(tubes[0].name) if len(tubes) == 1 else plural(len(tubes), "marked tube")
