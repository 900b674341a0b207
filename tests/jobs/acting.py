"""Run commands over an acting connection, and read the state of the jobs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from beantop.beanstalk import Address, BeanstalkdError, Client, Command
from beantop.jobs.connection import ActingConnection
from beantop.jobs.peek import JobRecord, peek_job

T = TypeVar("T")


def acting(
    address: Address, act: Callable[[ActingConnection], Awaitable[T]], timeout: float = 5.0
) -> T:
    """Run it over a connection of its own, and return the result."""

    async def story() -> T:
        connection = ActingConnection(address, timeout)
        try:
            return await act(connection)
        finally:
            connection.close()

    return asyncio.run(story())


async def call(connection: ActingConnection, command: Command[T]) -> T:
    """The result of a command, in a turn of its own."""
    async with connection.turn() as turn:
        return await turn.call(command)


async def call_in(connection: ActingConnection, tube: str, command: Command[T]) -> T:
    """The result of a command on that tube, in a turn of its own."""
    async with connection.turn() as turn:
        return await turn.call_in(tube, command)


async def pipeline_in(
    connection: ActingConnection, tube: str, asked: Iterable[Command[T]]
) -> list[T | BeanstalkdError]:
    """The results of commands on that tube, in a turn of their own."""
    async with connection.turn() as turn:
        return await turn.pipeline_in(tube, asked)


def look(address: Address, id: int) -> JobRecord:
    """The job as it is now."""
    seen = acting(address, lambda connection: peek_job(connection, id))
    assert seen
    return seen


def put_buried(client: Client[str], body: str = "") -> int:
    """A buried job in the used tube, which the client must watch alone."""
    id = client.put(body, priority=0)
    job = client.reserve()
    assert job.id == id
    client.bury(job)
    return id


def jobs_in(client: Client[str], tube: str) -> dict[str, int]:
    """The number of jobs of the tube by state, without states that have none."""
    stats = client.stats_tube(tube)
    counts = {
        "ready": stats.get("current-jobs-ready", 0),
        "reserved": stats.get("current-jobs-reserved", 0),
        "delayed": stats.get("current-jobs-delayed", 0),
        "buried": stats.get("current-jobs-buried", 0),
    }
    return {state: count for state, count in counts.items() if count}
