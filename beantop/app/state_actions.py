"""What `D` and `M` do on the screen of tubes: to all jobs of one state, in one tube or several."""

from collections.abc import Sequence
from typing import cast

from beantop.app.agreeing import server_line
from beantop.app.job_actions import JobAction
from beantop.app.lines import Line
from beantop.app.screens.choose_state import ChooseStateScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.app.searching import find_all
from beantop.beanstalk import State
from beantop.jobs.job_list import JobRow
from beantop.monitor.snapshot import Tube
from beantop.text import counted, shown


async def act_on_state(
    screen: WatchingScreen, tubes: Sequence[Tube], action: JobAction, verb: str
) -> None:
    """Ask for a state, find the jobs of the tubes that are in it, and do the action to them, which
    asks in its turn."""
    counts = {state: _sum(tubes, state) for state in ("ready", "delayed", "buried")}
    title = f"{verb} which jobs?"
    state = await screen.ask(
        ChooseStateScreen(title, _about(screen, tubes), cast("dict[State, int | None]", counts))
    )
    if state is None:
        return
    if not counts[state]:
        screen.say(f"No job is {state} there.")
        return
    rows = []
    for tube in tubes:
        title = f"Finding the {state} jobs of {shown(tube.name)}"
        if (found := await find_all(screen, tube.name, title)) is None:
            return
        rows += [JobRow(job, None) for job in found.values() if job.state == state]
    if rows:
        await action(screen, rows)
    else:
        screen.say(f"No job is {state} there any more.")


def _sum(tubes: Sequence[Tube], state: str) -> int | None:
    counts = [getattr(tube, state) for tube in tubes]
    return None if None in counts else sum(counts)


def _about(screen: WatchingScreen, tubes: Sequence[Tube]) -> list[Line]:
    named = shown(tubes[0].name) if len(tubes) == 1 else counted(len(tubes), "marked tube")
    return [
        [(" tube    ", "dim"), (named, "bold")],
        server_line(screen.facts),
    ]
