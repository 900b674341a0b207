"""Commands that are sent together: how many were sent, and which replies came back. No I/O."""

import asyncio
import itertools
from asyncio import Future
from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

from beantop.beanstalk.commands import Command
from beantop.beanstalk.errors import BeanstalkdError, Error
from beantop.beanstalk.replies import Reply

T = TypeVar("T")

CHUNKS = 16
"""Number of chunks in `depth`. Commands are sent at least one chunk at a time: sending them one by
one costs 5 % of a poll, and with much larger chunks server and client wait for each other."""


class Attempt(NamedTuple, Generic[T]):
    """Outcome of `pipeline_partial`: how far its commands got."""

    results: list[T | BeanstalkdError]
    """Results of the commands that were answered: the first ones, in order."""
    sent: int
    """Number of commands that may have reached the server. For those without a result the outcome
    is unknown."""
    error: Error | None
    """Error that ended it early, or None."""


class Waiting(Protocol):
    """A batch with results of any type."""

    @property
    def due(self) -> int: ...
    def take(self, replies: Iterator[Reply]) -> bool: ...
    def read(self) -> None: ...
    def next_wires(self, depth: int) -> bytes: ...
    def fail(self, error: Exception) -> None: ...


class Batch(Generic[T]):
    """Commands of one pipeline, how many were sent, and their results."""

    def __init__(self, commands: Iterable[Command[T]], depth: int) -> None:
        self._rest = iter(commands)
        self.commands = list(itertools.islice(self._rest, depth))
        self.results: list[T | BeanstalkdError] = []
        self.done: Future[None] = asyncio.get_running_loop().create_future()
        self.sent = 0
        self._unread: list[Reply] = []

    def make_the_rest(self) -> None:
        self.commands += self._rest

    def next_wires(self, depth: int) -> bytes:
        """Return the bytes to send now, with at most `depth` commands in flight. Return b"" if they
        would be less than a chunk and more commands follow."""
        answered = len(self.results) + len(self._unread)
        start, stop = self.sent, min(answered + depth, len(self.commands))
        if stop - start < depth // CHUNKS and stop < len(self.commands):
            return b""
        self.sent = stop
        return b"".join([command.wire for command in self.commands[start:stop]])

    @property
    def due(self) -> int:
        """Number of commands in flight."""
        return self.sent - len(self.results) - len(self._unread)

    def take(self, replies: Iterator[Reply]) -> bool:
        """Store the replies to commands in flight, for `read`. Return whether there were any."""
        before = len(self._unread)
        self._unread.extend(itertools.islice(replies, self.due))
        return len(self._unread) > before

    def read(self) -> None:
        """Turn the stored replies into results."""
        unread, self._unread = self._unread, []
        start = len(self.results)
        answered = self.commands[start : start + len(unread)]
        for command, reply in zip(answered, unread, strict=True):
            try:
                self.results.append(command.result(reply))
            except BeanstalkdError as error:
                self.results.append(error)
        if len(self.results) == len(self.commands) and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # else asyncio reports it if nobody waits any longer, as after a signal
