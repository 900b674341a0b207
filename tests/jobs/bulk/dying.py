"""A program that dies at a chosen exchange with the server, just before it or just after."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from beantop.beanstalk import Address, Attempt, BeanstalkdError, Command, ConnectionLostError
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.connection import ActingConnection, Turn
from tests.beanstalkd import Beanstalkd

T = TypeVar("T")


class Died(ConnectionLostError):
    """Raised when the program has died: nothing is sent or answered."""


class Life:
    """Dies at the exchange with that number: before it is sent or, if `late`, after the answer."""

    def __init__(self, exchanges: int, *, late: bool) -> None:
        self.ended = False
        self._left = exchanges
        self._late = late

    def before(self) -> None:
        if self._left == 0 and not self._late:
            self.ended = True
        if self.ended:
            raise Died

    def after(self) -> None:
        if self._left == 0:
            self.ended = True
            raise Died
        self._left -= 1


def lives() -> Iterator[Life]:
    """Yield ever longer lives, up to the first that does not end early."""
    for late in (False, True):
        for exchanges in itertools.count():
            life = Life(exchanges, late=late)
            yield life
            if not life.ended:
                break


class DyingTurn(Turn):
    """A connection that ends with its life."""

    life: Life

    async def call(self, command: Command[T]) -> T:
        self.life.before()
        result = await super().call(command)
        self.life.after()
        return result

    async def pipeline(self, asked: Iterable[Command[T]]) -> list[T | BeanstalkdError]:
        self.life.before()
        results = await super().pipeline(asked)
        self.life.after()
        return results

    async def pipeline_partial(self, asked: Iterable[Command[T]]) -> Attempt[T]:
        self.life.before()
        attempt = await super().pipeline_partial(asked)
        self.life.after()
        return attempt


class DyingConnection(ActingConnection):
    """A connection of a program that dies."""

    def __init__(self, address: Address, life: Life) -> None:
        super().__init__(address)
        self._life = life

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[Turn, None]:
        async with super().turn() as turn:
            dying = DyingTurn(turn._client)  # it is the same turn
            dying.life = self._life
            yield dying


def cut_off(server: Beanstalkd, life: Life, act: Act[Any], items: Sequence[Any]) -> None:
    """Run until the program dies."""

    async def story() -> None:
        connection = DyingConnection(server.address, life)
        await Bulk(connection, act, items).run()
        connection.close()

    asyncio.run(story())
