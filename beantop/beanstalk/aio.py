"""`AsyncClient`: the connection that the program itself uses; many commands in flight, in order."""

import asyncio
import os
import time
from asyncio import Future
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TypeVar

from beantop.beanstalk.address import Address, check_socket, format_address
from beantop.beanstalk.batch import Attempt, Batch, Waiting
from beantop.beanstalk.commands import Command
from beantop.beanstalk.connect import connect_to_host
from beantop.beanstalk.deadline import within
from beantop.beanstalk.errors import (
    BeanstalkdError,
    Error,
    ProtocolError,
    UnknownResponseError,
)
from beantop.beanstalk.replies import ReplyReader

T = TypeVar("T")

DEPTH = 128
"""Commands in flight. The server reads a connection in small pieces, so others get their turn:
at 128 their p99 stays at 0.2 ms, at 20,000 it is 7 ms (measured on 1.13, `stats-job`)."""

ARRIVING = 2**16
"""Bytes taken from the socket at once, always into the same place: asyncio's own way is to allot
256 KiB anew each time, which takes ten times as long as the reading (12 µs)."""

TIMEOUT = 10.0
"""Seconds for which a server may be silent while it is waited for."""

LARGEST_ANSWER = 2**25
"""Bytes of a list: of 160,000 tubes with the longest names. What announces more is not waited for."""

MIN_MOVED = 2**10
"""Bytes that must come, or go, in `timeout` seconds, unless a reply comes: a server that answers a
byte at a time stands still as one that does not."""

SENDING_SEEN = 8
"""How often in that time is looked whether the server took some of what is still to be sent."""


