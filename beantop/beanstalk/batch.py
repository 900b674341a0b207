"""Commands that are sent together: how far they were sent, and what came back; no I/O."""

import asyncio
import itertools
from asyncio import Future
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from beantop.beanstalk.commands import Command
from beantop.beanstalk.errors import BeanstalkdError, Error
from beantop.beanstalk.replies import Reply

T = TypeVar("T")

HANDFULS = 16
"""How many make up `depth`; commands are sent by the handful at least. One by one costs 5 % of a
poll, and with handfuls that are much larger server and client wait for each other."""


@dataclass(frozen=True)
class Attempt(Generic[T]):
    """How far the commands of an `attempt` came."""

    results: list[T | BeanstalkdError]
    """Of the first ones: those that were answered."""
    sent: int
    """How many may have reached the server; what came of those without a result is unknown."""
    error: OSError | Error | None
    """What cut it short."""


class Waiting(Protocol):
    """A batch, whatever its commands answer."""

    def take(self, replies: Iterator[Reply]) -> bool: ...
    def read(self) -> None: ...
    def next_wires(self, depth: int) -> bytes: ...
    def fail(self, error: Exception) -> None: ...


class Batch(Generic[T]):
    """Commands of one pipeline: what was sent, what came back."""

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
        """What may be sent now without more than `depth` in flight, unless it is hardly worth it."""
        answered = len(self.results) + len(self._unread)
        start, stop = self.sent, min(answered + depth, len(self.commands))
        if stop - start < depth // HANDFULS and stop < len(self.commands):
            return b""
        self.sent = stop
        return b"".join([command.wire for command in self.commands[start:stop]])

    def take(self, replies: Iterator[Reply]) -> bool:
        """Note the replies that are due; `read` reads them. Whether any was there."""
        before = len(self._unread)
        due = self.sent - len(self.results) - before
        self._unread.extend(itertools.islice(replies, due))
        return len(self._unread) > before

    def read(self) -> None:
        """Read the replies that came."""
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
