"""What is being done to jobs just now, so that the program does not end in the middle of a batch."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from beantop.jobs.bulk.runner import Bulk

LAST_SECONDS = 1.5
"""For which the end of the program waits for the batch that is on its way."""


class RunningActions:
    """The actions that have not come to their end."""

    def __init__(self) -> None:
        self._bulks: dict[Bulk[Any], asyncio.Event] = {}

    @contextmanager
    def noted(self, bulk: Bulk[Any]) -> Iterator[None]:
        """Count this one, as long as it goes on."""
        ended = self._bulks[bulk] = asyncio.Event()
        try:
            yield
        finally:
            del self._bulks[bulk]
            ended.set()

    async def end(self) -> None:
        """Have all of them stop after the batch that is on its way, and wait for that."""
        ends = [asyncio.ensure_future(ended.wait()) for ended in self._bulks.values()]
        for bulk in self._bulks:
            bulk.stop()
        if ends:
            await asyncio.wait(ends, timeout=LAST_SECONDS)
