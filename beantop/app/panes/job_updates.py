"""Keeping a list of jobs current: after each poll, after each action, and when it is scrolled."""

from collections.abc import Callable, Iterable
from functools import partial

from beantop.app.action_context import ActionContext
from beantop.app.panes.background_work import BackgroundWork
from beantop.app.panes.refresher import Refresher
from beantop.app.widgets.live_table import LiveTable
from beantop.beanstalk import Error, describe_error
from beantop.formatting import printable
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.listing import JobList, JobRow, ListPeek, Restarts


class JobUpdates:
    """Fetches what the list shows: the first jobs, the state of visible ones, and missing bodies."""

    def __init__(
        self,
        context: ActionContext,
        jobs: JobList,
        table: LiveTable[JobRow, int],
        work: BackgroundWork,
        taken: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        """`taken` is called when something was fetched, `done` after each fetch, failed or not."""
        self._context, self._jobs, self._table = context, jobs, table
        self._work, self._taken = work, taken
        self._restarts = Restarts(jobs)
        self._refresher = Refresher(self._peek, self._take, done)
        self._requested: set[int] = set()
        """Ids of the jobs whose bodies were requested last."""

    @property
    def problem(self) -> str:
        """Why the last fetch failed; "" if it succeeded."""
        return self._refresher.problem

    @property
    def why_unknown(self) -> str:
        """Why the jobs are not known yet, as a sentence."""
        if self.problem:
            return f"Could not list the jobs: {printable(self.problem)}."
        if self._context.view.is_frozen:
            return "Frozen before the jobs were listed.  f resumes."
        return "Loading …"

    def polled(self) -> bool:
        """Fetch if the server was polled since the last call. Return whether a fetch was started."""
        self._drop_marks_after_restart()  # another screen with this list may have noticed it
        view = self._context.view
        frozen = view.is_frozen
        return self._refresher.polled(self._table.app, view.watched.polls, frozen=frozen)

    def fetch_now(self) -> bool:
        """Fetch without waiting for the next poll. Return whether a fetch was started."""
        return self._refresher.ask_now(self._table.app)

    def fetch_missing_bodies(self) -> None:
        """Fetch the bodies of visible rows, each once: if that fails, the next polls try again."""
        missing = {row.job.id for row in self._table.visible_rows if row.body is None}
        if self._jobs.scanned and missing - self._requested and self.fetch_now():
            self._requested = missing

    def acted(self, tally: Tally) -> None:
        """Show what an action did. The next one need not wait for that."""
        self._work.start(partial(self._show_changes, tally))

    async def _show_changes(self, tally: Tally) -> None:
        await self._poll(tally.done_ids)
        await self.add(tally.new_ids.values())

    async def add(self, ids: Iterable[int]) -> None:
        """Add jobs that were put just now to a list of found jobs, as far as they belong there."""
        if self._jobs.scanned:
            await self._poll(ids)
            self._jobs.sort_again()

    async def _poll(self, ids: Iterable[int]) -> None:
        """Poll jobs, and redraw the list."""
        try:
            await self._jobs.scan.poll_jobs(ids)
        except Error as error:
            self._refresher.problem = describe_error(error)
        self._work.redraw()

    async def _peek(self) -> ListPeek:
        visible = [row.job.id for row in self._table.visible_rows]
        return await self._jobs.peek(visible, self._context.view.spare_commands)

    def _take(self, peeked: ListPeek) -> None:
        """Store the result of `_peek`."""
        self._jobs.take(peeked)
        self._drop_marks_after_restart()
        self._taken()

    def _drop_marks_after_restart(self) -> None:
        if self._restarts.noticed():
            self._table.marked = frozenset()
