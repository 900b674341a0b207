"""Searching the bodies of many jobs, which are fetched for the search and not kept."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import takewhile
from typing import Generic, Literal, TypeAlias, TypeVar

from beantop.beanstalk import Job
from beantop.jobs.body_batches import peek_some
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo

Passes: TypeAlias = Callable[[JobInfo], bool]
"""Decides about a job whose body matched, by its numbers, which may change."""

T = TypeVar("T")

Matches: TypeAlias = Callable[[Job[bytes]], T | Literal[False] | None]
"""Returns the result for a body; False if it has none, None if only a part could be read and that
does not decide."""

AT_ONCE = 512
"""Bodies per turn of the connection, unless they are large."""


class BodySearch(Generic[T]):
    """A search in bodies, with its results until `end` is called."""

    def __init__(
        self,
        connection: ActingConnection,
        known: Callable[[int], bytes | None] = lambda id: None,
    ) -> None:
        """`known` returns the body of a job that need not be fetched."""
        self.matched: dict[int, T] = {}
        """Results found in bodies, by job id."""
        self.undecided: set[int] = set()
        """The ids of jobs whose bodies were searched only in part, without a result."""
        self.running = False
        self._read: set[int] = set()
        self._connection, self._known = connection, known
        self._search = 0

    def unread(self, of: Collection[int]) -> int:
        """Return how many of these jobs were not searched yet."""
        return len(set(of) - self._read) if self._read else len(of)

    async def run(self, of: Collection[int], matches: Matches[T]) -> None:
        """Fetch the unread bodies of the jobs in `of`, including ids added meanwhile, and add the
        matching ones to `matched`. `matches` runs in a thread, since a body may take long to decode.
        Raises what the connection raises."""
        if self.running:
            return
        search, self.running = self._search, True
        try:
            while search == self._search and (ids := [id for id in of if id not in self._read]):
                await self._run(search, ids, matches)
        finally:
            if search == self._search:
                self.running = False

    async def _run(self, search: int, ids: list[int], matches: Matches[T]) -> None:
        at = 0
        while at < len(ids):
            batch = ids[at : at + AT_ONCE]
            answers = await self._bodies(batch)
            if search != self._search:
                return
            jobs = [answer for answer in answers if answer]
            current = takewhile(lambda _: search == self._search, jobs)
            found = await asyncio.to_thread(self._results, current, matches)
            if search != self._search:
                return
            for id, result in found.items():
                if result is None:
                    self.undecided.add(id)
                elif result is not False:
                    self.matched[id] = result
            self._read.update(batch[: len(answers)])
            at += len(answers)

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

    def forget(self, ids: Collection[int]) -> None:
        """Forget these jobs: they are no longer listed."""
        for id in ids:
            self.matched.pop(id, None)
        self.undecided.difference_update(ids)
        self._read.difference_update(ids)

    def end(self) -> None:
        """Stop the search and clear its results."""
        self._search += 1
        self.matched, self.undecided = {}, set()
        self._read, self.running = set(), False

    @staticmethod
    def _results(
        jobs: Iterable[Job[bytes]], matches: Matches[T]
    ) -> dict[int, T | Literal[False] | None]:
        return {job.id: matches(job) for job in jobs}
