"""Scans for more jobs of a list: slow ones that start by themselves, and fast ones that a key
starts."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, get_args

from beantop.app.action_context import ActionContext
from beantop.app.panes.background_work import BackgroundWork
from beantop.app.view.empty_states import FROZEN
from beantop.app.view.jobs_words import coverage_words
from beantop.beanstalk import State
from beantop.jobs.listing import JobList
from beantop.jobs.scan import Scan
from beantop.monitor.snapshot import Server, Tube

CHEAP_IDS = 20_000
"""Ids that are scanned when a tube is opened, from its first jobs on. If there are more, `n` finds them."""


class ScanControl:
    """Starts and stops the scans of a list. A scan that a key started ends by a key; others stop
    while the screen is frozen, and go on later."""

    def __init__(
        self,
        context: ActionContext,
        jobs: JobList,
        counts: Callable[[], Tube | Server],
        work: BackgroundWork,
        ended: Callable[[], None],
    ) -> None:
        """`counts` returns the number of jobs in each state; `ended` is called after each scan, unless
        the screen is frozen by then."""
        self._context, self._jobs, self._counts = context, jobs, counts
        self._work, self._ended = work, ended
        self._problem = ""
        self._current: Scan | None = None
        """The scan that was started last, until it ends."""
        self._is_automatic = False
        """Whether the last scan was not started by a key."""
        self._was_interrupted = False
        """Whether a scan that no key started has to go on."""
        self._first_poll_after = 0
        """The number of the first poll that began after the last scan ended."""

    def polled(self) -> None:
        """Stop scanning if the screen is frozen."""
        if self._current and self._is_frozen:
            self._current.stop()

    def go_on(self) -> None:
        """Start the first scan, or continue one that was interrupted, once the first jobs are known."""
        if self._was_interrupted and self._jobs.scanned:
            self._was_interrupted = False
            self._start(self._jobs.scan, by_key=False)
        elif not self._jobs.scanned and CHEAP_IDS:
            now = self._counts()
            counts: dict[State, int] = {
                state: getattr(now, state) or 0 for state in get_args(State)
            }
            self._start(self._jobs.prepare_first_scan(counts), by_key=False)

    def find_all(self) -> None:
        """Find all jobs, or the rest of them, now."""
        if self._is_frozen:
            self._context.say(FROZEN)
        elif not self._current:
            self._start(self._jobs.prepare_scan())
        elif self._is_automatic:
            self._is_automatic = False
            self._jobs.scan.hurry()
            self._work.redraw()
        else:
            self._context.say("A scan is already running.  esc stops it.")

    def find_oldest(self) -> None:
        """Find all jobs again, starting at the lowest id."""
        if self._is_frozen:
            self._context.say(FROZEN)
            return
        self.stop()
        self._start(self._jobs.prepare_scan(oldest_first=True))

    def stop(self) -> None:
        self._jobs.scan.stop()

    def stop_by_key(self) -> bool:
        """Stop a scan that a key started. Return whether there was one."""
        is_stopped = bool(self._current) and not self._is_automatic
        if is_stopped:
            self.stop()
        return is_stopped

    @property
    def coverage(self) -> str:
        """How much was scanned, as a sentence."""
        is_later = not self._jobs.scan.running and self._polls >= self._first_poll_after
        later = self._counts() if is_later else None
        by_key = not self._is_automatic
        return coverage_words(
            self._jobs.scan, later, self._problem, self._jobs.skipped, by_key=by_key
        )

    def _start(self, scan: Scan, *, by_key: bool = True) -> None:
        """Scan for all jobs; or, if no key asked for that, slowly for those near the first ones."""
        self._is_automatic, self._current = not by_key, scan
        rate = self._context.view.gentle_rate
        run = scan.run if by_key else partial(scan.run, CHEAP_IDS, rate=rate)
        self._work.start(partial(self._scan, scan, run))

    async def _scan(self, scan: Scan, run: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self._problem = ""
        problem = await self._work.redrawing(run(), self._redraw_progress)
        if scan is not self._current:  # another one was started meanwhile
            return
        self._problem, self._current = problem, None
        self._was_interrupted = self._is_automatic and (bool(problem) or self._is_frozen)
        if not self._is_frozen:
            self._first_poll_after = self._polls + 2  # one poll may be under way
            self._ended()

    def _redraw_progress(self) -> None:
        """Redraw the list if a key asked for the scan. Else the redraws of each second are enough."""
        if not self._is_automatic:
            self._work.redraw()

    @property
    def _is_frozen(self) -> bool:
        return self._context.view.is_frozen

    @property
    def _polls(self) -> int:
        """The number of polls of the server so far."""
        return self._context.view.watched.polls
