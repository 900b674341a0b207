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
        reader = BodyReader[str](connection)
        await reader.run([*ids, gone], noted, most=3)
        assert read == ids[:-3:-1]  # one of the three newest ids is gone
        await reader.run([*ids, gone], noted)
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
        reader = BodyReader[str](connection)
        running = asyncio.create_task(reader.run(ids, text, rate=lambda: 1e-6))
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
        reader = BodyReader[str](connection)
        running = asyncio.create_task(reader.run(ids, text))
        await asyncio.sleep(0)
        getattr(reader, ends)()
        await running
        assert (reader.results, reader.running) == ({}, False)
        await reader.run(ids, text)
        assert len(reader.results) == len(ids)

    with server.client(use=tube) as client:
        ids = [client.put("") for _ in range(5)]
        acting(server.address, story)


def test_all_bodies_are_read_and_those_that_match_are_known(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        reader = BodyReader[bool](connection)
        await reader.run([*ids, gone], lambda job: job.body.endswith(b"7"))
        assert set(reader.results) == set(ids[7::10])
        assert reader.count_unread([*ids, gone]) == 0
        assert not reader.running
        reader.clear()
        assert (reader.results, reader.count_unread([*ids, gone])) == ({}, len(ids) + 1)

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(70)]
        gone = client.put("7")
        client.delete(gone)
        acting(server.address, story)


def test_what_only_a_part_of_a_body_was_searched_for_is_not_decided(
    server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> None:
        reader = BodyReader[bool](connection)
        await reader.run(ids, lambda job: {b"0": True, b"1": None}.get(job.body, False))
        assert (reader.results, reader.undecided) == ({ids[0]: True}, {ids[1]})
        assert reader.count_unread(ids) == 0
        reader.clear()
        assert reader.undecided == set()

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(3)]
        acting(server.address, story)


def test_a_later_search_ends_an_earlier_one(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        reader = BodyReader[bool](connection)
        earlier = asyncio.create_task(reader.run(ids, lambda job: True))
        await asyncio.sleep(0)
        reader.clear()
        await reader.run(ids[:3], lambda job: job.body == b"1")
        await earlier
        assert set(reader.results) == {ids[1]}
        assert reader.count_unread(ids) == len(ids) - 3

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(2 * AT_ONCE)]
        acting(server.address, story)


def test_a_search_goes_on_with_jobs_that_came_and_reads_no_body_twice(
    server: Beanstalkd, tube: str
) -> None:
    read: list[int] = []

    def matches(job: Job[bytes]) -> bool:
        read.append(job.id)
        if len(read) == 1:
            found.append(ids[2])
        return job.body == b"2"

    async def story(connection: ActingConnection) -> None:
        reader = BodyReader[bool](connection)
        await reader.run(found, matches)
        assert set(reader.results) == {ids[2]}
        found.append(ids[3])
        assert reader.count_unread(found) == 1
        await reader.run(found, matches)
        assert read == [ids[1], ids[0], ids[2], ids[3]]  # of each round the newest first

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(4)]
        found = ids[:2]
        acting(server.address, story)
