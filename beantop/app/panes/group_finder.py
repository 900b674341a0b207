"""Finding the groups of many jobs again and again, in a thread."""

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from beantop.app.panes.background_work import BackgroundWork

T = TypeVar("T")

RESTS, QUIET_RESTS = 5.0, 30.0
"""Groups are kept for at least this multiple of the time that finding them took: while bodies are
being read, and afterwards."""


class GroupFinder(Generic[T]):
    """Finds groups, one search at a time, with rests between the searches."""

    def __init__(
        self,
        work: BackgroundWork,
        prepare: Callable[[], Callable[[], T]],
        take: Callable[[T], None],
        version: Callable[[], object],
        is_reading: Callable[[], bool],
    ) -> None:
        """`prepare` copies the jobs and returns the search in them, which runs in a thread. `take` gets
        the groups, unless `version` has changed meanwhile: then they are found again."""
        self._work, self._prepare, self._take = work, prepare, take
        self._version, self._is_reading = version, is_reading
        self._is_running = False
        self.next_at = 0.0
        """When groups may be found again, in seconds of the monotonic clock."""

    def find(self) -> None:
        """Find the groups of all jobs known by now, unless that was done a moment ago."""
        if not self._is_running and time.monotonic() >= self.next_at:
            self._is_running = True
            self._work.start(self._run)

    def find_now(self) -> None:
        """Find them as soon as no other search is running."""
        self.next_at = 0.0
        self.find()

    async def _run(self) -> None:
        version, began = self._version(), time.monotonic()
        try:
            groups = await asyncio.to_thread(self._prepare())
        finally:
            self._is_running = False
        rests = RESTS if self._is_reading() else QUIET_RESTS
        now = time.monotonic()
        self.next_at = now + rests * (now - began)
        if version == self._version():
            self._take(groups)
        else:
            self.find_now()
