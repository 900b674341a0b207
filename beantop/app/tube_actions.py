"""What `K` and `P` do to a tube, from the key to the toast; for every screen that shows one."""

from beantop.app.lines import Line
from beantop.app.screens.ask_number import AskNumberScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.beanstalk import State
from beantop.jobs.actions import kick, pause_tube
from beantop.monitor.snapshot import Tube
from beantop.text import full, shown

AT_ONCE = 100
"""More jobs than that are not touched without typing their number."""

USUAL_PAUSE = 60
LONGEST_PAUSE = 2**32 - 1  # seconds, the protocol's limit


async def kick_tube(screen: WatchingScreen, tube: Tube, wanted: State | None = None) -> None:
    """Ask how many jobs of a tube to kick, and kick them.

    Of the state that is wanted; without one, of the buried jobs if there are any.
    """
    state = wanted or ("buried" if tube.buried else "delayed")
    if state not in ("buried", "delayed"):
        screen.say("Kick is for buried and delayed jobs.")
        return
    count = (tube.buried if state == "buried" else tube.delayed) or 0
    if not count:
        screen.say(
            f"Nothing to kick in {shown(tube.name)}: no job is {wanted or 'buried or delayed'}."
        )
        return
    if state == "delayed" and tube.buried:
        screen.say(
            "The server kicks buried jobs first: kick or delete those, then the delayed ones."
        )
        return
    number = await screen.app.push_screen_wait(
        AskNumberScreen(
            f"Kick {state} jobs to ready?",
            [*_target(screen, tube), [(f" {state:<7} ", "dim"), (full(count), "bold")]],
            most=count,
            unit=f"{state} jobs" if count > 1 else f"{state} job",
            usual=count if count <= AT_ONCE else None,
        )
    )
    if number is not None:
        screen.report(await kick(screen.connection, tube.name, state, number))


async def pause_or_resume(screen: WatchingScreen, tube: Tube) -> None:
    """Resume a paused tube at once; ask for how long to pause another one, and pause it."""
    if tube.paused:
        screen.report(await pause_tube(screen.connection, tube.name, 0))
        return
    number = await screen.app.push_screen_wait(
        AskNumberScreen(
            "Pause this tube?",
            [
                *_target(screen, tube),
                [],
                [(" No job can be reserved from it until then; puts go on.", "")],
                [(f" Workers on it now: {full(tube.watching)}.  P again resumes it.", "")],
            ],
            most=LONGEST_PAUSE,
            unit="seconds",
            usual=USUAL_PAUSE,
        )
    )
    if number is not None:
        screen.report(await pause_tube(screen.connection, tube.name, number))


def _target(screen: WatchingScreen, tube: Tube) -> list[Line]:
    return [
        [(" tube    ", "dim"), (shown(tube.name), "bold")],
        [(" server  ", "dim"), (shown(screen.facts.server_name), "")],
    ]
