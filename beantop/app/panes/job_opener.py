"""Opening a job of a list, which may have to be fetched first."""

from collections.abc import Callable
from functools import partial

from textual.timer import Timer

from beantop.app.action_context import ActionContext
from beantop.app.panes.background_work import BackgroundWork
from beantop.beanstalk import Error, describe_error
from beantop.jobs.job_info import is_gone
from beantop.jobs.listing import JobList, JobRow
from beantop.jobs.peek import JobRecord

SLOW_SECONDS = 0.5
"""Seconds after which the user is told that a job is still loading."""


class JobOpener:
    """Opens the job that was requested last, once its whole body is known."""

    def __init__(
        self,
        context: ActionContext,
        jobs: JobList,
        work: BackgroundWork,
        show: Callable[[JobRecord], None],
    ) -> None:
        """`show` shows a job."""
        self._context, self._jobs = context, jobs
        self._work, self._show = work, show
        self._id = 0
        """Id of the job being fetched; 0 for none."""

    def open(self, row: JobRow) -> None:
        id = row.job.id
        if record := self._jobs.seen(row):
            self._id = 0
            self._show(record)
        elif self._id != id:
            self._id = id
            say = partial(self._context.say, f"Job {id} is still loading.")
            self._work.start(partial(self._fetch, row, self._work.after(SLOW_SECONDS, say)))

    async def _fetch(self, row: JobRow, slow: Timer) -> None:
        """Fetch a job and show it, unless another one was opened meanwhile."""
        id = row.job.id
        try:
            record = await self._jobs.fetch(row)
        except Error as error:
            self._context.fail(f"Could not open job {id}: {describe_error(error)}.")
        else:
            if self._id == id and record:
                self._show(record)
            elif self._id == id:
                self._context.say(is_gone(id))
        finally:
            slow.stop()
            if self._id == id:
                self._id = 0
