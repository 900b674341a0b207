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
from beantop.beanstalk import Address, AsyncClient, commands
from beantop.jobs.connection import ActingConnection
from beantop.jobs.groups import GROUPINGS, groups_of
from beantop.jobs.inventory import Inventory
from beantop.jobs.job_order import JobOrder, ListQuery
from beantop.jobs.listing import JobList
from beantop.jobs.scan import Scan
from beantop.monitor.history import History
from beantop.monitor.snapshot import take_snapshot
from beantop.report.export import export_to
from tests.beanstalkd import Beanstalkd
from tests.bench.bodies import jobs_in_memory, make_body
from tests.bench.changing_tubes import look
from tests.bench.poll import make_tubes
from tests.bench.relay import relayed

TUBES = (10, 100, 1_000, 10_000)
JOBS = (1_000, 10_000, 100_000, 1_000_000)
BODIES = (1_000, 10_000, 100_000)
SERVERS = (1, 10, 50)
ROUND_TRIPS = (0.0, 0.001, 0.02, 0.1)
"""Seconds."""

REPEATS = 3

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
        cells = [f"{seconds * 1000:,.1f}" for seconds in self.seconds]
        cells += [""] * (len(JOBS) - len(cells))
        sizes = ", ".join(f"{size:,g}" for size in self.sizes)
        return f"| {self.what} | {sizes} | {' | '.join(cells)} | {self.exponent:.2f} |"


def main() -> None:
    print("| ms of | at | 1st | 2nd | 3rd | 4th | exponent |\n|---|---|---|---|---|---|---|")
    with ExitStack() as stack:
        for growth in _growths(stack):
            print(growth.line(), flush=True)


def _growths(stack: ExitStack) -> Iterator[Growth]:
    tubes = [_server_of_tubes(count, stack) for count in TUBES]
    yield Growth("a poll of all tubes", TUBES, [_timed(partial(_poll, at)) for at in tubes])
    yield Growth("sorting and redrawing (CPU)", TUBES, [_redraw(count) for count in TUBES])
    yield Growth("a key in a filter (CPU)", JOBS, [_key(count) for count in JOBS])
    jobs = [_server_of_jobs(count, stack) for count in BODIES]
    yield Growth("a scan of ids", BODIES, [_timed(partial(_scan, at)) for at in jobs])
    yield Growth("groups by class", BODIES, [_timed(partial(_group, at)) for at in jobs])
    yield Growth("an export", BODIES, [_export(at) for at in jobs])
    servers = [_server_of_tubes(10, stack) for _ in range(max(SERVERS))]
    yield Growth(
        "a poll of servers",
        SERVERS,
        [_timed(partial(_poll_all, servers[:count])) for count in SERVERS],
    )
    far = [relayed(tubes[2][1], stack, round_trip) for round_trip in ROUND_TRIPS[1:]]
    yield Growth(
        "a poll of 1,000 tubes, by round trip in s",
        ROUND_TRIPS,
        [_timed(partial(_poll, at)) for at in (tubes[2], *far)],
    )


def _timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return the shortest time of some runs."""

    async def run() -> float:
        started = time.perf_counter()
        await work()
        return time.perf_counter() - started

    return min(asyncio.run(run()) for _ in range(REPEATS))


def _cpu(work: Callable[[], object]) -> float:
    def run() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return min(run() for _ in range(REPEATS))


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
    asyncio.run(_fill(server.address, count))
    return server.address


async def _fill(address: Address, count: int) -> None:
    async with await AsyncClient.connect(address, timeout=60.0) as client:
        puts = (commands.put(make_body(number), 5, 0, 60) for number in range(count))
        await client.pipeline(puts)


async def _poll(address: Address) -> None:
    async with await AsyncClient.connect(address) as client:
        await take_snapshot(client, 60.0)


async def _poll_all(addresses: Sequence[Address]) -> None:
    await asyncio.gather(*map(_poll, addresses))


def _redraw(count: int) -> float:
    history = History()
    for number in range(3):
        history.add(look(number, count), 1.0)
    order = Order("ready", descending=True)
    return _cpu(lambda: arranged(history.latest.tubes.values(), history, ORDERS, order))


def _key(count: int) -> float:
    found, keeps = jobs_in_memory(count), JobFilter("ada").test({})
    return _cpu(lambda: JobOrder().ids(ListQuery(None, keeps), found))


async def _scan(address: Address) -> None:
    connection = ActingConnection(address)
    await Scan(connection, "default").run()
    connection.close()


async def _group(address: Address) -> None:
    connection = ActingConnection(address)
    jobs = JobList(connection, "default")
    await jobs.peek(())
    inventory = Inventory(jobs, lambda: 1e9)
    inventory.allow_more()
    await inventory.run()
    groups_of(jobs.scan.found.values(), jobs.census.results, GROUPINGS["class"], 0.0)
    connection.close()


def _export(address: Address) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        export_to(address, "default", str(Path(folder) / "jobs.jsonl"))
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
