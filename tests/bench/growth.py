"""`python -m tests.bench.growth`: CPU and time as the work grows, as a table in Markdown.

The last column is the worst exponent between two neighbors: 1 means linear, 0 that size costs nothing.
"""

import asyncio
import math
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from beantop.app.view.column import Order
from beantop.app.view.job_filter import JobFilter
from beantop.app.view.tube_columns import ORDERS
from beantop.app.view.tube_rows import arranged
from beantop.beanstalk import Address, AsyncClient, Job
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_order import JobOrder, ListQuery
from beantop.jobs.scan import Scan
from beantop.monitor.history import History
from beantop.monitor.snapshot import take_snapshot
from beantop.report.export import export_to
from tests.beanstalkd import Beanstalkd
from tests.bench.bodies import TUBE, WORD, fill, group, jobs_in_memory, make_body
from tests.bench.changing_tubes import snapshot
from tests.bench.poll import make_tubes
from tests.bench.relay import relayed

TUBES = (10, 100, 1_000, 10_000)
JOBS = (1_000, 10_000, 100_000, 1_000_000)
SERVERS = (1, 10, 50)
ROUND_TRIPS = (0.0, 0.001, 0.02, 0.1)
"""Seconds."""

REPEATS = 3
"""Runs of each work; the shortest one counts."""

LONG = 1.0
"""Seconds: work that takes longer runs once."""

NOTES = """
¹ For each `stats-tube`, beanstalkd compares the name with those of all tubes: a poll of all tubes takes it
time that grows with the square of their number. The replies then come one at a time, and each wakes
beantop. With this many tubes a poll asks only for some of them (`monitor/budget.py`).
² Groups read the bodies of 100,000 jobs; `n` reads on."""

CHEAP = 1e-4
"""Seconds: less says nothing about growth."""


class Growth(NamedTuple):
    """What one kind of work takes at each size, in seconds."""

    what: str
    sizes: Sequence[float]
    seconds: Sequence[float]

    @property
    def exponent(self) -> float:
        """The worst exponent between two neighbors that take long enough to be compared."""
        pairs = zip(self.sizes, self.seconds, self.sizes[1:], self.seconds[1:], strict=False)
        return max(
            (
                math.log(later / before) / math.log(larger / size)
                for size, before, larger, later in pairs
                if size and before > CHEAP
            ),
            default=0.0,
        )

    def line(self) -> str:
        cells = [_in_ms(seconds * 1000) for seconds in self.seconds]
        cells += [""] * (len(JOBS) - len(cells))
        sizes = ", ".join(f"{size:,}" for size in self.sizes)
        return f"| {self.what} | {sizes} | {' | '.join(cells)} | {self.exponent:.1f} |"


def _in_ms(number: float) -> str:
    """
    >>> _in_ms(0.12), _in_ms(28_704.7)
    ('0.1', '28,705')
    """
    return f"{number:.1f}" if number < 100 else f"{number:,.0f}"


def main() -> None:
    print("| work | sizes | ms at each size | | | | exponent |\n|---|---|--:|--:|--:|--:|--:|")
    with ExitStack() as stack:
        for growth in _growths(stack):
            print(growth.line(), flush=True)
    print(NOTES)


def _growths(stack: ExitStack) -> Iterator[Growth]:
    tubes = [_server_of_tubes(count, stack) for count in TUBES]
    yield Growth("a poll of all tubes (CPU)", TUBES, [_cpu_of_poll(at) for at in tubes])
    yield Growth("a poll of all tubes¹", TUBES, [_timed(partial(_poll, at)) for at in tubes])
    yield Growth("adding a poll to the history (CPU)", TUBES, [_note(count) for count in TUBES])
    yield Growth("sorting the tubes (CPU)", TUBES, [_sort(count) for count in TUBES])
    yield Growth("a letter of a filter of jobs (CPU)", JOBS, [_key(count) for count in JOBS])
    yield Growth("a filter of bodies (CPU)", JOBS, [_filter(count) for count in JOBS])
    jobs = [_server_of_jobs(count, stack) for count in JOBS]
    yield Growth("a scan of ids", JOBS, [_timed(partial(_scan, at)) for at in jobs])
    yield Growth("groups by class²", JOBS, [_timed(partial(group, at, TUBE)) for at in jobs])
    yield Growth("an export", JOBS, [_export(at) for at in jobs])
    servers = [_server_of_tubes(10, stack) for _ in range(max(SERVERS))]
    yield Growth(
        "a poll of servers",
        SERVERS,
        [_timed(partial(_poll_all, servers[:count])) for count in SERVERS],
    )
    far = [relayed(tubes[2][1], stack, round_trip) for round_trip in ROUND_TRIPS[1:]]
    yield Growth(
        "a poll of 1,000 tubes, by seconds of a round trip",
        ROUND_TRIPS,
        [_timed(partial(_poll, at)) for at in (tubes[2], *far)],
    )


def _shortest(run: Callable[[], float]) -> float:
    """Run it up to `REPEATS` times. Return the shortest time."""
    first = run()
    return first if first > LONG else min(first, *(run() for _ in range(REPEATS - 1)))


def _timed(work: Callable[[], Awaitable[object]]) -> float:
    async def run() -> float:
        started = time.perf_counter()
        await work()
        return time.perf_counter() - started

    return _shortest(lambda: asyncio.run(run()))


def _cpu(work: Callable[[], object]) -> float:
    def run() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return _shortest(run)


def _cpu_of_poll(address: Address) -> float:
    return _cpu(lambda: asyncio.run(_poll(address)))


def _server_of_tubes(count: int, stack: ExitStack) -> tuple[str, int]:
    server = Beanstalkd()
    stack.callback(server.stop)
    make_tubes(server, count)
    assert isinstance(server.address, tuple)
    return server.address


def _server_of_jobs(count: int, stack: ExitStack) -> tuple[str, int]:
    server = Beanstalkd()
    stack.callback(server.stop)
    assert isinstance(server.address, tuple)
    asyncio.run(fill(server.address, TUBE, map(make_body, range(count))))
    return server.address


async def _poll(address: Address) -> None:
    async with await AsyncClient.connect(address) as client:
        await take_snapshot(client, 60.0)


async def _poll_all(addresses: Sequence[Address]) -> None:
    await asyncio.gather(*map(_poll, addresses))


def _history(count: int) -> History:
    history = History()
    for number in range(3):
        history.add(snapshot(number, count), 1.0)
    return history


def _note(count: int) -> float:
    history, snapshots = _history(count), iter([snapshot(number, count) for number in range(3, 9)])
    return _cpu(lambda: history.add(next(snapshots), 1.0))


def _sort(count: int) -> float:
    history, order = _history(count), Order("ready", descending=True)
    return _cpu(lambda: arranged(history.latest.tubes.values(), history, ORDERS, order))


def _key(count: int) -> float:
    found, keeps = jobs_in_memory(count), JobFilter("ada").test({})
    return _cpu(lambda: JobOrder().ids(ListQuery(None, keeps), found))


def _filter(count: int) -> float:
    matches = JobFilter(WORD).matcher(lambda id: AS_RECOGNIZED)
    jobs = [Job(number, make_body(number)) for number in range(count)]
    return _cpu(lambda: [matches(job) for job in jobs])


async def _scan(address: Address) -> None:
    connection = ActingConnection(address)
    await Scan(connection, TUBE).run()
    connection.close()


def _export(address: Address) -> float:
    def run() -> float:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            export_to(address, TUBE, str(Path(folder) / "jobs.jsonl"))
            return time.perf_counter() - started

    return _shortest(run)


if __name__ == "__main__":
    main()
