"""Searching in the bodies of very many jobs, which are read for it and not kept."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from itertools import takewhile

from beantop.beanstalk import Job
from beantop.jobs.body_batches import peek_some
from beantop.jobs.connection import ActingConnection

AT_ONCE = 512
"""Bodies that are read between two looks of others at the connection, if they are no large ones."""


class BodySearch:
    """What was found so far, until `end`."""

    def __init__(self, connection: ActingConnection) -> None:
        self.matched: set[int] = set()
        """The jobs whose bodies matched."""
        self.running = False
        self._read: set[int] = set()
        self._connection = connection
        self._search = 0

    def unread(self, of: Collection[int]) -> int:
        """How many of these jobs have bodies of which it is not known whether they match."""
        return len(set(of) - self._read) if self._read else len(of)

    async def run(self, of: Collection[int], matches: Callable[[Job[bytes]], bool]) -> None:
        """Read the bodies that were not read yet of the jobs with these ids, those too that come
        meanwhile, and keep in `matched` the ids of those that match; a thread asks which do, since a
        body may take long to decode. Raises as the connection does."""
        if self.running:
            return
        search, self.running = self._search, True
        try:
            while search == self._search and (ids := [id for id in of if id not in self._read]):
                await self._run(search, ids, matches)
        finally:
            if search == self._search:
                self.running = False

    async def _run(
        self, search: int, ids: list[int], matches: Callable[[Job[bytes]], bool]
    ) -> None:
        at = 0
        while at < len(ids):
            some = ids[at : at + AT_ONCE]
            async with self._connection.turn() as turn:
                answers = await peek_some(turn, some)
            if search != self._search:
                return
            jobs = [answer for answer in answers if answer]
            wanted = takewhile(lambda _: search == self._search, jobs)
            found = await asyncio.to_thread(_ids, filter(matches, wanted))
            if search != self._search:
                return
            self.matched |= found
            self._read.update(some[: len(answers)])
            at += len(answers)

    def end(self) -> None:
        """Read no more bodies, and forget which of them matched."""
        self._search += 1
        self.matched, self._read, self.running = set(), set(), False


def _ids(jobs: Iterable[Job[bytes]]) -> set[int]:
    return {job.id for job in jobs}
