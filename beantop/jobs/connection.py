"""The second connection to a server: the one that looks at jobs and acts.

The first one only watches and never says `use`. This one does, and goes back to the default tube
afterwards, so that it keeps no tube alive.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from beantop.beanstalk import (
    DEFAULT_TUBE,
    Address,
    AsyncClient,
    Attempt,
    BeanstalkdError,
    Command,
    Error,
    commands,
    describe_error,
)

T = TypeVar("T")


async def _always(client: AsyncClient) -> float:
    return -math.inf


class Turn:
    """The connection for oneself: what is asked within one turn, one and the same server answers.

    Its methods raise as `AsyncClient` does. A command whose reply was lost is never sent again.
    """

    def __init__(
        self,
        client: AsyncClient,
        numbers_since: Callable[[AsyncClient], Awaitable[float]] = _always,
    ) -> None:
        self._client = client
        self._numbers_since = numbers_since

    async def numbers_since(self) -> float:
        """The number of a job that was seen before that time, in seconds of the monotonic clock, may
        be another job's by now: the server was restarted, and without a binlog it begins at 1."""
        return await self._numbers_since(self._client)

    @property
    def peer(self) -> Address | None:
        """Where the server really is, as `AsyncClient.peer`."""
        return self._client.peer

    async def call(self, command: Command[T]) -> T:
        """The result of one command that is not about the used tube."""
        return await self._client.call(command)

    async def call_in(self, tube: str, command: Command[T]) -> T:
        """The result of one command on the used tube, which this makes `tube`."""
        (outcome,) = await self.pipeline_in(tube, [command])
        if isinstance(outcome, BeanstalkdError):
            raise outcome
        return outcome

    async def pipeline(self, asked: Iterable[Command[T]]) -> list[T | BeanstalkdError]:
        """The results of commands that are not about the used tube."""
        return await self._client.pipeline(asked)

    async def pipeline_in(
        self, tube: str, asked: Iterable[Command[T]]
    ) -> list[T | BeanstalkdError]:
        """The results of commands on the used tube. `use` creates a tube that is not there."""
        await self.call(commands.use(tube))
        results = await self.pipeline(asked)
        await self._stop_using(tube)
        return results

    async def pipeline_partial(self, asked: Iterable[Command[T]]) -> Attempt[T]:
        """As `pipeline`, for commands that change something: a loss is told, not raised."""
        return await self._client.pipeline_partial(asked)

    async def attempt_in(self, tube: str, asked: Iterable[Command[T]]) -> Attempt[T]:
        """As `attempt`, for commands on the used tube; raises if nothing was sent of them."""
        await self.call(commands.use(tube))
        attempt = await self.pipeline_partial(asked)
        await self._stop_using(tube)
        return attempt

    async def _stop_using(self, tube: str) -> None:
        try:
            await self.call(commands.use(DEFAULT_TUBE))
        except (OSError, Error) as error:  # what was done is done, and must be told
            self._client.close(f"it still uses {tube}: {describe_error(error)}")


class ActingConnection:
    """Connects when it is first needed, and again when it is needed after a loss."""

    def __init__(
        self,
        address: Address,
        timeout: float = 5.0,
        peer: Callable[[], Address | None] = lambda: None,
    ) -> None:
        """`peer` tells where the server that is watched really is, once that is known: a name may
        lead to several, and what is changed must be what is seen."""
        self.address = address
        self.connects = 0
        """How often it was made. What was learned over an earlier one may be of another process of the
        server, which may number its jobs from 1 again."""
        self.numbers_since = -math.inf
        """What `Turn.numbers_since` said last."""
        self._connected_at = math.inf
        """When the first connection to this process of the server was made."""
        self._compared: AsyncClient | None = None
        """The connection over which it was last asked whether it is the same process."""
        self._timeout = timeout
        self._peer = peer
        self._client: AsyncClient | None = None
        self._lock = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the server counts it among its connections."""
        return self._client is not None and not self._client.closed

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[Turn, None]:
        """Wait until nobody else uses the connection, and have it until the end of the block."""
        async with self._lock:
            peer = self._peer()
            if self._client and peer and self._client.peer != peer:
                self._client.close("the name of the server leads to another one now")
            if self._client is None or self._client.closed:
                self._client = await AsyncClient.connect(
                    peer or self.address, timeout=self._timeout
                )
                self.connects += 1
                self._connected_at = min(self._connected_at, time.monotonic())
                self._compared = self._compared or self._client  # with the first one
            yield Turn(self._client, self._compare_processes)

    async def _compare_processes(self, client: AsyncClient) -> float:
        """Learn, once over each connection, whether the server may have been restarted since the
        first one, and lost its jobs. `uptime` is in whole seconds: in doubt it was restarted. A
        server that refuses to tell is taken for the same."""
        if client is not self._compared:
            now = time.monotonic()
            try:
                stats = await client.call(commands.stats())
            except BeanstalkdError:
                return self.numbers_since
            began_before = time.monotonic() - stats.get("uptime", 0)
            if began_before >= self._connected_at and not stats.get("binlog-current-index"):
                self.numbers_since = self._connected_at = now
            self._compared = client
        return self.numbers_since

    def close(self) -> None:
        if self._client:
            self._client.close()
