"""The second connection to a server: the one that looks at jobs and acts.

The first one only watches and never says `use`. This one does, and goes back to the default tube
afterwards, so that it keeps no tube alive.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
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
    reason,
)

T = TypeVar("T")


class Turn:
    """The connection for oneself: what is asked within one turn, one and the same server answers.

    Its methods raise as `AsyncClient` does. A command whose reply was lost is never sent again.
    """

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

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

    async def attempt(self, asked: Iterable[Command[T]]) -> Attempt[T]:
        """As `pipeline`, for commands that change something: a loss is told, not raised."""
        return await self._client.attempt(asked)

    async def attempt_in(self, tube: str, asked: Iterable[Command[T]]) -> Attempt[T]:
        """As `attempt`, for commands on the used tube; raises if nothing was sent of them."""
        await self.call(commands.use(tube))
        attempt = await self.attempt(asked)
        await self._stop_using(tube)
        return attempt

    async def _stop_using(self, tube: str) -> None:
        try:
            await self.call(commands.use(DEFAULT_TUBE))
        except (OSError, Error) as error:  # what was done is done, and must be told
            self._client.close(f"it still uses {tube}: {reason(error)}")


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
            yield Turn(self._client)

    def close(self) -> None:
        if self._client:
            self._client.close()
