"""Running actions on jobs, so that the program does not end in the middle of a batch."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beantop.jobs.bulk.runner import Bulk

END_SECONDS = 1.5
"""Seconds that the program waits at its end for the current batches."""


class RunningActions:
    """The bulk actions that are running."""

    def __init__(self) -> None:
        self._bulks: dict[Bulk[Any], asyncio.Event] = {}

    @property
    def are_there(self) -> bool:
        """Whether any action is running."""
        return bool(self._bulks)

    @contextmanager
    def noted(self, bulk: "Bulk[Any]") -> Iterator[None]:
        """Register a bulk action while the block runs."""
        ended = self._bulks[bulk] = asyncio.Event()
        try:
            yield
        finally:
            del self._bulks[bulk]
            ended.set()

    async def end(self) -> None:
        """Stop all actions after their current batch, and wait for that."""
        ends = [asyncio.ensure_future(ended.wait()) for ended in self._bulks.values()]
        for bulk in self._bulks:
            bulk.stop()
        if ends:
            await asyncio.wait(ends, timeout=END_SECONDS)
