"""The action `X` on a list of jobs: find the highest id on the server."""

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, describe_error
from beantop.jobs.scan import SCRATCH_TUBE, Scan

SCRATCH_JOB = f"a job in {SCRATCH_TUBE}"


async def find_ceiling(context: ActionContext, scan: Scan) -> None:
    """Ask, then put and delete a job: only a new job tells the highest id."""
    lines: list[Line] = [
        [(" An empty job is put into the tube beantop-scratch and deleted at once:", "")],
        [(" its id is the highest there is. The server's counters will show one", "")],
        [(" more put and one more delete.", "")],
    ]
    if not await confirm(context, "Find the highest id?", lines, yes="Put and delete"):
        return
    try:
        highest = await scan.find_ceiling()
    except Error as error:
        context.fail(f"The highest id is unknown: {describe_error(error)}.")
        context.note(
            "Maybe put and deleted", SCRATCH_JOB, {"unknown": 1, "ended": describe_error(error)}
        )
    else:
        context.say(f"The highest id is {highest:,}. n scans up to it.")
        context.note("Put and deleted", SCRATCH_JOB, {})
