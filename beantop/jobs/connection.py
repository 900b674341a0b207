"""The second connection to a server: the one that looks at jobs and acts.

The first one only watches and never says `use`. This one does, and goes back to the default tube
afterwards, so that it keeps no tube alive.
"""

import asyncio
from collections.abc import Iterable
from typing import TypeVar

from beantop.beanstalk import DEFAULT_TUBE, Address, AsyncClient, BeanstalkdError, Command, commands

T = TypeVar("T")


class ActingConnection:
    """Connects when it is first needed, and again when it is needed after a loss.

    Its methods raise as `AsyncClient` does. A command whose reply was lost is never sent again.
    """

    def __init__(self, address: Address, timeout: float = 5.0) -> None:
        self.address = address
        self._timeout = timeout
        self._client: AsyncClient | None = None
        self._turn = asyncio.Lock()

    async def call(self, command: Command[T]) -> T:
        """The result of one command that is not about the used tube."""
        async with self._turn:
            client = await self._connected()
            return await client.call(command)

    async def call_in(self, tube: str, command: Command[T]) -> T:
        """The result of one command on the used tube, which this makes `tube`."""
        (outcome,) = await self.pipeline_in(tube, [command])
        if isinstance(outcome, BeanstalkdError):
            raise outcome
        return outcome

    async def pipeline_in(
        self, tube: str, asked: Iterable[Command[T]]
    ) -> list[T | BeanstalkdError]:
        """The results of commands on the used tube. `use` creates a tube that is not there."""
        async with self._turn:
            client = await self._connected()
            await client.call(commands.use(tube))
            results = await client.pipeline(asked)
            await client.call(commands.use(DEFAULT_TUBE))
            return results

    def close(self) -> None:
        if self._client:
            self._client.close()

    async def _connected(self) -> AsyncClient:
        if self._client is None or self._client.closed:
            self._client = await AsyncClient.connect(self.address, timeout=self._timeout)
        return self._client
