"""Run an action on many jobs, batch by batch."""

import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from beantop.beanstalk import Error, describe_error
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection, Turn

BATCH = 512
"""Jobs in a batch, with at most 128 commands in flight. A batch is checked as a whole before it is
acted on; `stop` takes effect after it."""

Item_contra = TypeVar("Item_contra", contravariant=True)
Item = TypeVar("Item")


class Act(Protocol[Item_contra]):
    """An action on jobs."""

    done: str
    """The past tense, as the beginning of a sentence: "Deleted"."""

    async def apply(self, turn: Turn, items: Sequence[Item_contra], tally: Tally) -> int:
        """Act on the first jobs of a batch, as many as their bodies allow, and count each outcome in
        `tally`. Return how many jobs that were. Sets `tally.ended` if it makes no sense to continue.
        May raise as the connection does, but only while nothing was changed."""
        ...

    async def finish(self) -> None:
        """Clean up; called once, after the last batch."""
        ...


class Pace(Protocol):
    """Decides when the next batch may begin, and how large it may be."""

    async def next(self, tally: Tally) -> int:
        """Wait until the next batch may begin, and return the number of its jobs. Sets `tally.ended`
        if no other job may be tried. May raise as the connection does."""
        ...

    def stop(self) -> None:
        """End the wait soon: the action was stopped."""
        ...


class AtOnce:
    """The pace of actions that do not wait."""

    async def next(self, tally: Tally) -> int:
        return BATCH

    def stop(self) -> None:
        pass


class Bulk(Generic[Item]):
    """A running action. `run` does it, `stop` ends it after the current batch."""

    def __init__(
        self,
        connection: ActingConnection,
        act: Act[Item],
        items: Sequence[Item],
        pace: Pace | None = None,
    ) -> None:
        self.act = act
        self.pace = pace or AtOnce()
        self.tally = Tally(len(items))
        self.seconds = 0.0
        """Seconds it took so far."""
        self._connection = connection
        self._items = items
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self.pace.stop()

    @property
    def rate(self) -> float | None:
        """Jobs per second so far."""
        return self.tally.tried / self.seconds if self.seconds and self.tally.tried else None

    async def run(self, on_progress: Callable[[], None] = lambda: None) -> Tally:
        """Act on all jobs. Nothing is raised: the tally has the outcome."""
        tally, started = self.tally, time.monotonic()
        try:
            start = 0
            while start < len(self._items) and not tally.ended:
                most = await self.pace.next(tally)
                if not tally.ended:
                    start += await self._apply(self._items[start : start + most])
                self.seconds = time.monotonic() - started
                on_progress()
        except Error as error:
            tally.ended = describe_error(error)
        except ValueError as error:  # what no server can be asked for is not sent
            tally.ended = str(error)
        finally:
            await self.act.finish()
        return tally

    async def _apply(self, items: Sequence[Item]) -> int:
        """Act on the next jobs, unless it was stopped before our turn."""
        if not self._stopping:
            async with self._connection.turn() as turn:
                if not self._stopping:
                    return await self.act.apply(turn, items, self.tally)
        self.tally.ended = "stopped"
        return 0
