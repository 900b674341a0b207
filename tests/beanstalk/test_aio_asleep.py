"""The async client when the event loop stands still: an editor has the terminal, or ctrl+z came."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

import pytest

from beantop.beanstalk import AsyncClient, commands
from tests.beanstalk.peers import silent, talking
from tests.beanstalkd import Beanstalkd

T = TypeVar("T")

TIMEOUT = 0.2


async def sleeping_through(waited_for: Awaitable[T], turns: int = 2) -> T:
    """The result if the loop sleeps past the deadline after this many turns."""
    task = asyncio.ensure_future(waited_for)
    for _ in range(turns):
        await asyncio.sleep(0)
    time.sleep(3 * TIMEOUT)  # noqa: ASYNC251  # that is the point
    return await task


@pytest.mark.long
@pytest.mark.parametrize("own", [TIMEOUT, None], ids=["of the call", "of the client"])
def test_a_server_is_not_blamed_for_our_sleep(server: Beanstalkd, own: float | None) -> None:
    async def story() -> None:
        async with await AsyncClient.connect(server.address, timeout=TIMEOUT) as client:
            asked = client.pipeline([commands.using()] * 1000, own)
            assert await sleeping_through(asked) == ["default"] * 1000
            assert not client.closed

    asyncio.run(story())


@pytest.mark.long
@pytest.mark.parametrize("turns", range(1, 5))
def test_connecting_goes_on_after_our_sleep(server: Beanstalkd, turns: int) -> None:
    async def story() -> None:
        connecting = AsyncClient.connect(server.address, timeout=TIMEOUT)
        async with await sleeping_through(connecting, turns) as client:
            assert await client.call(commands.using()) == "default"

    asyncio.run(story())


@pytest.mark.long
def test_a_server_that_stays_silent_after_our_sleep_is_noticed() -> None:
    async def story() -> None:
        async with talking(silent) as client:
            with pytest.raises(TimeoutError, match=r"did not answer within 0\.2 s"):
                await sleeping_through(client.call(commands.using(), TIMEOUT))

    asyncio.run(story())


def test_no_time_at_all_is_over_at_once() -> None:
    async def story() -> None:
        async with talking(silent) as client:
            with pytest.raises(TimeoutError):
                await client.call(commands.using(), 0)

    asyncio.run(story())
