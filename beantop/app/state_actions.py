"""What `D` and `M` do on the screen of tubes: to all jobs of one state, in one tube or several."""

import asyncio
from collections.abc import Sequence
from typing import cast

from beantop.app.job_actions import JobAction
from beantop.app.lines import Line
from beantop.app.screens.choose_state import ChooseStateScreen
from beantop.app.screens.progress import ProgressScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.beanstalk import Error, State, reason
from beantop.jobs.job_list import JobRow
from beantop.jobs.scan import Scan
from beantop.monitor.snapshot import Tube
from beantop.text import counted, full, shown

PATIENCE = 0.4
"""Seconds before a box tells how far the search is."""


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
        found = await _find(screen, tube, state)
        if found is None:
            return
        rows += found
    if rows:
        await action(screen, rows)
    else:
        screen.say(f"No job is {state} there any more.")


async def _find(screen: WatchingScreen, tube: Tube, state: State) -> list[JobRow] | None:
    """The jobs of a tube in that state; None if the search was stopped or failed."""
    scan = Scan(screen.connection, tube.name)
    box = ProgressScreen(
        f"Finding the {state} jobs of {shown(tube.name)}", lambda: _progress(scan), scan.stop
    )
    running = asyncio.ensure_future(scan.run())
    await asyncio.wait([running], timeout=PATIENCE)
    if not running.done() and screen.is_current:
        screen.app.push_screen(box)
    try:
        coverage = await running
    except (OSError, Error) as error:
        screen.say(f"Nothing was changed: {reason(error)}.")
        return None
    except ValueError as error:  # a name that no client can ask for
        screen.say(f"Nothing was changed: {error}.")
        return None
    finally:
        if box.is_attached:
            box.answer(None)
    if not coverage.complete:
        found = f"{full(coverage.found)} of {full(coverage.counted)} jobs"
        screen.say(f"Stopped after {found} were found. Nothing was changed.")
        return None
    return [JobRow(job, None) for job in scan.found.values() if job.state == state]


def _progress(scan: Scan) -> list[Line]:
    seen = scan.coverage
    found = f"  {full(seen.found)} of {full(seen.counted)} jobs found"
    return [[], [(found, "")], [(f"  {full(seen.walked)} ids walked", "dim")]]


def _sum(tubes: Sequence[Tube], state: str) -> int | None:
    counts = [getattr(tube, state) for tube in tubes]
    return None if None in counts else sum(counts)


def _about(screen: WatchingScreen, tubes: Sequence[Tube]) -> list[Line]:
    named = shown(tubes[0].name) if len(tubes) == 1 else counted(len(tubes), "marked tube")
    return [
        [(" tube    ", "dim"), (named, "bold")],
        [(" server  ", "dim"), (shown(screen.facts.server_name), "")],
    ]
