"""Polls servers forever in the background, and samples what polls do not tell."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from beantop.config import ServerConfig
from beantop.jobs.body_batches import largest_job
from beantop.jobs.connection import ActingConnection
from beantop.jobs.oldest_jobs import AgesNeeded, OldestJobs
from beantop.monitor.poller import Link, Poller, ServerStatus
from beantop.report.prometheus.worst_tubes import worst_tubes

if TYPE_CHECKING:
    from beantop.commands.measured import MeasuredTimes
    from beantop.monitor.followed_job import TubeTimes


class WatchedServer:
    """A server and the status of its last poll."""

    def __init__(
        self,
        config: ServerConfig,
        interval: float,
        *,
        max_tubes: int,
        measures: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`interval` is in seconds. `max_tubes` is the number of tubes that matter, the worst ones first.
        `measures` says whether to measure how long jobs take."""
        self.config = config
        self._max_tubes = max_tubes
        self._worst: list[str] = []
        self.latest = ServerStatus(config.address, Link("connecting", now()))
        self._poller = Poller(config.address, interval, now=now)
        self._connection = self._connect()
        self._oldest = OldestJobs(self._connection, now)
        self._measured = self._measure(interval) if measures else None
        self._poller.own_connections = self._count_connections
        self._poller.wanted = lambda: self._worst

    @property
    def job_times(self) -> Mapping[str, "TubeTimes"]:
        """How long the jobs of tubes take, by tube, as far as it is measured. May be read from any
        thread."""
        return self._measured.times if self._measured else {}

    async def watch(self) -> None:
        """Poll until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks, aclosing(self._poller.watch()) as statuses:
                if self._measured:
                    tasks.create_task(self._measured.run())
                async for status in statuses:
                    self._take(status, tasks)
        finally:
            self._connection.close()
            if self._measured:
                self._measured.close()

    def _take(self, status: ServerStatus, tasks: asyncio.TaskGroup) -> None:
        """Note a status, and sample the ages of the oldest jobs. The worst tubes count as those on the
        screen: each poll asks for them, and samples those in which something moved."""
        is_polled = status.polls > self.latest.polls
        self.latest = status
        self._worst = [tube.name for tube in worst_tubes(status, self._max_tubes)]
        needs = AgesNeeded(is_shown=True, on_screen=self._worst)
        if chosen := self._oldest.choose(status, needs):
            tasks.create_task(self._oldest.sample(chosen, status))
        self._poller.spares = self._oldest.is_behind
        if self._measured and is_polled:
            self._measured.note(status.snapshot)

    def _connect(self) -> ActingConnection:
        """Return a new connection beside that of the polls; it connects on first use."""
        connection = ActingConnection(self.config.address, peer=lambda: self.latest.peer)
        connection.largest_job = lambda: largest_job(self.latest.snapshot.server.stats)
        return connection

    def _measure(self, interval: float) -> "MeasuredTimes":
        from beantop.commands.measured import MeasuredTimes  # large, and not always needed

        return MeasuredTimes(self._connect(), interval)

    def _count_connections(self) -> int:
        """Return how many connections to the server are ours, with that of the polls."""
        return 1 + self._connection.is_open + bool(self._measured and self._measured.is_connected)


async def watch_all(servers: Sequence[WatchedServer]) -> None:
    """Poll all servers until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for server in servers:
            tasks.create_task(server.watch())
