"""Measures how long the jobs of all tubes of a server take, as the profiler of the screen does."""

from collections.abc import Mapping
from time import perf_counter
from typing import NamedTuple

from beantop.app.session.profiled import FOR_RULES, Wanted
from beantop.app.session.profiler import Profiler
from beantop.jobs.connection import ActingConnection
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.job_times import MAX_GAP
from beantop.monitor.snapshot import Snapshot

SHARE = 0.05
"""The part of the time that estimates may take; the rest is left for later polls."""

ALL_TUBES = Wanted(None, FOR_RULES)


class Estimated(NamedTuple):
    """The times of a tube's jobs, and when they were estimated."""

    at: float
    times: TubeTimes | None


class MeasuredTimes:
    """How long the jobs of a server take, by tube."""

    def __init__(self, connection: ActingConnection, interval: float) -> None:
        """`interval` is the time between polls in seconds."""
        self.times: Mapping[str, TubeTimes] = {}
        """The latest estimates by tube; replaced, never changed."""
        self._profiler = Profiler(connection)
        self._seconds = SHARE * interval
        self._estimated: dict[str, Estimated] = {}

    @property
    def is_connected(self) -> bool:
        """Whether the connection that samples is open."""
        return self._profiler.connection.is_open

    def close(self) -> None:
        self._profiler.connection.close()

    async def run(self) -> None:
        """Sample jobs until cancelled."""
        if self._profiler.want(ALL_TUBES):
            await self._profiler.run()

    def note(self, snapshot: Snapshot) -> None:
        """Note a poll, and estimate again, the tubes first that were not estimated for the longest."""
        self._profiler.note_puts(snapshot)
        times = self._profiler.times
        if times is None or snapshot.taken_at - times.until > MAX_GAP:
            self._estimated.clear()
            self.times = {}
            return
        before, began = self._estimated, perf_counter()
        tubes = sorted(times.tubes, key=lambda tube: before[tube].at if tube in before else 0.0)
        self._estimated = {tube: before[tube] for tube in tubes if tube in before}
        for tube in tubes:
            self._estimated[tube] = Estimated(snapshot.taken_at, times.tube_times(tube))
            if perf_counter() - began > self._seconds:
                break
        self.times = {tube: one.times for tube, one in self._estimated.items() if one.times}
