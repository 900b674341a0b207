"""The second connection to a server: the one that reads jobs and changes them.

The first connection only polls and never sends `use`. This one does, and switches back to the
default tube afterwards, so that it keeps no tube alive.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import TypeVar

from beantop.beanstalk import (
    DEFAULT_TUBE,
    Address,
    AsyncClient,
    Attempt,
    BeanstalkdError,
    Command,
    ConnectionLostError,
    Error,
    Job,
    commands,
    describe_error,
)
from beantop.beanstalk.replies import BODY_LIMIT
from beantop.jobs.known_server import KnownServer

T = TypeVar("T")


async def _always(client: AsyncClient) -> float:
    return -math.inf


class Turn:
    """Exclusive use of the connection: all commands of one turn go to the same server process.

    Methods raise what `AsyncClient` raises. A command whose reply was lost is never sent again.
    """

    def __init__(
        self,
        client: AsyncClient,
        numbers_since: Callable[[AsyncClient], Awaitable[float]] = _always,
    ) -> None:
        self._client = client
        self._numbers_since = numbers_since

    async def numbers_since(self) -> float:
        """Return since when job ids are reliable, in seconds of the monotonic clock. An id seen
        earlier may belong to another job: the server was restarted, and without a binlog ids start
        at 1."""
        return await self._numbers_since(self._client)

    @property
    def peer(self) -> Address | None:
        """The address actually connected to, as in `AsyncClient.peer`."""
        return self._client.peer

    async def call(self, command: Command[T]) -> T:
        """Send one command that does not depend on the used tube, and return its result."""
        return await self._client.call(command)

    async def call_in(self, tube: str, command: Command[T]) -> T:
        """Use `tube`, send one command, and return its result."""
        (outcome,) = await self.pipeline_in(tube, [command])
        if isinstance(outcome, BeanstalkdError):
            raise outcome
        return outcome

    async def pipeline(self, asked: Iterable[Command[T]]) -> list[T | BeanstalkdError]:
        """Send commands that do not depend on the used tube, and return their results."""
        return await self._client.pipeline(asked)

    async def pipeline_in(
        self, tube: str, asked: Iterable[Command[T]]
    ) -> list[T | BeanstalkdError]:
        """Use `tube`, send commands, and return their results. `use` creates a missing tube."""
        await self.call(commands.use(tube))
        results = await self.pipeline(asked)
        await self._stop_using(tube)
        return results

    async def peek_in_each(
        self, asked: Mapping[str, Sequence[Command[Job[bytes]]]]
    ) -> dict[str, list[Job[bytes] | None]]:
        """Use each tube in turn and send its peeks, all in one pipeline. Return the jobs by tube; None
        for no job. A tube that the server refused to use is missing."""
        sent: list[Command[str | Job[bytes]]] = []
        for tube, peeks in asked.items():
            sent += [commands.use(tube), *peeks]
        answers = iter(await self.pipeline(sent))
        await self._stop_using("another tube")
        found: dict[str, list[Job[bytes] | None]] = {}
        for tube, peeks in asked.items():
            used, there = next(answers), islice(answers, len(peeks))
            jobs = [answer if isinstance(answer, Job) else None for answer in there]
            if not isinstance(used, BeanstalkdError):
                found[tube] = jobs
        return found

    async def pipeline_partial(self, asked: Iterable[Command[T]]) -> Attempt[T]:
        """Send commands that change something. A lost connection is returned, not raised."""
        return await self._client.pipeline_partial(asked)

    async def attempt_in(self, tube: str, asked: Iterable[Command[T]]) -> Attempt[T]:
        """Use `tube`, then do as `pipeline_partial`. Raises if none of the commands was sent."""
        await self.call(commands.use(tube))
        attempt = await self.pipeline_partial(asked)
        await self._stop_using(tube)
        return attempt

    async def _stop_using(self, tube: str) -> None:
        try:
            await self.call(commands.use(DEFAULT_TUBE))
        except Error as error:
            # The commands were carried out: this must not hide their results.
            self._client.close(f"the connection still uses {tube}: {describe_error(error)}")


class ActingConnection:
    """A connection that is made on first use, and made again on the next use after a loss."""

    def __init__(
        self,
        address: Address,
        timeout: float = 5.0,
        peer: Callable[[], Address | None] = lambda: None,
    ) -> None:
        """Create the connection without connecting. `peer` returns the address of the polled server
        once it is known. A name may resolve to several addresses, and changes must go to the
        server on the screen."""
        self.address = address
        self.connects = 0
        """Number of connections made so far. Ids learned over an earlier one may come from another
        process of the server, which may number its jobs from 1 again."""
        self.numbers_since = -math.inf
        """The latest result of `Turn.numbers_since`."""
        self.largest_job: Callable[[], int] = lambda: BODY_LIMIT
        """Returns the size in bytes of the largest body to accept from the server."""
        self.identify: Callable[[], KnownServer] = lambda: KnownServer.of(address, peer())
        """Returns what is known to recognize the server."""
        self.refusal = ""
        """Why there is no server to connect to, as the end of a sentence; "" if there is one."""
        self._connected_at = math.inf
        """Monotonic time of the first connection to this process of the server."""
        self._compared: AsyncClient | None = None
        """The client that last checked whether the server is still the same process."""
        self._timeout = timeout
        self._peer = peer
        self._client: AsyncClient | None = None
        self._lock = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the connection is up, so that the server counts it."""
        return self._client is not None and not self._client.closed

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[Turn, None]:
        """Wait for exclusive use of the connection, and hold it until the end of the block."""
        async with self._lock:
            if self.refusal:
                raise ConnectionLostError(self.refusal)
            peer = self._peer()
            if self._client and peer and self._client.peer != peer:
                self._client.close("the server's name now resolves to another address")
            if self._client is None or self._client.closed:
                self._client = await AsyncClient.connect(
                    peer or self.address, timeout=self._timeout
                )
                self.connects += 1
                self._connected_at = min(self._connected_at, time.monotonic())
                # There is nothing to compare the first connection with.
                self._compared = self._compared or self._client
            self._client.largest_job = self.largest_job()
            yield Turn(self._client, self._compare_processes)

    async def _compare_processes(self, client: AsyncClient) -> float:
        """Check, once per connection, whether the server may have restarted since the first one and
        lost its jobs. `uptime` has whole seconds; in doubt, assume a restart. A server that refuses
        `stats` counts as not restarted."""
        if client is not self._compared:
            now = time.monotonic()
            try:
                stats = await client.call(commands.stats())
            except BeanstalkdError:
                return self.numbers_since
            started_by = time.monotonic() - stats.get("uptime", 0)
            if started_by >= self._connected_at and not stats.get("binlog-current-index"):
                self.numbers_since = self._connected_at = now
            self._compared = client
        return self.numbers_since

    def close(self) -> None:
        if self._client:
            self._client.close()
