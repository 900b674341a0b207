"""Searching in the bodies of very many jobs, which are read for it and not kept."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import takewhile

from beantop.beanstalk import Job
from beantop.jobs.body_batches import peek_some
from beantop.jobs.connection import ActingConnection

AT_ONCE = 512
"""Bodies that are read between two looks of others at the connection, if they are no large ones."""


class BodySearch:
    """What was found by the last search. A later one ends it."""

    def __init__(self, connection: ActingConnection) -> None:
        self.matched: set[int] = set()
        """The jobs whose bodies matched."""
        self.read = 0
        """How many bodies were read for it so far."""
        self._connection = connection
        self._search = 0

    async def run(self, of: Iterable[int], matches: Callable[[Job[bytes]], bool]) -> None:
        """Read the bodies of the jobs with these ids, and keep in `matched` the ids of those that
        match; a thread asks which do, since a body may take long to decode. Raises as the
        connection does."""
        self.end()
        search, ids = self._search, list(of)
        while self.read < len(ids):
            some = ids[self.read : self.read + AT_ONCE]
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
            self.read += len(answers)

    def end(self) -> None:
        """Read no more bodies, and forget which of them matched."""
        self._search += 1
        self.matched, self.read = set(), 0


def _ids(jobs: Iterable[Job[bytes]]) -> set[int]:
    return {job.id for job in jobs}
