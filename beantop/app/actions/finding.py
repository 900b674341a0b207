"""Finding all jobs of a tube, or of the server, on behalf of a screen, with a box that tells of it."""

from beantop.app.action_context import ActionContext, Progress
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, State, reason
from beantop.beanstalk.commands import MAX_ID
from beantop.formatting import full
from beantop.jobs.job_info import ListedJob
from beantop.jobs.scan import Scan


async def find_all(
    context: ActionContext,
    tube: str | None,
    title: str,
    state: State | None = None,
    *,
    without: str = "Nothing was changed",
) -> dict[int, ListedJob] | None:
    """The jobs by their ids, those in that state or all; None if the search was stopped or failed,
    which is said, and what follows `without` them."""
    scan = Scan(context.connection, tube, state=state)
    progress = Progress(title, lambda: _progress(scan), scan.stop)
    try:
        coverage = await context.wait_for(scan.run(most=MAX_ID), progress)
    except (OSError, Error) as error:
        context.fail(f"{without}: {reason(error)}.")
        return None
    except ValueError as error:  # a name that no client can ask for
        context.fail(f"{without}: {error}.")
        return None
    if not coverage.complete:
        found = f"{full(coverage.found)} of {full(coverage.counted)} jobs"
        context.say(f"Stopped after {found} were found. {without}.")
        return None
    return scan.found


def _progress(scan: Scan) -> list[Line]:
    seen = scan.coverage
    found = f"  {full(seen.found)} of {full(seen.counted)} jobs found"
    return [[], [(found, "")], [(f"  {full(seen.walked)} ids walked", "dim")]]
