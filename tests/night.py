"""The night of the report: 40 tubes of which five are broken, on a real server or on the demo's.

One has 30,000 buried jobs, one no worker, one jobs that time out, one is paused, and one grows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from beantop.beanstalk import BeanstalkdError, Command, Job, commands
from beantop.monitor.snapshot import Caller

T = TypeVar("T")

BURIED, ALONE, SLOW, PAUSED, GROWING = (
    "email-transactional",
    "billing-charge",
    "invoices-pdf",
    "webhooks-retry",
    "search-index",
)
BROKEN = (BURIED, ALONE, SLOW, PAUSED, GROWING)
HEALTHY = tuple(f"shop-{number:02}-orders" for number in range(1, 36))

BURIED_JOBS, WITHOUT_WORKER, WAITING, GROWTH = 30_000, 4_400, 1_800, 20
"""Numbers of jobs; the growth is a second."""

ALL_AT_ONCE = 5_000  # commands in one batch
PATIENCE = 20.0  # seconds

BODY = b'{"order_id": 4812, "to": "ada@example.org", "template": "receipt"}'


class Night:
    """The clients of the server: producers, and workers that do their work well or badly."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Caller]],
        let_pass: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`let_pass` lets so many seconds pass for the server."""
        self._connect = connect
        self._let_pass = let_pass

    async def begin(self) -> None:
        """Fill the tubes."""
        self._producer = await self._connect()
        self._good = await self._worker(HEALTHY)
        self._few = await self._worker([GROWING, PAUSED])
        self._slow = await self._worker([SLOW])
        await self._put(HEALTHY[3], 3)
        await self._bury()
        await self._put(ALONE, WITHOUT_WORKER)
        await self._put(PAUSED, WAITING)
        await self._producer.call(commands.pause_tube(PAUSED, 3600), PATIENCE)
        await self._put(SLOW, 4, ttr=1)
        for _ in range(2):
            await self.let_one_time_out()

    async def second(self) -> None:
        """Do what happens in a second."""
        await self._put(GROWING, GROWTH)
        await self._finish(self._few, 1)
        for name in HEALTHY[:4]:
            await self._put(name, 2)
        await self._finish(self._good, 8)

    async def let_one_time_out(self) -> None:
        """Reserve a job for longer than its ttr."""
        await self._slow.call(commands.reserve(0), PATIENCE)
        before = await self._timeouts()
        while await self._timeouts() == before:
            await self._let_pass(0.1)
            # beanstalkd 1.12 may forget a connection that says nothing, and its jobs.
            await self._slow.call(commands.watch(SLOW), PATIENCE)

    async def _timeouts(self) -> int:
        stats = await self._producer.call(commands.stats(), PATIENCE)
        return stats["job-timeouts"]

    async def _worker(self, tubes: Iterable[str]) -> Caller:
        worker = await self._connect()
        for tube in tubes:
            await worker.call(commands.watch(tube), PATIENCE)
        await worker.call(commands.ignore("default"), PATIENCE)
        return worker

    async def _put(self, tube: str, jobs: int, *, ttr: int = 60) -> None:
        await self._producer.call(commands.use(tube), PATIENCE)
        put = commands.put(BODY, 1024, 0, ttr)
        await _all(self._producer, (put for _ in range(jobs)))

    async def _bury(self) -> None:
        worker = await self._worker([BURIED])
        for _ in range(BURIED_JOBS // ALL_AT_ONCE):
            await self._put(BURIED, ALL_AT_ONCE)
            jobs = await _all(worker, (commands.reserve(0) for _ in range(ALL_AT_ONCE)))
            await _all(worker, (commands.bury(job.id) for job in jobs))

    async def _finish(self, worker: Caller, most: int) -> None:
        """Reserve and delete up to that many jobs."""
        reserved = await worker.pipeline((commands.reserve(0) for _ in range(most)), PATIENCE)
        jobs = [job for job in reserved if isinstance(job, Job)]
        await _all(worker, (commands.delete(job.id) for job in jobs))


async def _all(client: Caller, asked: Iterable[Command[T]]) -> list[T]:
    results = await client.pipeline(asked, PATIENCE)
    good = [result for result in results if not isinstance(result, BeanstalkdError)]
    assert len(good) == len(results), [one for one in results if isinstance(one, BeanstalkdError)]
    return good
