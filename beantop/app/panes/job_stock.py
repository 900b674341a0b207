"""The jobs of one list with what their bodies say, found and kept current while they are shown."""

from collections.abc import Callable, Iterable

from textual.app import App

from beantop.app.panes.background_work import BackgroundWork
from beantop.app.panes.refresher import Refresher
from beantop.app.session.server_view import ServerView
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading
from beantop.jobs.inventory import Inventory
from beantop.jobs.listing import JobList, ListPeek, Restarts


class JobStock:
    """Finds the jobs of a list, reads their bodies, and polls them again after each poll of the server."""

    def __init__(
        self,
        jobs: JobList,
        view: Callable[[], ServerView],
        work: BackgroundWork,
        taken: Callable[[bool], None],
        done: Callable[[], None],
        visible: Callable[[], Iterable[int]] = tuple,
    ) -> None:
        """`taken` is called when jobs were polled, or with True when bodies were read, `done` after each poll, failed or not; `visible`
        returns the ids of jobs whose bodies are on the screen."""
        self.jobs, self._view, self._work, self._taken = jobs, view, work, taken
        self.inventory = Inventory(jobs, lambda: view().asked_rate)
        self.problem = ""
        """Why the last reading failed; "" if it did not."""
        self.restarts = Restarts(jobs)
        self.refresher = Refresher(self._peek, self._take, done)
        self._visible = visible
        jobs.census.reading_of = self._reading_of

    def polled(self, app: App[object]) -> bool:
        """Bring the list up to date if the server was polled since the last call. Return whether that was
        begun."""
        view = self._view()
        if view.is_frozen:
            self.inventory.stop()
        return self.refresher.polled(app, view.watched.polls, frozen=view.is_frozen)

    def read(self) -> None:
        """Find jobs and read bodies, unless that is going on already."""
        if not self.inventory.running and not self._view().is_frozen:
            self._work.start(self._read_all)

    async def _read_all(self) -> None:
        self.problem = ""
        had_all = not self.inventory.unread
        self.problem = await self._work.redrawing(self.inventory.run())
        self._taken(not had_all)

    async def _peek(self) -> ListPeek:
        return await self.jobs.peek(self._visible(), self._view().spare_commands)

    def _take(self, peeked: ListPeek) -> None:
        self.jobs.take(peeked)
        self.read()
        self._taken(False)

    def _reading_of(self, id: int) -> Reading:
        job = self.jobs.scan.found.get(id)
        return self._view().reading(job.tube) if job else AS_RECOGNIZED
