"""Workers that act between any two steps of an action, in an order that a test chooses."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from beantop.beanstalk import (
    Address,
    Attempt,
    BeanstalkdError,
    Client,
    Command,
    NotFoundError,
    TimedOutError,
)
from beantop.jobs.connection import ActingConnection, Turn

T = TypeVar("T")

Meddle = Callable[[], None]


class MeddledTurn(Turn):
    """Lets others act before each exchange with the server."""

    meddle: Meddle

    async def pipeline(self, asked: Iterable[Command[T]]) -> list[T | BeanstalkdError]:
        self.meddle()
        return await super().pipeline(asked)

    async def pipeline_partial(self, asked: Iterable[Command[T]]) -> Attempt[T]:
        self.meddle()
        return await super().pipeline_partial(asked)


class MeddledConnection(ActingConnection):
    """A connection on whose turns others act, too."""

    def __init__(self, address: Address, meddle: Meddle) -> None:
        super().__init__(address)
        self._meddle = meddle

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[Turn, None]:
        async with super().turn() as turn:
            meddled = MeddledTurn(turn._client)  # it is the same turn
            meddled.meddle = self._meddle
            yield meddled


class Workers:
    """What workers and producers do to a tube: one step for each letter they are given.

    d: reserve a job and delete it; h: reserve one and hold it; r: release one that is held, p: put
    one; b: bury one that is held, k: kick one buried or delayed job.
    """

    def __init__(self, client: Client[str], letters: Iterable[str]) -> None:
        self.client = client
        self.deleted = 0
        self.put = 0
        self.buried: set[int] = set()
        self.kicked: set[int] = set()
        """Buried jobs that workers made ready."""
        self._letters: Iterator[str] = iter(letters)
        self._held: list[int] = []

    def step(self) -> None:
        """Take the next few steps."""
        for _ in range(3):
            if letter := next(self._letters, ""):
                self._do(letter)

    def _do(self, letter: str) -> None:
        client = self.client
        if letter in "dh":
            try:
                job = client.reserve(timeout=0)
            except TimedOutError:
                return
            if letter == "d":
                client.delete(job)
                self.deleted += 1
            else:
                self._held.append(job.id)
        elif letter == "p":
            client.put("put meanwhile")
            self.put += 1
        elif letter == "k":
            with suppress(NotFoundError):
                self.kicked.add(client.peek_buried().id)
            client.kick(1)
        elif self._held:
            id = self._held.pop()
            if letter == "r":
                client.release(id)
            else:
                client.bury(id)
                self.buried.add(id)
