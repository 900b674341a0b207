"""Polls servers forever in the background, and samples the ages of the oldest jobs."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing

from beantop.config import ServerConfig
from beantop.jobs.body_batches import largest_job
from beantop.jobs.connection import ActingConnection
from beantop.jobs.oldest_jobs import AgesNeeded, OldestJobs
from beantop.monitor.poller import Link, Poller, ServerStatus


class WatchedServer:
    """A server and the status of its last poll."""

    def __init__(
        self,
        config: ServerConfig,
        interval: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`interval` is in seconds."""
        self.config = config
        self.latest = ServerStatus(config.address, Link("connecting", now()))
        self._poller = Poller(config.address, interval, now=now)
        self._connection = ActingConnection(config.address, peer=lambda: self.latest.peer)
        self._connection.largest_job = lambda: largest_job(self.latest.snapshot.server.stats)
        self._oldest = OldestJobs(self._connection, now)
        self._poller.own_connections = lambda: 1 + self._connection.is_open
        self._poller.wanted = self._oldest.wanted

    async def watch(self) -> None:
        """Poll until cancelled."""
        try:
            async with asyncio.TaskGroup() as samples, aclosing(self._poller.watch()) as statuses:
                async for status in statuses:
                    self.latest = status
                    self._sample(samples)
        finally:
            self._connection.close()

    def _sample(self, samples: asyncio.TaskGroup) -> None:
        """Sample the ages of the oldest jobs. Every tube counts as one on the screen, so that each poll
        samples those in which something moved."""
        status = self.latest
        needs = AgesNeeded(is_shown=True, on_screen=status.snapshot.tubes)
        if chosen := self._oldest.choose(status, needs):
            samples.create_task(self._oldest.sample(chosen, status))
        self._poller.spares = self._oldest.is_behind


async def watch_all(servers: Sequence[WatchedServer]) -> None:
    """Poll all servers until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for server in servers:
            tasks.create_task(server.watch())
