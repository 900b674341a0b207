"""What `K` and `P` do to a tube, from the key to the toast; for every screen that shows one."""

from collections.abc import Sequence
from typing import Literal

from beantop.app.actions.agreeing import MOST_UNTYPED, agrees, server_line
from beantop.app.drawing.lines import Line
from beantop.app.screens.ask_number import AskNumberScreen, read_count, read_seconds
from beantop.app.screens.watching import WatchingScreen
from beantop.beanstalk.commands import MAX_UINT32
from beantop.jobs.actions import kick, pause_tube
from beantop.monitor.snapshot import Tube
from beantop.text import counted, duration, full, shown

NAMED = 8
"""Tubes that a dialog names."""

USUAL_PAUSE = 60  # seconds


async def kick_tube(screen: WatchingScreen, tube: Tube) -> None:
    """Ask how many buried jobs of a tube to kick, or delayed ones if none is buried, and kick them."""
    state: Literal["buried", "delayed"] = "buried" if tube.buried else "delayed"
    count = tube.buried or tube.delayed
    if not count:
        unknown = count is None or tube.buried is None
        why = "its jobs are not known" if unknown else "no job is buried or delayed"
        screen.say(f"Nothing to kick in {tube.name}: {why}.")
        return
    lines = [*_targets(screen, [tube]), [(f" {state:<7} ", "dim"), (full(count), "bold")]]
    if tube.buried and tube.delayed:
        stay = (
            f" The {counted(tube.delayed, 'delayed job')} stay: in the tube, mark them and press K."
        )
        lines.append([(stay, "dim")])
    number = await screen.ask(
        AskNumberScreen(
            f"Kick {state} jobs to ready?",
            lines,
            read=read_count,
            most=count,
            hint=f"type how many: 1 to {count:,}",
            usual=count if count <= MOST_UNTYPED and not screen.facts.production else None,
            usually=counted(count, f"{state} job"),
        )
    )
    if number is not None:
        screen.report(await kick(screen.connection, tube.name, state, number))


async def kick_tubes(screen: WatchingScreen, tubes: Sequence[Tube]) -> None:
    """Ask whether to kick all buried jobs of several tubes, and do it."""
    buried = [tube for tube in tubes if tube.buried]
    count = sum(tube.buried or 0 for tube in buried)
    if not count:
        screen.say("Nothing to kick in the marked tubes: no job is buried.")
        return
    lines = _targets(screen, buried)
    lines.append([(" buried  ", "dim"), (full(count), "bold")])
    title = "Kick all buried jobs to ready?"
    wanted = await agrees(screen, title, lines, yes=f"Kick {count}", count=count)
    for tube in buried if wanted else ():
        screen.report(await kick(screen.connection, tube.name, "buried", tube.buried or 0))


async def pause_tubes(screen: WatchingScreen, tubes: Sequence[Tube]) -> None:
    """Ask for how long to pause several tubes, and pause those that are not paused."""
    running = [tube for tube in tubes if not tube.paused]
    if not running:
        screen.say("All marked tubes are paused. Unmark them, and P resumes one at a time.")
        return
    seconds = await screen.ask(_how_long(screen, running))
    for tube in running if seconds is not None else ():
        screen.report(await pause_tube(screen.connection, tube.name, seconds or 0))


async def pause_or_resume(screen: WatchingScreen, tube: Tube) -> None:
    """Ask whether to resume a paused tube, or for how long to pause another one, and do it."""
    if tube.paused:
        left: Line = [(" paused  ", "dim"), (f"{duration(tube.pause_time_left)} left", "bold")]
        lines = [*_targets(screen, [tube]), left]
        wanted = await agrees(screen, "Resume this tube?", lines, yes="Resume it")
        seconds = 0 if wanted else None
    else:
        seconds = await screen.ask(_how_long(screen, [tube]))
    if seconds is not None:
        screen.report(await pause_tube(screen.connection, tube.name, seconds))


def _how_long(screen: WatchingScreen, tubes: Sequence[Tube]) -> AskNumberScreen:
    workers = " ".join(full(tube.watching) for tube in tubes)
    return AskNumberScreen(
        "Pause this tube?" if len(tubes) == 1 else f"Pause these {len(tubes)} tubes?",
        [
            *_targets(screen, tubes),
            [(" workers ", "dim"), (workers, "")],
            [],
            [(" While a tube is paused no job of it can be reserved; puts go on.", "")],
        ],
        read=read_seconds,
        most=MAX_UINT32,
        hint="type how long: 90, 10m, 2h",
        usual=None if screen.facts.production else USUAL_PAUSE,
        usually=f"{USUAL_PAUSE} seconds",
    )


def _targets(screen: WatchingScreen, tubes: Sequence[Tube]) -> list[Line]:
    named: list[Line] = [[(" tube    ", "dim"), (shown(tube.name), "bold")] for tube in tubes]
    if len(named) > NAMED:
        more = f" and {counted(len(named) - NAMED, 'other tube')}"
        named = [*named[:NAMED], [("         ", ""), (more.strip(), "bold")]]
    return [*named, server_line(screen.facts)]
