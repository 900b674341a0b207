"""Reading the bodies of many jobs, each once. Only results are kept, not the bodies."""

import asyncio
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Generic, Literal, TypeAlias, TypeVar

from beantop.beanstalk import Job
from beantop.jobs.body_batches import BYTES_OF_A_COMMAND, peek_some
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo

Result = TypeVar("Result")

Found: TypeAlias = Result | Literal[False] | None
"""The result for a body; False if it has none, None if only a part could be read and that does not
decide."""

Passes: TypeAlias = Callable[[JobInfo], bool]
"""The result of a search: it decides about a job whose body matched, by its numbers, which change."""

AT_ONCE = 512
"""Bodies per turn of the connection, unless they are large."""


def no_limit() -> float:
    """Return a rate without a limit."""
    return math.inf


def none_known(id: int) -> bytes | None:
    """Return the body of a job that need not be fetched: there are none."""
    return None


class BodyReader(Generic[Result]):
    """Reads bodies, and keeps the results until `clear` is called."""

    def __init__(
        self, connection: ActingConnection, known: Callable[[int], bytes | None] = none_known
    ) -> None:
        """`known` returns the body of a job that need not be fetched."""
        self.results: dict[int, Result] = {}
        """Results by job id."""
        self.undecided: set[int] = set()
        """Ids of jobs whose bodies were read only in part, without a result."""
        self.running = False
        self._connection, self._known = connection, known
        self._without: set[int] = set()
        """Ids of jobs without a result: they were gone, or their bodies had none."""
        self._run = 0
        """The number of the current run: results of an earlier one come too late."""
        self._wake = asyncio.Event()  # ends a rest

    def unread(self, ids: Iterable[int]) -> list[int]:
        """Return the ids of these jobs whose bodies were not read yet, the newest first."""
        return sorted(set(ids).difference(self.results, self._without), reverse=True)

    def count_unread(self, ids: Collection[int]) -> int:
        """Return how many of these jobs have bodies that were not read yet."""
        if not self.results and not self._without:
            return len(ids)
        return len(set(ids).difference(self.results, self._without))

    async def run(
        self,
        ids: Collection[int],
        read: Callable[[Job[bytes]], Found[Result]],
        most: int | None = None,
        rate: Callable[[], float] = no_limit,
    ) -> None:
        """Read the unread bodies of these jobs, also of ids that are added meanwhile; `most` of them, if
        given, at this rate of commands per second. Raises what the connection raises.

        `read` returns the result for a body. It runs in a thread, since a body may take long to
        decode, and never raises.
        """
        if self.running:
            return
        run, self.running = self._run, True
        self._wake.clear()
        left = math.inf if most is None else most
        try:
            while run == self._run and left > 0 and (unread := self.unread(ids)):
                wanted = unread[: int(min(left, len(unread)))]
                await self._read_all(run, wanted, read, rate)
                left -= len(wanted)
        finally:
            if run == self._run:
                self.running = False

    async def _read_all(
        self,
        run: int,
        ids: list[int],
        read: Callable[[Job[bytes]], Found[Result]],
        rate: Callable[[], float],
    ) -> None:
        at = 0
        while at < len(ids):
            batch = ids[at : at + AT_ONCE]
            answers = await self._bodies(batch)
            if run != self._run:
                return
            jobs = [answer for answer in answers if answer]
            current = takewhile(lambda _: run == self._run, jobs)
            results = ((job.id, read(job)) for job in current)  # made in the thread
            found: dict[int, Found[Result]] = await asyncio.to_thread(dict, results)
            if run != self._run:
                return
            self._keep(batch[: len(answers)], found)
            at += len(answers)
            sizes = sum(len(job.body) for job in jobs)
            await self._rest((len(answers) + sizes / BYTES_OF_A_COMMAND) / rate())

    async def _bodies(self, ids: Sequence[int]) -> list[Job[bytes] | None]:
        """Return the first of these jobs, as many as fit into one batch; None for those that are gone."""
        known = {id: Job(id, body) for id in ids if (body := self._known(id)) is not None}
        if not (missing := [id for id in ids if id not in known]):
            return [known[id] for id in ids]
        async with self._connection.turn() as turn:
            answers = await peek_some(turn, missing)
        fetched = dict(zip(missing, answers, strict=False))
        answered = takewhile(lambda id: id in known or id in fetched, ids)
        return [known.get(id) or fetched[id] for id in answered]

    def _keep(self, ids: Iterable[int], found: dict[int, Found[Result]]) -> None:
        for id, result in found.items():
            if result is None:
                self.undecided.add(id)
            elif result is not False:
                self.results[id] = result
        self._without.update(id for id in ids if id not in self.results)

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

    def forget(self, ids: Collection[int]) -> None:
        """Forget these jobs: they are no longer listed."""
        for id in ids:
            self.results.pop(id, None)
        self.undecided.difference_update(ids)
        self._without.difference_update(ids)

    def clear(self) -> None:
        """Stop, and drop all results."""
        self.stop()
        self.results, self.undecided, self._without = {}, set(), set()
