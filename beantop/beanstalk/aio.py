"""`AsyncClient`: the connection that the program itself uses. It pipelines commands in order."""

import asyncio
import os
import time
from asyncio import Future
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TypeVar

from beantop.beanstalk.address import Address, check_socket, format_address
from beantop.beanstalk.batch import Attempt, Batch, Waiting
from beantop.beanstalk.commands import DEPTH, Command
from beantop.beanstalk.connect import connect_to_host
from beantop.beanstalk.deadline import within
from beantop.beanstalk.errors import (
    UNASKED,
    BeanstalkdError,
    ConnectionLostError,
    Error,
    NoAnswerError,
    ProtocolError,
    UnknownResponseError,
)
from beantop.beanstalk.reason import describe_error
from beantop.beanstalk.replies import LARGEST_ANSWER, ReplyReader

T = TypeVar("T")

ARRIVING = 2**16
"""Bytes of the one buffer that all data is received into. By default, asyncio allocates 256 KiB for
each read, which takes ten times as long as the read itself (12 µs)."""

TIMEOUT = 10.0
"""Seconds without progress after which a call fails."""

MIN_MOVED = 2**10
"""Bytes that must be received or sent within `timeout` seconds if no reply is completed. A server
that answers one byte at a time counts as stalled."""

SEND_CHECKS = 8
"""How often within `timeout` the send buffer is checked for progress."""


