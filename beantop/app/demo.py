"""The program on the demo servers, with a history as if it had been polling them for minutes."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from beantop.app.run import keep_cells, run_in_terminal, start_app
from beantop.app.session.options import Options
from beantop.beanstalk import Address
from beantop.config import ServerConfig
from beantop.demo.demo import Demo
from beantop.demo.local import LocalClient
from beantop.demo.scenes import SCENES
from beantop.jobs.trash.store import Trash
from beantop.monitor.history import SPAN, STEP, History
from beantop.monitor.poller import Poller
from beantop.monitor.snapshot import Snapshot, take_snapshot

PAST = SPAN + 30.0
"""Seconds of history that the servers have when the program starts."""

WELCOME = (
    "Three simulated servers inside this program: try anything you like. 1 2 3 switch between them;"
    " the third loses its connection now and then. ? shows all keys."
)


def run_demo(start: Options, is_dark: bool | None) -> int:
    """Run the demo in this terminal. Return its exit code, as `run_app` does."""
    keep_cells(sys.__stderr__)
    try:
        return asyncio.run(_run(start, is_dark))
    except KeyboardInterrupt:  # before the screen was set up
        return 128 + signal.SIGINT


async def _run(start: Options, is_dark: bool | None) -> int:
    demo = Demo(PAST)
    histories = await remember(demo, time.time() - time.monotonic())
    addresses = await demo.listen()
    pollers = [
        Poller(address, start.interval, history=history)
        for address, history in zip(addresses, histories, strict=True)
    ]
    try:
        with TemporaryDirectory(prefix="beantop-demo-") as directory:
            settings = start.settings._replace(servers=())  # the demo has its own servers
            wanted = start._replace(settings=settings, trash=Trash(Path(directory)))
            app = start_app(pollers, wanted, is_dark, known(addresses))
            app.call_later(app.notify, WELCOME, markup=False, timeout=10)
            async with asyncio.TaskGroup() as tasks:
                traffic = tasks.create_task(demo.carry_on())
                await run_in_terminal(app)
                traffic.cancel()
    finally:
        demo.close()
    return app.return_code or 0


def known(addresses: Iterable[Address]) -> list[ServerConfig]:
    """Return the demo servers, named after their scenes."""
    return [
        ServerConfig(address, scene.name) for address, scene in zip(addresses, SCENES, strict=True)
    ]


async def remember(demo: Demo, epoch: float) -> list[History]:
    """Replay the past of the demo, taking a snapshot of each server at every step.

    `epoch` is the Unix time at which the demo's clock was 0.
    """
    clients = [LocalClient(broker) for broker in demo.brokers]
    histories = [History() for _ in clients]
    for now in demo.relive(STEP):
        for client, history in zip(clients, histories, strict=True):
            history.add(await _snapshot(client, now, epoch + now), STEP)
    for client in clients:
        client.close()
    return histories


async def _snapshot(client: LocalClient, now: float, wall_time: float) -> Snapshot:
    return await take_snapshot(client, 0, now=lambda: now, wall=lambda: wall_time)
