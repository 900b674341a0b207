"""Poll servers once, without asyncio: importing that takes longer than the poll."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from threading import Thread
from typing import TypeVar

from beantop.beanstalk import Address, BeanstalkdError, Command, Error
from beantop.beanstalk.blocking import BlockingPipeline
from beantop.config.settings import ServerConfig
from beantop.monitor.snapshot import Snapshot, take_snapshot

T = TypeVar("T")

TIMEOUT = 5.0
"""Seconds to connect, and for each of the three steps of a poll, which may take longer with many tubes."""

SLOWEST = 1000.0
"""Commands per second that a slow server answers over a slow network."""


class _Caller:
    """Calls commands as an `AsyncClient` does, but blocks."""

    def __init__(self, connection: BlockingPipeline) -> None:
        self._connection = connection

    async def call(self, command: Command[T], timeout: float) -> T:
        return self._connection.call(command, timeout)

    async def pipeline(
        self, commands: Iterable[Command[T]], timeout: float
    ) -> list[T | BeanstalkdError]:
        every = list(commands)
        return self._connection.pipeline(every, timeout + len(every) / SLOWEST)


def poll_once(address: Address, timeout: float = TIMEOUT) -> Snapshot:
    """Connect and poll once. Raises `Error`."""
    with BlockingPipeline(address, timeout) as connection:
        return poll(connection, timeout)


def poll_without_tubes(address: Address) -> Snapshot:
    """Connect and poll once, without asking for any tube: their values are unknown. Raises `Error`."""
    with BlockingPipeline(address, TIMEOUT) as connection:
        return poll(connection, TIMEOUT, choose=lambda names: [])


def poll(
    connection: BlockingPipeline,
    timeout: float,
    choose: Callable[[list[str]], list[str]] = list,
) -> Snapshot:
    """Poll over this connection. `choose` returns the tubes to ask for, given all their names. Raises
    `Error`."""
    return _finished(take_snapshot(_Caller(connection), timeout, choose=choose))


def poll_all(
    servers: Sequence[ServerConfig], poll: Callable[[Address], Snapshot] = poll_once
) -> list[Snapshot | Error]:
    """Poll servers at the same time. Return for each what it answered, or why it did not."""
    answers: list[Snapshot | Error] = [Error()] * len(servers)

    def ask(place: int) -> None:
        try:
            answers[place] = poll(servers[place].address)
        except Error as error:
            answers[place] = error

    others = [Thread(target=ask, args=[place], daemon=True) for place in range(1, len(servers))]
    for thread in others:
        thread.start()
    ask(0)
    for thread in others:
        thread.join()
    return answers


def _finished(coroutine: Coroutine[object, None, T]) -> T:
    """Return the result of a coroutine that never waits, and only lets others have their turn."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration as end:
            result: T = end.value
            return result
