"""The new jobs of a tube or a server, as they come."""

import asyncio
import time
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar

from textual.worker import Worker

from beantop.app.action_context import ActionContext
from beantop.app.panes.job_pane import JobPane
from beantop.app.view.column import Column
from beantop.app.view.follow_columns import follow_columns
from beantop.app.view.follow_words import follow_words, list_sentence, listed_words, pause_words
from beantop.app.view.group_columns import counted
from beantop.app.view.job_columns import Look
from beantop.app.view.jobs_words import jobs_status
from beantop.app.view.lines import Line
from beantop.app.widgets.live_table import LiveTable
from beantop.beanstalk import Error, describe_error
from beantop.jobs.follow import Follow, NewJob
from beantop.jobs.listing import MAX_FOLLOWED, MAX_PAUSED, JobList, JobRow, JobRows, Restarts

POLL_SECONDS = 0.1
"""Seconds between polls for new jobs: jobs that live longer are seen. A poll without new jobs costs
two commands."""

SECONDS_OF_A_TUBE = 1e-5
"""Seconds between polls for each tube of the server: with very many tubes, each command takes
longer."""

REDRAW_SECONDS = 0.25
"""Seconds between redraws while jobs come."""

RETRY_SECONDS = 1.0
"""Seconds until the next poll after one that failed."""


class FollowPane(JobPane):
    """Looks for new jobs many times a second, and shows them below the others. It follows the end of the
    list as long as the cursor is there."""

    FOOTER: ClassVar[Sequence[str]] = ("open", "follow", "kick", "delete")

    def __init__(
        self,
        context: ActionContext,
        act: Callable[[Coroutine[Any, Any, None]], None],
        redraw_screen: Callable[[], None],
        tube: str | None,
        may_poll: Callable[[], bool],
        now: Callable[[], float],
    ) -> None:
        """`may_poll` returns whether to look for new jobs, also while the screen is covered; `now` is the
        monotonic clock."""
        jobs = JobList(context.connection, tube, is_followed=True)
        self.follow = Follow(context.connection, tube, lambda: context.view.asked_rate, now)
        super().__init__(
            context,
            act,
            redraw_screen,
            tube,
            columns=self._followed_columns,
            counts=lambda: counted(jobs.scan.found.values()),
            below=self._sentence,
            jobs=jobs,
        )
        self.is_following = True
        self._may_poll = may_poll
        self._restarts = Restarts(jobs)
        self._problem = ""
        self._dropped = 0
        self._came: dict[int, float] = {}
        """When each job was put, as Unix time."""
        self._last_before_pause = 0
        """Id of the last row when the list was paused."""
        self._is_due = False
        """Whether the list must be redrawn."""
        self._drawn_at = 0.0

    def on_mount(self) -> None:
        _: Worker[None] = self.app.run_worker(self._keep_polling)

    # Polling:

    @property
    def _rest(self) -> float:
        """Seconds until the next poll."""
        usual = RETRY_SECONDS if self._problem else POLL_SECONDS
        return max(usual, SECONDS_OF_A_TUBE * len(self.context.view.watched.snapshot.tubes))

    async def _keep_polling(self) -> None:
        """Look for new jobs and show them until the screen is left."""
        while self.is_attached:
            if self._may_poll():
                await self._find_new()
            now = time.monotonic()
            if self._is_due and now - self._drawn_at >= REDRAW_SECONDS and self.is_attached:
                self._is_due, self._drawn_at = False, now
                self._show_all_found()
            await asyncio.sleep(self._rest)

    async def _find_new(self) -> None:
        found = bool(self.table.rows)
        before = self._sentence(found)
        try:
            new = await self.follow.poll()
        except Error as error:
            self._problem = describe_error(error)
        except ValueError as error:  # the name cannot be sent in a command
            self._problem = str(error)
        else:
            self._problem = ""
            self._take_new(new)
        # A job may be counted as missed some polls after the others were listed.
        if self._sentence(found) != before:
            self._is_due = True

    def _take_new(self, new: Sequence[NewJob]) -> None:
        """Put new jobs into the list. Drop all marks if the server lost its jobs in a restart."""
        view = self.context.view
        # While the list is paused, the rows on the screen must not move.
        most = MAX_FOLLOWED if self.is_following else MAX_PAUSED
        self._dropped += self.jobs.add(new, most)
        if self._restarts.noticed():
            self.table.marked = frozenset()
        for job, _ in new:
            self._came[job.id] = view.wall_time - (view.now - job.seen_at) - (job.age or 0)
        if len(self._came) > 2 * MAX_PAUSED:
            self._came = {id: self._came[id] for id in self.jobs.scan.found}
        if new and self.is_attached:
            self._is_due = True
            self._only.search_unread()

    # What is shown:

    def _followed_columns(self, width: int, look: Look) -> list[Column[JobRow]]:
        gone = self.jobs.scan.gone
        return follow_columns(width, look, self._came, gone, with_tube=self.jobs.tube is None)

    def _sentence(self, found: bool) -> str:
        return list_sentence(self.follow, self._problem, found=found)

    def status(self, words: Line, lines: int = 1) -> Line:
        view, place = self.context.view, "" if self.is_following else self.table.place
        if view.watched.link.state == "down":
            return super().status(words, lines)
        now = view.now if view.frozen_at is None else view.frozen_at
        pause = pause_words(self._new_below, following=self.is_following)
        counts = follow_words(self.follow, now - self.follow.began_at)
        listed = listed_words(len(self.jobs.scan.found)) if self._dropped else []
        words = [*pause, *counts, *listed, *words]
        return jobs_status(place, len(self.table.marked), words, [], self.size.width)

    @property
    def _new_below(self) -> int:
        """The number of rows that came since the list was paused."""
        rows = self.table.rows
        return (
            len(rows) - bisect_right(rows.ids, self._last_before_pause)
            if isinstance(rows, JobRows)
            else 0
        )

    # Keys:

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "follow":
            return True
        if action in ("sort", "sort_beside", "invert"):  # new jobs are always last
            return False
        return super().check_action(action, parameters)

    def action_follow(self) -> None:
        """Stay where the cursor is, or follow the end of the list again."""
        self._follow_end(not self.is_following)

    def action_open(self) -> None:
        self._follow_end(False)
        super().action_open()

    def _follow_end(self, wanted: bool) -> None:
        if wanted != self.is_following:
            rows = self.table.rows
            self._last_before_pause = rows[-1].job.id if rows else 0
            self.is_following = wanted
            self.table.touched = True  # the cursor stays on its job, and not at the top
            self.redraw()

    def on_live_table_moved(self, event: LiveTable.Moved) -> None:
        self._follow_end(event.at_end)
