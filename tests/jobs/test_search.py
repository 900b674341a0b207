"""Which jobs have some words in their bodies, on a real server."""

import asyncio

from beantop.jobs.connection import ActingConnection
from beantop.jobs.search import AT_ONCE, BodySearch
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting


def test_all_bodies_are_read_and_those_that_match_are_known(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        search = BodySearch(connection)
        await search.run([*ids, gone], lambda job: job.body.endswith(b"7"))
        assert search.matched == set(ids[7::10])
        assert search.read == len(ids) + 1
        search.end()
        assert (search.matched, search.read) == (set(), 0)

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(70)]
        gone = client.put("7")
        client.delete(gone)
        acting(server.address, story)


def test_a_later_search_ends_an_earlier_one(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        search = BodySearch(connection)
        earlier = asyncio.create_task(search.run(ids, lambda job: True))
        await asyncio.sleep(0)
        await search.run(ids[:3], lambda job: job.body == b"1")
        await earlier
        assert search.matched == {ids[1]}
        assert search.read == 3

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(2 * AT_ONCE)]
        acting(server.address, story)
