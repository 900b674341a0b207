"""What `X` does on a list of jobs: find where the ids of the server end."""

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, describe_error
from beantop.jobs.scan import SCRATCH_TUBE, Scan

SCRATCH_JOB = f"a job in {SCRATCH_TUBE}"


async def find_ceiling(context: ActionContext, scan: Scan) -> None:
    """Ask whether to put and delete a job, and do it: only a new job tells where the ids end."""
    lines: list[Line] = [
        [(" A job without a body is put into the tube beantop-scratch and deleted", "")],
        [(" at once: its id is the highest there is. The server counts a put and", "")],
        [(" a delete more than before.", "")],
    ]
    if not await confirm(context, "Find where the ids end?", lines, yes="Put and delete"):
        return
    try:
        highest = await scan.find_ceiling()
    except (OSError, Error) as error:
        context.fail(f"Where the ids end is not known: {describe_error(error)}.")
        context.note("Perhaps put and deleted", SCRATCH_JOB, {"said": describe_error(error)})
    else:
        context.say(f"The highest id is {highest:,}. n walks up to it, and down.")
        context.note("Put and deleted", SCRATCH_JOB, {})
