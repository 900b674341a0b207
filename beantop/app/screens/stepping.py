"""The keys that go from job to job of the list in which one was opened."""

import math
import time
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.screens.jobs import JobsScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.app.widgets.selection import UNSEEN_SECONDS
from beantop.beanstalk import Error, reason
from beantop.jobs.job_list import JobRow, JobRows
from beantop.jobs.look import JobSeen


class SteppingScreen(WatchingScreen):
    """Goes through the jobs in the order in which they stood in the list when one was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_parenthesis", "step(-1)", "Job before in the list", show=False),
        Binding("right_parenthesis", "step(1)", "Next job in the list", show=False),
    ]

    _list: JobsScreen | None = None
    _rows: Sequence[JobRow] = ()
    _at, _wanted = 0, 0
    """The places of the job that is shown, and of the one that is to be."""
    _looking_for = ""
    """The job that is to be shown, until it was seen or is gone."""
    _shown_at, _pressed_at = -math.inf, 0.0

    def show_job(self, seen: JobSeen) -> None:
        """Show that job instead of the one before."""
        raise NotImplementedError

    def find_list(self, opened: int) -> None:
        """Remember the list below this screen, where the job with that id was opened."""
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1] if self in stack else None
        if not isinstance(below, JobsScreen) or not isinstance(rows := below.table.rows, JobRows):
            return
        if (at := rows.place_of(opened)) is not None:
            self._list, self._rows = below, rows
            self._at = self._wanted = at

    @property
    def place(self) -> str:
        """Of the job that is shown, where the list has others: "3/50 "; else nothing."""
        count = len(self._rows)
        return f"{self._at + 1:,}/{count:,} " if count > 1 else ""

    @property
    def why_unseen(self) -> str:
        """Why who pressed the last key may mean another job than the one that is shown."""
        if self._looking_for:
            return f"{self._looking_for} is being looked at. Nothing was done."
        if self._pressed_at - self._shown_at < UNSEEN_SECONDS:
            return "Another job has just come. Nothing was done."
        return ""

    def on_key(self, event: events.Key) -> None:
        """Note when it was pressed: a busy program comes to handle it much later."""
        self._pressed_at = event.time

    def on_screen_resume(self) -> None:
        self._pressed_at = time.monotonic()  # commands of the palette come without a key

    def action_step(self, by: int) -> None:
        if self.facts.frozen_at is not None:
            self.say("The screen is frozen.  f goes on.")
        elif self._list and 0 <= self._wanted + by < len(self._rows):
            self._wanted += by
            self.carry_out(self._step_to(self._wanted, self._list))
        else:
            self.say(f"The list has no job {'after' if by > 0 else 'before'} this one.")

    async def _step_to(self, at: int, listed: JobsScreen) -> None:
        """Show the job at that place of the list, unless another one is wanted meanwhile."""
        job = f"Job {self._rows[at].job.id}"
        self._looking_for = job
        why_not, goes_on_from = f"{job} is gone: it was deleted, by a worker or by hand.", at
        try:
            seen = await listed.jobs.fetch(self._rows[at])
        except (OSError, Error) as error:
            seen, why_not, goes_on_from = None, f"{job} was not opened: {reason(error)}.", self._at
        if at != self._wanted:
            return
        self._looking_for = ""
        if not self.is_active or self.facts.frozen_at is not None:  # a dialog or `f` was quicker
            self._wanted = self._at
        elif seen is None:
            self._wanted = goes_on_from
            self.say(why_not)
        else:
            self._at, self._shown_at = at, time.monotonic()
            listed.table.move_to_key(seen.id)
            self.show_job(seen)
