"""The three servers of `beantop --demo`, with simulated past and continuing traffic."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from beantop.beanstalk import Address
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock
from beantop.demo.host import Host
from beantop.demo.scenes import SCENES
from beantop.demo.server import Server
from beantop.demo.workload import Workload

LOCALHOST = "127.0.0.1"

STEP = 0.05
"""Seconds between two steps of the traffic."""

AWAY_EVERY, AWAY_FOR = 90.0, 12.0
"""Seconds for which the last server is up, and for which it is then down."""


async def keep_working(workloads: Sequence[Workload]) -> None:
    """Run the traffic in real time, forever. The clocks must be live."""
    while True:
        for workload in workloads:
            workload.run_until(time.monotonic_ns())
        await asyncio.sleep(STEP)


class Demo:
    """Three servers with old jobs, and with traffic since `past` seconds ago.

    Simulate the past with `relive`; then `listen` and `carry_on` in an event loop.
    """

    def __init__(
        self,
        past: float,
        *,
        now: Callable[[], int] = time.monotonic_ns,
        wall: Callable[[], float] = time.time,
        host: Callable[[], Host] = Host,
    ) -> None:
        self._now = now
        self._clocks = [Clock(now() - round(past * SECOND) - scene.past) for scene in SCENES]
        self.brokers = [Broker(clock, host=host()) for clock in self._clocks]
        self._workloads = [
            Workload(broker, clock, scene, seed, wall() - past)
            for seed, (broker, clock, scene) in enumerate(
                zip(self.brokers, self._clocks, SCENES, strict=True)
            )
        ]
        self._servers: list[Server] = []
        self._addresses: list[Address] = []

    def relive(self, step: float) -> Iterator[float]:
        """Simulate the past until now. Yield the time in seconds after each `step` seconds."""
        present = self._now()
        while (at := self._clocks[0]() + round(step * SECOND)) <= present:
            self._run_until(at)
            yield at / SECOND

    async def listen(self) -> list[Address]:
        """Accept clients from this machine and return the addresses. Raises `OSError`."""
        self._servers = [Server(broker) for broker in self.brokers]
        self._addresses = [await server.listen((LOCALHOST, 0)) for server in self._servers]
        return self._addresses

    async def carry_on(self) -> None:
        """Run in real time, forever, and take the last server down now and then."""
        for clock in self._clocks:
            clock.go_live()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_working(self._workloads))
            tasks.create_task(self._come_and_go(self._servers[-1], self._addresses[-1]))

    def close(self) -> None:
        """Stop all servers and drop their clients."""
        for server in self._servers:
            server.close()

    async def _come_and_go(self, server: Server, address: Address) -> None:
        """Take the server down now and then, like a network failure: its jobs stay."""
        while True:
            await asyncio.sleep(AWAY_EVERY)
            server.close()
            while not server.is_listening:
                await asyncio.sleep(AWAY_FOR)
                with suppress(OSError):  # another process has the port at the moment
                    await server.listen(address)

    def _run_until(self, at: int) -> None:
        for workload in self._workloads:
            workload.run_until(at)