class AsyncClient(asyncio.BufferedProtocol):
    """A connection whose calls run one after the other, so that replies always match commands.

    The connection is closed if a caller is cancelled while its commands are in flight, if a timeout
    passes, or if a reply makes no sense. Each later call raises a `ConnectionLostError` that says
    why. Nothing is sent again automatically.

    `timeout` detects a stalled server: seconds without progress, neither received nor sent. A slow
    line is not a stall, however large the request. A call with its own timeout must finish within
    that time, whether or not there is progress.
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
        self._progress_at = 0.0  # time of the last progress, monotonic
        self._arrived = 0  # bytes received since then
        self._closed = "the connection was never made"
        self.peer: Address | None = None
        """Resolved address of the server: its IP address and port, or the real path of its socket.
        None before the first connection."""

    @classmethod
    async def connect(
        cls,
        address: Address,
        *,
        depth: int = DEPTH,
        timeout: float = TIMEOUT,
        on_close: Callable[[], None] = lambda: None,
    ) -> "AsyncClient":
        """Connect within `timeout` seconds. Raises `ConnectionLostError` that says why it failed.

        `on_close` is called when the connection is closed or lost, also between two calls.
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
            raise NoAnswerError(f"{where} did not answer within {timeout:g} s") from None
        except OSError as error:
            raise ConnectionLostError(describe_error(error)) from error
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
        """Reason why the connection can no longer be used, or "" while it can."""
        return self._closed

    @property
    def largest_job(self) -> int:
        """Maximum bytes of a job's body. A larger announced size is a `ProtocolError`."""
        return self._reader.largest_job

    @largest_job.setter
    def largest_job(self, most: int) -> None:
        self._reader.largest_job = most

    def close(self, why: str = "the connection was closed") -> None:
        """Close the connection at once and discard unsent commands."""
        self._fail(ConnectionError(why))

    async def call(self, command: Command[T], timeout: float | None = None) -> T:
        """Return the result of one command. Raises what `pipeline` raises, and the `BeanstalkdError`
        of the command."""
        (outcome,) = await self.pipeline([command], timeout)
        if isinstance(outcome, BeanstalkdError):
            raise outcome
        return outcome

    async def pipeline(
        self, commands: Iterable[Command[T]], timeout: float | None = None
    ) -> list[T | BeanstalkdError]:
        """Return the results of many commands, in order, with at most `depth` of them in flight.

        An error word fails only its own command, whose result is the error. `timeout` is in seconds,
        for all commands together and the wait for other calls; without it they may take as long as
        the server makes progress. The first `depth` commands are taken from an iterator before
        anything is sent; if the iterator raises after that, the connection is closed.
        Raises `ConnectionLostError` and `UnknownResponseError`. Each of them closes the connection,
        except a `NoAnswerError` before anything was sent.
        """
        batch = Batch(commands, self.depth)
        await self._carry_out(batch, timeout)
        return batch.results

    async def pipeline_partial(self, commands: Iterable[Command[T]]) -> Attempt[T]:
        """Do the same as `pipeline`, but keep the results that arrived before a failure. Use it for
        commands that change something, to know how far they got."""
        batch = Batch(commands, self.depth)
        try:
            await self._carry_out(batch, None)
        except Error as error:
            return Attempt(batch.results, batch.sent, error)
        return Attempt(batch.results, batch.sent, None)

    async def _carry_out(self, batch: Batch[T], timeout: float | None) -> None:
        seconds = self.timeout if timeout is None else timeout
        try:
            async with within(timeout), self._turn:
                await self._exchange(batch, detect_stall=timeout is None)
        except TimeoutError:
            raise NoAnswerError(f"the server did not answer within {seconds:g} s") from None
        except OSError as error:
            raise ConnectionLostError(describe_error(error)) from error

    async def _exchange(self, batch: Batch[T], *, detect_stall: bool) -> None:
        if self._closed:
            raise ConnectionError(f"not sent: {self._closed}")
        if batch.commands:
            self._batch = batch
            self._transport.write(batch.next_wires(self.depth))
            try:
                batch.make_the_rest()  # while the server works on the first ones
                await (self._wait_with_progress(batch.done) if detect_stall else batch.done)
            except BaseException:
                batch.done.cancel()  # nobody waits for it now
                self.close("an earlier call was cut off before its reply came")
                raise
            finally:
                self._batch = None

    async def _wait_with_progress(self, done: Future[None]) -> None:
        """Wait as long as there is progress. Raises `TimeoutError` after `timeout` seconds without."""
        self._note_progress()
        unsent = self._transport.get_write_buffer_size()
        while not done.done():
            left = self._progress_at + self.timeout - time.monotonic()
            if left <= 0:
                raise TimeoutError
            await asyncio.wait([done], timeout=min(left, self.timeout / SEND_CHECKS))
            now_unsent = self._transport.get_write_buffer_size()
            if now_unsent <= max(0, unsent - MIN_MOVED) < unsent:
                self._note_progress()
                unsent = now_unsent
            unsent = max(unsent, now_unsent)  # more may have been written meanwhile
        await done

    def _note_progress(self) -> None:
        self._progress_at, self._arrived = time.monotonic(), 0

    # Called by the event loop:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(
            transport, asyncio.Transport
        )  # for mypy: asyncio passes streams a Transport
        self._transport = transport
        self.peer = self.peer or _numeric(transport.get_extra_info("peername"))
        self._closed = ""

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._arriving

    def buffer_updated(self, nbytes: int) -> None:
        self._arrived += nbytes
        if self._arrived >= MIN_MOVED:
            self._note_progress()
        self._reader.feed(self._arriving[:nbytes])
        try:
            try:
                self._take_replies()
            finally:
                if self._batch:
                    self._batch.read()  # after sending more, so that the server has work meanwhile
        except (ProtocolError, UnknownResponseError) as error:
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        where = "" if self._reader.idle else " in the middle of a reply"
        hung_up = f"the server closed the connection{where}"
        self._fail(ConnectionError(describe_error(exc) if isinstance(exc, OSError) else hung_up))

    def _take_replies(self) -> None:
        replies = self._reader.replies()
        if self._batch and self._batch.take(replies):
            self._note_progress()
        if next(replies, None) or not (self._reader.idle or (self._batch and self._batch.due)):
            raise ProtocolError(UNASKED)
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
    """Return the address of a TCP peer, with the interface that a link-local address needs."""
    match peer:
        case (host, port, _, scope) if scope:
            return f"{host}%{scope}", port
        case (host, port, *_):
            return host, port
    return None  # the peer has disconnected already
