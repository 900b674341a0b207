"""Collect what a poller reports until a condition holds; and simple servers for it."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Literal

from beantop.monitor.poller import Poller, ServerStatus
from tests.beanstalkd import PATIENCE
from tests.monitor.peer import server_of

State = Literal["connecting", "up", "down"]
Done = Callable[[list[ServerStatus]], bool]
"""Return whether enough was seen. May change the server or the poller."""

NO_TUBES = server_of({"default": ""})
"""A server whose only tube has vanished since it was listed."""
ONE_TUBE = server_of({"a": "name: a\n"})

TICK = 0.001  # seconds by which the event loop may be early

NEVER = 3600.0  # seconds from one poll to the next, where a test must not wait for one


def watch(poller: Poller, until: Done) -> list[ServerStatus]:
    """The reports of the poller until a condition holds."""

    async def story() -> list[ServerStatus]:
        seen: list[ServerStatus] = []
        async with asyncio.timeout(PATIENCE), aclosing(poller.watch()) as told:
            async for watched in told:
                seen.append(watched)
                if until(seen):
                    break
        return seen

    return asyncio.run(story())


def is_(state: State, times: int = 1) -> Done:
    """Whether the link was reported in that state this often."""
    return lambda seen: [watched.link.state for watched in seen].count(state) == times
