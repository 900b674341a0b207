"""Find all jobs of a tube or of the server, and show how far that is."""

from beantop.app.action_context import ActionContext, Progress
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, State, describe_error
from beantop.beanstalk.commands import MAX_ID
from beantop.formatting import grouped
from beantop.jobs.job_info import JobInfo
from beantop.jobs.scan import Scan


async def find_all(
    context: ActionContext,
    tube: str | None,
    title: str,
    state: State | None = None,
    *,
    without: str = "Nothing was changed",
) -> dict[int, JobInfo] | None:
    """Return the jobs by id, all or those in one state; None if the search was stopped or failed, which
    is said. `without` is the consequence, as a clause: "Nothing was moved"."""
    scan = Scan(context.connection, tube, state=state)
    progress = Progress(title, lambda: _progress(scan), scan.stop)
    try:
        coverage = await context.wait_for(scan.run(most=MAX_ID), progress)
    except Error as error:
        context.fail(f"{without}: {describe_error(error)}.")
        return None
    except ValueError as error:  # a name that no client can ask for
        context.fail(f"{without}: {error}.")
        return None
    if not coverage.complete:
        found = f"{grouped(coverage.found)} of {grouped(coverage.counted)} jobs"
        context.say(f"Stopped after {found} were found. {without}.")
        return None
    return scan.found


def _progress(scan: Scan) -> list[Line]:
    seen = scan.coverage
    found = f"  {grouped(seen.found)} of {grouped(seen.counted)} jobs found"
    return [[], [(found, "")], [(f"  {grouped(seen.walked)} ids scanned", "dim")]]
