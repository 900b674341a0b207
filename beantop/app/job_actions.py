"""What `K` and `D` do to a job, from the key to the toast; for every screen that shows one."""

from beantop.app.lines import Line, shorten_end
from beantop.app.screens.confirm import ConfirmScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.jobs.actions import delete_job, kick_job, why_not_delete, why_not_kick
from beantop.jobs.bodies import first_line
from beantop.jobs.look import JobSeen
from beantop.text import duration, shown, size


async def ask_and_kick(screen: WatchingScreen, seen: JobSeen) -> None:
    """Ask whether to make the job ready, and do it."""
    if why := why_not_kick(seen.state):
        screen.say(why)
        return
    yes = ConfirmScreen(f"Kick job {seen.id} to ready?", _target(screen, seen), "Kick it")
    if await screen.ask(yes):
        screen.report(await kick_job(screen.connection, seen))


async def ask_and_delete(screen: WatchingScreen, seen: JobSeen) -> None:
    """Ask whether to delete the job, and do it."""
    if why := why_not_delete(seen):
        screen.say(why)
        return
    warning: Line = [(" This cannot be undone: the body is gone with the job.", "warn")]
    yes = ConfirmScreen(
        f"Delete job {seen.id}?", [*_target(screen, seen), [], warning], "Delete it", "Keep"
    )
    if await screen.ask(yes):
        screen.report(await delete_job(screen.connection, seen))


def _target(screen: WatchingScreen, seen: JobSeen) -> list[Line]:
    age = duration(seen.stats.get("age"))
    return [
        [(" job     ", "dim"), (f"{seen.id}  {seen.state}, {age} old", "bold")],
        [(" tube    ", "dim"), (shown(seen.tube), "")],
        [(" server  ", "dim"), (shown(screen.facts.server_name), "")],
        [
            (" body    ", "dim"),
            (f"{size(len(seen.body))}  {shorten_end(shown(first_line(seen.body)), 40)}", ""),
        ],
    ]