class AsyncClient(asyncio.BufferedProtocol):
    """A connection whose calls wait for their turn and whose replies never get out of step.

    A caller that is cancelled while its commands are in flight, a deadline that passes, or an
    answer that makes no sense closes the connection; each later call is a `ConnectionError` that
    says why. Nothing is sent again by itself.

    `timeout` is for a server that stands still: the seconds in which neither a byte of an answer
    came nor one of a command went. However much is asked for at once, a slow line is no stall. A
    call with a timeout of its own is to be done within that, whatever is on its way.
    """

    def __init__(
        self,
        *,
        depth: int = DEPTH,
        timeout: float = TIMEOUT,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.depth = depth
        self.timeout = timeout
        self._on_close = on_close
        self._arriving = memoryview(bytearray(ARRIVING))
        self._reader = ReplyReader(largest_answer=LARGEST_ANSWER)
        self._turn = asyncio.Lock()
        self._batch: Waiting | None = None
        self._moved_at = 0.0  # when the server was last seen to do something, monotonic
        self._arrived = 0  # bytes since then
        self._closed = "the connection was never made"
        self.peer: Address | None = None
        """Where the server really is: its IP address and port, or the path of its socket without
        links. None before there was a connection."""

    @classmethod
    async def connect(
        cls,
        address: Address,
        *,
        depth: int = DEPTH,
        timeout: float = TIMEOUT,
        on_close: Callable[[], None] = lambda: None,
    ) -> "AsyncClient":
        """Connect within `timeout` seconds; an `OSError` says why it could not be done.

        `on_close` is called when the connection is of no more use, also between two calls.
        """
        loop = asyncio.get_running_loop()
        client = cls(depth=depth, timeout=timeout, on_close=on_close)
        try:
            async with within(timeout):
                if isinstance(address, str):
                    check_socket(address)
                    client.peer = await loop.run_in_executor(None, os.path.realpath, address)
                    await loop.create_unix_connection(lambda: client, address)
                else:
                    connection = await connect_to_host(*address)
                    await loop.create_connection(lambda: client, sock=connection)
        except TimeoutError:
            where = format_address(address)
            raise TimeoutError(f"{where} did not answer within {timeout:g} s") from None
        return client

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def closed(self) -> str:
        """Why the connection is of no more use; nothing while it is."""
        return self._closed

    @property
    def largest_job(self) -> int:
        """Bytes of the largest body of a job that is waited for, if one is announced."""
        return self._reader.largest_job

    @largest_job.setter
    def largest_job(self, most: int) -> None:
        self._reader.largest_job = most

    def close(self, why: str = "the connection was closed") -> None:
        """Close the connection at once. What was not sent yet never is."""
        self._fail(ConnectionError(why))

    async def call(self, command: Command[T], timeout: float | None = None) -> T:
        """The result of one command; raises what `pipeline` raises, and the error of the command."""
        (outcome,) = await self.pipeline([command], timeout)
        if isinstance(outcome, BeanstalkdError):
            raise outcome
        return outcome

    async def pipeline(
        self, commands: Iterable[Command[T]], timeout: float | None = None
    ) -> list[T | BeanstalkdError]:
        """The results of many commands, in order, with at most `depth` of them in flight.

        An error word fails its own command: that one's result is the error. `timeout` is the
        seconds for all of them together, waiting for other calls included; without it they may take
        as long as the server goes on. An iterator makes its first `depth` commands before anything
        is sent; if it fails later, the connection is closed.
        Errors: `ConnectionError`, `TimeoutError`, and `UnknownResponseError`; after each of them
        the connection is closed, but for a `TimeoutError` before anything was sent.
        """
        batch = Batch(commands, self.depth)
        await self._carry_out(batch, timeout)
        return batch.results

    async def pipeline_partial(self, commands: Iterable[Command[T]]) -> Attempt[T]:
        """As `pipeline`, but what was answered before a failure is not lost with it: that is for
        commands which change something, of which one wants to know how far they came."""
        batch = Batch(commands, self.depth)
        try:
            await self._carry_out(batch, None)
        except (OSError, Error) as error:
            return Attempt(batch.results, batch.sent, error)
        return Attempt(batch.results, batch.sent, None)

    async def _carry_out(self, batch: Batch[T], timeout: float | None) -> None:
        seconds = self.timeout if timeout is None else timeout
        try:
            async with within(timeout), self._turn:
                await self._exchange(batch, may_last=timeout is None)
        except TimeoutError:
            raise TimeoutError(f"the server did not answer within {seconds:g} s") from None

    async def _exchange(self, batch: Batch[T], *, may_last: bool) -> None:
        if self._closed:
            raise ConnectionError(f"not sent: {self._closed}")
        if batch.commands:
            self._batch = batch
            self._transport.write(batch.next_wires(self.depth))
            try:
                batch.make_the_rest()  # while the server works on the first ones
                await (self._no_stall(batch.done) if may_last else batch.done)
            except BaseException:
                batch.done.cancel()  # nobody waits for it any more
                self.close("an earlier call was cut off before its reply came")
                raise
            finally:
                self._batch = None

    async def _no_stall(self, done: Future[None]) -> None:
        """Wait as long as the server goes on; a TimeoutError as soon as it stands still."""
        self._note_moved()
        unsent = self._transport.get_write_buffer_size()
        while not done.done():
            left = self._moved_at + self.timeout - time.monotonic()
            if left <= 0:
                raise TimeoutError
            await asyncio.wait([done], timeout=min(left, self.timeout / SENDING_SEEN))
            now_unsent = self._transport.get_write_buffer_size()
            if now_unsent <= max(0, unsent - MIN_MOVED) < unsent:
                self._note_moved()
                unsent = now_unsent
            unsent = max(unsent, now_unsent)  # more may have been put on its way
        await done

    def _note_moved(self) -> None:
        self._moved_at, self._arrived = time.monotonic(), 0

    # What the event loop calls:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # for mypy: asyncio's word for a stream
        self._transport = transport
        self.peer = self.peer or _numeric(transport.get_extra_info("peername"))
        self._closed = ""

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._arriving

    def buffer_updated(self, nbytes: int) -> None:
        self._arrived += nbytes
        if self._arrived >= MIN_MOVED:
            self._note_moved()
        self._reader.feed(self._arriving[:nbytes])
        try:
            try:
                self._take_replies()
            finally:
                if self._batch:
                    self._batch.read()  # after more was sent: the server works meanwhile
        except (ProtocolError, UnknownResponseError) as error:
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        where = "" if self._reader.idle else " in the middle of a reply"
        self._fail(ConnectionError(str(exc or f"the server closed the connection{where}")))

    def _take_replies(self) -> None:
        replies = self._reader.replies()
        if self._batch and self._batch.take(replies):
            self._note_moved()
        if next(replies, None):
            raise ProtocolError("the server sent a reply that nobody had asked for")
        if self._batch and (wires := self._batch.next_wires(self.depth)):
            self._transport.write(wires)

    def _fail(self, error: Exception) -> None:
        if not self._closed:
            self._closed = str(error) or "the connection was lost"
            self._transport.abort()
            if self._batch:
                self._batch.fail(error)
            self._on_close()


def _numeric(peer: tuple[str, int] | tuple[str, int, int, int] | None) -> Address | None:
    """The address of a TCP peer, with the interface that a link-local one is of no use without."""
    match peer:
        case (host, port, _, scope) if scope:
            return f"{host}%{scope}", port
        case (host, port, *_):
            return host, port
    return None  # it is gone already
