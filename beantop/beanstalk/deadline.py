"""A deadline for what others do, which does not blame them for the time in which we slept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PARTS = 8
"""In which the seconds of a deadline pass, one after the other."""

SLEPT = 0.1
"""Seconds: a part that ends later than it was due by so much does not count. An editor had the
terminal, or ctrl+z stopped us, and what came meanwhile is still to be read."""


@asynccontextmanager
async def within(seconds: float | None) -> AsyncIterator[None]:
    """As `asyncio.timeout`, but only the time in which the event loop ran counts."""
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
        left -= loop.time() < due + SLEPT
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
