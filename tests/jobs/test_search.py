"""Which jobs have some words in their bodies, on a real server."""

import asyncio

from beantop.beanstalk import Job
from beantop.jobs.connection import ActingConnection
from beantop.jobs.search import AT_ONCE, BodySearch
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting


def test_all_bodies_are_read_and_those_that_match_are_known(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        search = BodySearch[bool](connection)
        await search.run([*ids, gone], lambda job: job.body.endswith(b"7"))
        assert set(search.matched) == set(ids[7::10])
        assert search.unread([*ids, gone]) == 0
        assert not search.running
        search.end()
        assert (search.matched, search.unread([*ids, gone])) == ({}, len(ids) + 1)

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(70)]
        gone = client.put("7")
        client.delete(gone)
        acting(server.address, story)


def test_what_only_a_part_of_a_body_was_searched_for_is_not_decided(
    server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> None:
        search = BodySearch[bool](connection)
        await search.run(ids, lambda job: {b"0": True, b"1": None}.get(job.body, False))
        assert (search.matched, search.undecided) == ({ids[0]: True}, {ids[1]})
        assert search.unread(ids) == 0
        search.end()
        assert search.undecided == set()

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(3)]
        acting(server.address, story)


def test_a_later_search_ends_an_earlier_one(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        search = BodySearch[bool](connection)
        earlier = asyncio.create_task(search.run(ids, lambda job: True))
        await asyncio.sleep(0)
        search.end()
        await search.run(ids[:3], lambda job: job.body == b"1")
        await earlier
        assert set(search.matched) == {ids[1]}
        assert search.unread(ids) == len(ids) - 3

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
        search = BodySearch[bool](connection)
        await search.run(found, matches)
        assert set(search.matched) == {ids[2]}
        found.append(ids[3])
        assert search.unread(found) == 1
        await search.run(found, matches)
        assert read == ids

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(4)]
        found = ids[:2]
        acting(server.address, story)
