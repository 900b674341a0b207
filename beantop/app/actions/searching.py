"""Finding all jobs of a tube, or of the server, on behalf of a screen, with a box that tells of it."""

from beantop.app.drawing.lines import Line
from beantop.app.screens.progress import ProgressScreen, with_box
from beantop.app.screens.watching import WatchingScreen
from beantop.beanstalk import Error, State, reason
from beantop.beanstalk.commands import MAX_ID
from beantop.jobs.listed import ListedJob
from beantop.jobs.scan import Scan
from beantop.text import full


async def find_all(
    screen: WatchingScreen,
    tube: str | None,
    title: str,
    state: State | None = None,
    *,
    without: str = "Nothing was changed",
) -> dict[int, ListedJob] | None:
    """The jobs by their ids, those in that state or all; None if the search was stopped or failed,
    which is said, and what follows `without` them."""
    scan = Scan(screen.connection, tube, state=state)
    box = ProgressScreen(title, lambda: _progress(scan), scan.stop)
    try:
        coverage = await with_box(screen, scan.run(most=MAX_ID), box)
    except (OSError, Error) as error:
        screen.fail(f"{without}: {reason(error)}.")
        return None
    except ValueError as error:  # a name that no client can ask for
        screen.fail(f"{without}: {error}.")
        return None
    if not coverage.complete:
        found = f"{full(coverage.found)} of {full(coverage.counted)} jobs"
        screen.say(f"Stopped after {found} were found. {without}.")
        return None
    return scan.found


def _progress(scan: Scan) -> list[Line]:
    seen = scan.coverage
    found = f"  {full(seen.found)} of {full(seen.counted)} jobs found"
    return [[], [(found, "")], [(f"  {full(seen.walked)} ids walked", "dim")]]
