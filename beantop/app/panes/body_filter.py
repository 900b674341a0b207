"""The filter of a list of jobs, with the search in their bodies."""

from collections.abc import Callable

from textual.timer import Timer

from beantop.app.action_context import ActionContext
from beantop.app.panes.background_work import BackgroundWork
from beantop.app.view.job_filter import JobFilter
from beantop.app.view.jobs_words import filter_words, undecided_in
from beantop.app.view.lines import Line
from beantop.beanstalk import State
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobList

TYPING_SECONDS = 0.5
"""Seconds after the last key until the search in bodies starts."""


class BodyFilter:
    """Reads the bodies that a filter needs, for words or for fields in them: when the filter is
    confirmed or the user has stopped typing, and later when more jobs are found."""

    def __init__(self, context: ActionContext, jobs: JobList, work: BackgroundWork) -> None:
        self.chosen = JobFilter()
        self.keeps: Callable[[JobInfo], bool] | None = None
        """Returns whether a job passes; None if all do. It is another function after each search, so
        that the list is filtered again."""
        self._context, self._jobs, self._work = context, jobs, work
        self._problem = ""
        """Why the last search failed; "" if it did not."""
        self._is_typed = False
        """Whether the user stopped typing words to be searched in bodies."""
        self._typing: Timer | None = None

    def choose(self, text: str) -> None:
        """Filter by what the user has typed so far."""
        self.chosen = JobFilter(text)
        self._jobs.search.clear()
        self._filter_again()
        self._is_typed = False
        if self._typing:
            self._typing.stop()
        self._typing = self._work.after(TYPING_SECONDS, self.search_now) if text else None

    @property
    def unread(self) -> int:
        """The number of bodies that must still be read to apply the filter."""
        is_needed = self.chosen.wants_bodies
        return self._jobs.search.count_unread(self._jobs.scan.found) if is_needed else 0

    def search_now(self) -> None:
        """Search in bodies: the user confirmed the filter, or stopped typing."""
        self._is_typed = self.chosen.wants_bodies
        self.search_unread()

    def search_unread(self) -> None:
        """Search in the bodies that were not read yet, unless the user is still typing."""
        if self._is_typed and self.unread and not self._jobs.search.running:
            self._work.start(self._search)

    def words(self, unread: int, state: State | None) -> Line:
        """Return the filter and the progress of the search among jobs in this state; empty if there is
        no filter."""
        if not self.chosen.text:
            return []
        undecided = undecided_in(self._jobs, state)
        total = len(self._jobs.scan.found)
        return filter_words(self.chosen, unread, total, self._problem, undecided)

    async def _search(self) -> None:
        self._problem = ""
        chosen, found = self.chosen, self._jobs.scan.found

        def reading_of(id: int) -> Reading:
            return self._context.view.reading(found[id].tube) if id in found else AS_RECOGNIZED

        matches = chosen.matcher(reading_of)
        self._problem = await self._work.redrawing(self._jobs.search.run(found, matches))
        if chosen == self.chosen:
            self._filter_again()
            self._work.redraw()

    def _filter_again(self) -> None:
        chosen, search = self.chosen, self._jobs.search
        results = search.results
        passes = chosen.test(results)

        def keeps(job: JobInfo) -> bool:
            if search.results is results:
                return passes(job)
            return chosen.keeps(job, search.results)  # they were dropped: ids may be of other jobs

        self.keeps = keeps if chosen.text.strip() else None
