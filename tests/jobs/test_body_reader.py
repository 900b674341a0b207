"""Reading the bodies of many jobs, on a real server."""

import asyncio

import pytest

from beantop.beanstalk import Job
from beantop.jobs.body_reader import AT_ONCE, BodyReader
from beantop.jobs.connection import ActingConnection
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting


def text(job: Job[bytes]) -> str:
    return job.body.decode()


def test_each_body_is_read_once_and_the_newest_first(server: Beanstalkd, tube: str) -> None:
    read: list[int] = []

    def noted(job: Job[bytes]) -> str:
        read.append(job.id)
        return text(job)

    async def story(connection: ActingConnection) -> None:
        reader = BodyReader(connection, noted)
        await reader.run([*ids, gone], most=3)
        assert read == ids[:-3:-1]  # one of the three newest ids is gone
        await reader.run([*ids, gone])
        assert reader.results == {id: f"{number}" for number, id in enumerate(ids)}
        assert (reader.unread([*ids, gone]), reader.running) == ([], False)
        assert len(read) == len(ids)
        reader.clear()
        assert (reader.results, reader.unread([*ids, gone])) == ({}, [gone, *reversed(ids)])

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(70)]
        gone = client.put("x")
        client.delete(gone)
        acting(server.address, story)


def test_a_slow_reading_can_be_hurried(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        reader = BodyReader(connection, text)
        running = asyncio.create_task(reader.run(ids, rate=lambda: 1e-6))
        while not reader.results:  # noqa: ASYNC110  # nothing tells that a batch was read
            await asyncio.sleep(0)
        assert (len(reader.results), running.done()) == (AT_ONCE, False)
        reader.hurry()
        await running
        assert reader.unread(ids) == []

    with server.client(use=tube) as client:
        ids = [client.put("") for _ in range(2 * AT_ONCE)]
        acting(server.address, story)


@pytest.mark.parametrize("ends", ["stop", "clear"])
def test_what_an_ended_run_reads_is_dropped(server: Beanstalkd, tube: str, ends: str) -> None:
    async def story(connection: ActingConnection) -> None:
        reader = BodyReader(connection, text)
        running = asyncio.create_task(reader.run(ids))
        await asyncio.sleep(0)
        getattr(reader, ends)()
        await running
        assert (reader.results, reader.running) == ({}, False)
        await reader.run(ids)
        assert len(reader.results) == len(ids)

    with server.client(use=tube) as client:
        ids = [client.put("") for _ in range(5)]
        acting(server.address, story)
