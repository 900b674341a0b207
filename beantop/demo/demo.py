"""The three servers that `beantop --demo` watches, with a past, and with traffic that goes on."""

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
"""Seconds between two turns of the traffic."""

AWAY_EVERY, AWAY_FOR = 90.0, 12.0
"""Seconds for which the last server is there, and for which it then is not."""


async def keep_working(workloads: Sequence[Workload]) -> None:
    """Let the traffic go on in real time, for ever; the clocks are to be live."""
    while True:
        for workload in workloads:
            workload.run_until(time.monotonic_ns())
        await asyncio.sleep(STEP)


class Demo:
    """Three servers whose traffic begins `past` seconds ago, and some old jobs before.

    Let the past happen with `relive`; then `listen` and `carry_on` in an event loop.
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
        """Let the past happen until now. Stops each `step` seconds, and tells the time in seconds."""
        present = self._now()
        while (at := self._clocks[0]() + round(step * SECOND)) <= present:
            self._run_until(at)
            yield at / SECOND

    async def listen(self) -> list[Address]:
        """Let any client on this machine come to the servers from now on. Raises `OSError`."""
        self._servers = [Server(broker) for broker in self.brokers]
        self._addresses = [await server.listen((LOCALHOST, 0)) for server in self._servers]
        return self._addresses

    async def carry_on(self) -> None:
        """Run with the real time, and let the last server be away now and then, for ever."""
        for clock in self._clocks:
            clock.go_live()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_working(self._workloads))
            tasks.create_task(self._come_and_go(self._servers[-1], self._addresses[-1]))

    def close(self) -> None:
        """Hang up on everybody."""
        for server in self._servers:
            server.close()

    async def _come_and_go(self, server: Server, address: Address) -> None:
        """As a network does that fails for a moment: the jobs are still there afterwards."""
        while True:
            await asyncio.sleep(AWAY_EVERY)
            server.close()
            while not server.is_listening:
                await asyncio.sleep(AWAY_FOR)
                with suppress(OSError):  # somebody has the port for now
                    await server.listen(address)

    def _run_until(self, at: int) -> None:
        for workload in self._workloads:
            workload.run_until(at)
