"""Finding the jobs of a list and reading their bodies, at little cost for the server or at once."""

import math
from collections.abc import Callable

from beantop.jobs.listing import JobList

STEP = 1_024
"""Ids that are walked before the bodies of the jobs found there are read."""

MAX_IDS, MAX_BODIES = 100_000, 100_000
"""Ids walked and bodies read before the user has to ask for more."""

MORE_IDS = 2_000_000
"""Ids that are walked when the user asks for more."""


class Inventory:
    """Walks ids and reads bodies in turn, for the jobs of one list."""

    def __init__(self, jobs: JobList, rate: Callable[[], float]) -> None:
        """`rate` returns how many commands per second the server may get."""
        self.running = False
        self.is_gentle = True
        """Whether it keeps to the rate."""
        self.reads_bodies = True
        self._jobs = jobs
        self._rate = rate
        self._ids_left, self._bodies_left = MAX_IDS, MAX_BODIES
        self._stopping = False

    @property
    def unread(self) -> int:
        """The number of found jobs whose bodies were not read."""
        return self._jobs.census.count_unread(self._jobs.scan.found) if self.reads_bodies else 0

    async def run(self) -> None:
        """Find jobs and read bodies until all were read, or as many as the user allowed, or `stop` is
        called. Raises what the connection raises."""
        if self.running:
            return
        self.running, self._stopping = True, False
        try:
            while not self._stopping and await self._step():
                pass
        finally:
            self.running, self.is_gentle = False, True

    def allow_more(self) -> None:
        """Let it go on at full speed, also beyond what was read so far."""
        self._ids_left, self._bodies_left = MORE_IDS, MAX_BODIES
        self.is_gentle = False
        self._jobs.scan.hurry(0)
        self._jobs.census.hurry()

    def stop(self) -> None:
        """End the run after the current batch."""
        self._stopping = True
        self._jobs.scan.stop()
        self._jobs.census.stop()

    async def _step(self) -> bool:
        """Walk some ids, and read the bodies of the jobs found there. Return whether there is more
        to do."""
        scan, self._jobs.scanned = self._jobs.scan, True
        before = scan.coverage.walked
        if not scan.coverage.complete and self._ids_left > 0:
            await scan.run(min(STEP, self._ids_left), rate=self._current_rate())
        walked = scan.coverage.walked - before
        self._ids_left -= walked
        if self.reads_bodies and self._bodies_left > 0 and not self._stopping:
            census = self._jobs.census
            read = len(census.results)
            await census.run(scan.found, census.facts, self._bodies_left, self._current_rate)
            self._bodies_left -= len(census.results) - read
        return walked > 0 and self._ids_left > 0 and not scan.coverage.complete

    def _current_rate(self) -> float:
        return self._rate() if self.is_gentle else math.inf
