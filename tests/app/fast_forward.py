"""The demo watched by the program with the time running many times as fast as it does.

`python -m tests.app.fast_forward 3600` lives through an hour and tells what it took.
"""

import asyncio
import gc
import sys
import time
from typing import NamedTuple

from beantop.app.app import BeantopApp
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock
from beantop.demo.local import LocalClient
from beantop.demo.scenes import SCENES
from beantop.demo.workload import Workload
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import take_snapshot
from tests.app.stills import Still

LOOKING = ["down", "up", "j", "k", "G", "g", "z", "z", "exclamation_mark", "escape", "i", "i"]
"""Keys that change nothing on the server, and nothing for long on the screen."""


class Lived(NamedTuple):
    """A sample taken during the run."""

    seconds: int
    objects: int
    """Number of objects that Python's collector tracks, without those of the server."""
    jobs: int


async def live_through(seconds: int, step: int = 60) -> list[Lived]:
    """Watch the first server of the demo, one look a second, and press keys all the time."""
    clock = Clock(0)
    broker = Broker(clock)
    workload = Workload(broker, clock, SCENES[0], 0)
    begin = clock()

    def now() -> float:
        return clock() / SECOND

    client = LocalClient(broker)
    history = History()
    still = Still(ServerStatus(("127.0.0.1", 11300), Link("connecting", begin / SECOND)))
    app = BeantopApp([still], now=now, wall=now)
    lived = []
    async with app.run_test(size=(120, 36)) as pilot:
        for second in range(1, seconds + 1):
            workload.run_until(begin + second * SECOND)
            history.add(await take_snapshot(client, 0, now=now, wall=now), 1.0)
            link = Link("up", begin / SECOND)
            still.tell(
                ServerStatus(still.address, link, history.latest, history, polls=second, pace=1.0)
            )
            await pilot.press(LOOKING[second % len(LOOKING)])
            if second % step == 0:
                lived.append(Lived(second, _objects(broker), len(broker.jobs)))
    return lived


def _objects(broker: Broker) -> int:
    gc.collect()
    return len(gc.get_objects()) - len(broker.jobs)


def main() -> None:
    """Print the samples as a table."""
    started = time.monotonic()
    seconds = int(sys.argv[1])
    print("second   objects   jobs on the server")
    for lived in asyncio.run(live_through(seconds, step=max(60, seconds // 20))):
        print(f"{lived.seconds:6}   {lived.objects:7}   {lived.jobs:6}")
    print(f"{seconds} s took {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
