"""A simulated day of watching, in a minute or two: `python -m tests.day`. Linux only.

The program watches three servers with 1,000 tubes, and polls each once a minute. Tubes come and go with
names that never come again, alerts fire and end, and each hour every server is away for a while and comes
back as another process. The table has a line for each hour, with what the program took. From hour 2 on
nothing may grow; if anything does, the exit code is 1.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.config import Settings
from beantop.monitor.alerts import AlertRule
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.rules import parse_rule
from beantop.monitor.snapshot import Server, Snapshot, Tube
from tests.app.stills import Still
from tests.used import descriptors_of, memory_of

SERVERS, TUBES = 3, 1_000

EVERY = 60.0
"""Seconds from one poll of a server to the next."""

HOUR = 3600.0

AWAY = 300.0
"""Seconds for which each server is away in an hour; one after the other."""

MIN_HOURS = 7
"""Three hours after the first one, and three at the end."""

MAX_GROWTH = {"memory": 1.05, "objects": 1.05, "cpu": 1.25, "descriptors": 1.05}
"""How much more the last hours may take than the first ones. The processor is shared with other programs,
which make its caches cold."""

PASSING = 10
"""Tubes of a server that come with a poll, and are gone with the next."""


class Hour(NamedTuple):
    """What the program takes in one hour of the made-up clock."""

    memory: int
    """Resident, in KiB."""
    objects: int
    """Objects that Python's garbage collector tracks."""
    cpu: float
    """Seconds."""
    descriptors: int


class MadeUpServer:
    """A server that is never asked: what polls of it would see."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.source = Still(ServerStatus((f"queue-{number}", 11300), Link("connecting", 0.0)))
        self._away_from = number * 2 * AWAY
        self._names = [f"tube-{number}-{place}" for place in range(TUBES // SERVERS)]
        self._history = History()
        self._polls = 0

    def live(self, now: float) -> None:
        """Be polled, or be away."""
        if self._away_from <= now % HOUR < self._away_from + AWAY:
            link = Link("down", now // HOUR * HOUR + self._away_from, "connection refused", 1, now)
        else:
            link = Link("up", 0.0)
            self._polls += 1
            self._history.add(self._snapshot(now), EVERY)
        self.source.tell(
            ServerStatus(
                self.source.address,
                link,
                self._history.latest,
                self._history,
                polls=self._polls,
                pace=EVERY,
            )
        )

    def _snapshot(self, now: float) -> Snapshot:
        process, age = divmod(now - self._away_from, HOUR)
        tubes = {tube.name: tube for tube in self._tubes(now, int(age))}
        id, jobs = f"{self._number}-{process}", int(age)
        server = Server(now, {"id": id, "total-jobs": jobs, "cmd-delete": jobs})
        return Snapshot(now, now, server, tubes)

    def _tubes(self, now: float, age: int) -> Iterator[Tube]:
        """Yield the tubes of a process that is `age` seconds old."""
        second = int(now)
        passing = [f"passing-{second}-{place}" for place in range(PASSING)]
        for place, name in enumerate([*self._names, *passing]):
            many = (second // 60 * place) % 1000
            yield Tube(
                name, now, ready=many, reserved=place % 5, delayed=0,
                buried=place % 9 if second // 600 % 2 else 0,
                total_jobs=age * (place % 50), deletes=age * (place % 50),
                using=1, watching=place % 3, waiting=0, pause=0, pause_time_left=0,
            )  # fmt: skip


async def live_through(hours: int) -> list[Hour]:
    """Watch for this many hours. Return what each of them took."""
    clock = 0.0
    servers = [MadeUpServer(number) for number in range(1, SERVERS + 1)]
    rules = (AlertRule(parse_rule("buried > 7"), "*"), AlertRule(parse_rule("ready > 900"), "*"))
    app = BeantopApp(
        [server.source for server in servers],
        Options(Settings(alerts=rules)),
        now=lambda: clock,
        wall=lambda: clock,
    )
    lived = []
    async with app.run_test(size=(120, 36)) as pilot:
        for hour in range(hours):
            before = time.process_time()
            for poll in range(int(HOUR / EVERY)):
                clock = hour * HOUR + poll * EVERY
                for server in servers:
                    server.live(clock)
                await pilot.pause()
            cpu = time.process_time() - before
            gc.collect()
            lived.append(Hour(memory_of(), len(gc.get_objects()), cpu, descriptors_of()))
    return lived


def growth(lived: Sequence[Hour]) -> dict[str, float]:
    """Return the median of the last three hours, divided by that of hours 2 to 4, of each column."""
    assert len(lived) >= MIN_HOURS, "too few hours to compare"
    columns = zip(*lived, strict=True)
    medians = [(median(values[1:4]), median(values[-3:])) for values in columns]
    return {name: last / first for name, (first, last) in zip(Hour._fields, medians, strict=True)}


def grown(lived: Sequence[Hour]) -> list[str]:
    """Return the columns that grew by more than they may."""
    return [name for name, factor in growth(lived).items() if factor > MAX_GROWTH[name]]


def main() -> int:
    """Print a line for each hour, and how much each column grew. Return the exit code."""
    started = time.monotonic()
    hours = max(MIN_HOURS, int(sys.argv[1])) if len(sys.argv) > 1 else 24
    lived = asyncio.run(live_through(hours))
    print("hour  memory MiB    objects  CPU s  descriptors")
    for number, hour in enumerate(lived, 1):
        memory = f"{hour.memory / 1024:.1f}"
        print(f"{number:4} {memory:>11} {hour.objects:10,} {hour.cpu:6.2f} {hour.descriptors:12}")
    memory_by, objects, cpu, descriptors = growth(lived).values()
    print(f"grew {memory_by:11.3f} {objects:10.3f} {cpu:6.3f} {descriptors:12.3f}")
    print(f"{hours} hours took {time.monotonic() - started:.0f} s")
    if names := grown(lived):
        print(f"More than it may, this grew: {', '.join(names)}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
