"""Reading the bodies of many jobs, each once. Only results are kept, not the bodies."""

import asyncio
import math
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from itertools import takewhile
from typing import Generic, TypeVar

from beantop.beanstalk import Job
from beantop.jobs.body_batches import peek_some
from beantop.jobs.connection import ActingConnection

Result = TypeVar("Result")

AT_ONCE = 512
"""Bodies per turn of the connection, unless they are large."""

BYTES_OF_A_COMMAND = 8192
"""Bytes of a body that cost the server about as much as a command without one."""


def no_limit() -> float:
    """Return a rate without a limit."""
    return math.inf


class BodyReader(Generic[Result]):
    """Reads bodies, and keeps what `read` returns for each job until `clear` is called."""

    def __init__(self, connection: ActingConnection, read: Callable[[Job[bytes]], Result]) -> None:
        """`read` runs in a thread, since a body may take long to decode. It never raises."""
        self.results: dict[int, Result] = {}
        """Results by job id."""
        self.running = False
        self._connection = connection
        self._read = read
        self._gone: set[int] = set()
        """Ids of jobs that were gone when their bodies were asked for."""
        self._run = 0
        """The number of the current run: results of an earlier one come too late."""
        self._wake = asyncio.Event()  # ends a rest

    def unread(self, ids: Iterable[int]) -> list[int]:
        """Return the ids of these jobs whose bodies were not read yet, the newest first."""
        return sorted(self._rest_of(ids), reverse=True)

    def count_unread(self, ids: Iterable[int]) -> int:
        """Return how many of these jobs have bodies that were not read yet."""
        return sum(1 for _ in self._rest_of(ids))

    def _rest_of(self, ids: Iterable[int]) -> Iterable[int]:
        return (id for id in ids if id not in self.results and id not in self._gone)

    async def run(
        self,
        ids: Collection[int],
        most: int | None = None,
        rate: Callable[[], float] = no_limit,
    ) -> None:
        """Read the unread bodies of these jobs, also of ids that are added meanwhile; `most` of them, if
        given, at this rate of commands per second. Raises what the connection raises."""
        if self.running:
            return
        run, self.running = self._run, True
        self._wake.clear()
        left = math.inf if most is None else most
        try:
            while run == self._run and left > 0 and (unread := self.unread(ids)):
                wanted = unread[: int(min(left, len(unread)))]
                await self._read_all(run, wanted, rate)
                left -= len(wanted)
        finally:
            if run == self._run:
                self.running = False

    async def _read_all(self, run: int, ids: list[int], rate: Callable[[], float]) -> None:
        at = 0
        while at < len(ids):
            batch = ids[at : at + AT_ONCE]
            async with self._connection.turn() as turn:
                answers = await peek_some(turn, batch)
            if run != self._run:
                return
            jobs = [answer for answer in answers if answer]
            current = takewhile(lambda _: run == self._run, jobs)
            results = await asyncio.to_thread(self._results, current)
            if run != self._run:
                return
            self.results.update(results)
            self._gone.update(set(batch[: len(answers)]) - self.results.keys())
            at += len(answers)
            sizes = sum(len(job.body) for job in jobs)
            await self._rest((len(answers) + sizes / BYTES_OF_A_COMMAND) / rate())

    def _results(self, jobs: Iterable[Job[bytes]]) -> dict[int, Result]:
        return {job.id: self._read(job) for job in jobs}

    async def _rest(self, seconds: float) -> None:
        if seconds > 0 and not self._wake.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)

    def hurry(self) -> None:
        """Have the run go on without rests."""
        self._wake.set()

    def stop(self) -> None:
        """Have the run end after the current batch, whose results are dropped. The others are kept."""
        self._run += 1
        self.running = False
        self._wake.set()

    def clear(self) -> None:
        """Stop, and drop all results."""
        self.stop()
        self.results, self._gone = {}, set()
