"""A deadline for other parties that does not count time in which this process was stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PARTS = 8
"""Number of equal parts that a deadline is measured in."""

OVERSLEPT = 0.1
"""Seconds. A part that ends this much too late does not count: the process was stopped, by an editor
that had the terminal or by ctrl+z, and data that arrived meanwhile is still unread."""


@asynccontextmanager
async def within(seconds: float | None) -> AsyncIterator[None]:
    """Do the same as `asyncio.timeout`, but count only time in which the event loop ran."""
    if seconds is None:
        yield
        return
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def begin_part(left: int) -> asyncio.TimerHandle:
        due = loop.time() + seconds / PARTS
        return loop.call_at(due, end_part, due, left)

    def end_part(due: float, left: int) -> None:
        nonlocal timer
        left -= loop.time() < due + OVERSLEPT
        if left:
            timer = begin_part(left)
        else:
            limit.reschedule(loop.time())

    async with asyncio.timeout(None) as limit:
        timer = begin_part(PARTS)
        try:
            yield
        finally:
            timer.cancel()
