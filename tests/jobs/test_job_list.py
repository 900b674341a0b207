"""The list of a tube's jobs, on a real server."""

from contextlib import suppress

import pytest

from beantop.beanstalk import Client
from beantop.jobs.body import KEPT_OF_LARGE, Body
from beantop.jobs.connection import ActingConnection
from beantop.jobs.listing import JobList, JobRow, ListPeek
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, put_buried


def in_each_state(client: Client[str]) -> dict[str, int]:
    """A job in each state, and a second ready one."""
    buried = put_buried(client)
    reserved = client.put("held")
    client.reserve_job(reserved)
    return {
        "buried": buried,
        "reserved": reserved,
        "ready": client.put("first"),
        "second": client.put("second"),
        "delayed": client.put("later", delay=1000),
    }


def test_before_a_scan_the_first_jobs_are_listed(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> list[tuple[int, Body | None]]:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.peek([]))
        return [(row.job.id, row.body) for row in jobs.rows(None)]

    with server.client(use=tube, watch=tube) as client:
        ids = in_each_state(client)
        listed = acting(server.address, story)
    assert listed == [
        (ids["ready"], Body(5, b"first")),
        (ids["delayed"], Body(5, b"later")),
        (ids["buried"], Body(0, b"")),
    ]


def test_a_scan_finds_all_and_bodies_come_for_what_is_visible(
    server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> JobList:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        jobs.take(await jobs.peek([id for id in jobs.rows(None).ids if id != ids["second"]]))
        return jobs

    with server.client(use=tube, watch=tube) as client:
        ids = in_each_state(client)
        jobs = acting(server.address, story)
    assert jobs.rows(None).ids == sorted(ids.values())
    assert jobs.rows("ready").ids == [ids["ready"], ids["second"]]
    bodies = {row.job.id: row.body for row in jobs.rows(None)}
    assert bodies[ids["reserved"]] == Body(4, b"held")
    assert bodies[ids["second"]] is None
    assert [row.job.id for row in jobs.rows(None)[1:3]] == sorted(ids.values())[1:3]


def test_only_a_row_with_its_body_counts_as_seen(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        await jobs.prepare_scan().run()
        (row,) = jobs.rows(None)
        assert jobs.seen(row) is None
        jobs.take(await jobs.peek([held]))
        (row,) = jobs.rows(None)
        seen = jobs.seen(row)
        assert seen is not None
        assert (seen.id, seen.body, seen.state) == (held, b"held", "reserved")

    with server.client(use=tube, watch=tube) as client:
        held = client.put("held")
        client.reserve()
        acting(server.address, story)


def test_large_bodies_come_by_portions_once_and_only_their_beginnings_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("beantop.jobs.body_batches.MAX_BYTES", 2_000_000)
    server = Beanstalkd("-z", "1000000")

    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, None)
        await jobs.prepare_scan().run()
        jobs.take(await jobs.peek(ids))
        assert 0 < sum(row.body is not None for row in jobs.rows(None)) < 20
        for _ in range(4):
            jobs.take(await jobs.peek(ids))
        for row in jobs.rows(None):
            assert row.body == Body(200_000, b"x" * KEPT_OF_LARGE)
            assert jobs.seen(row) is None
        assert client.stats()["cmd-peek"] == 20

    try:
        with server.client() as client:
            ids = [client.put("x" * 200_000) for _ in range(20)]
            acting(server.address, story)
    finally:
        server.stop()


def test_a_large_body_is_fetched_for_who_wants_it_whole(own_server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, None)
        await jobs.prepare_scan().run()
        (row,) = jobs.rows(None)
        seen = await jobs.fetch(row)
        assert seen is not None
        assert seen.body == b"x" * 65_535
        younger = JobRow(row.job._replace(age=1000), None)
        assert await jobs.fetch(younger) is None
        client.delete(row.job.id)
        assert await jobs.fetch(row) is None

    with own_server.client() as client:
        client.put("x" * 65_535)
        acting(own_server.address, story)


def test_a_visible_job_that_went_leaves_the_list(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> list[int]:
        jobs = JobList(connection, tube)
        await jobs.prepare_scan().run()
        client.delete(ids[1])
        jobs.take(await jobs.peek(ids))
        return list(jobs.rows(None).ids)

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(3)]
        assert acting(server.address, story) == [ids[0], ids[2]]


def test_a_scan_that_is_through_is_followed_by_a_new_one(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        first = jobs.prepare_scan()
        assert jobs.prepare_scan() is first
        await first.run()
        later = client.put("later")
        second = jobs.prepare_scan()
        assert second is not first
        await second.run()
        assert later in jobs.rows(None).ids

    with server.client(use=tube) as client:
        client.put("")
        acting(server.address, story)


def test_after_a_restart_no_job_has_the_body_of_the_one_that_had_its_number_before(
    own_server: Beanstalkd,
) -> None:
    async def story(connection: ActingConnection) -> list[Body | None]:
        jobs = JobList(connection, "emails")
        fill("old")
        await jobs.prepare_scan().run()
        jobs.take(await jobs.peek([1, 2]))
        own_server.stop()
        own_server.start()
        fill("new")
        jobs.take(await _until_there(jobs, [1, 2]))
        return [row.body for row in jobs.rows(None)]

    def fill(word: str) -> None:
        with own_server.client(use="emails") as client:
            assert [client.put(f"{word} {number}") for number in (1, 2)] == [1, 2]

    bodies = acting(own_server.address, story)
    assert bodies == [Body(5, b"new 1"), Body(5, b"new 2")]


async def _until_there(jobs: JobList, ids: list[int]) -> ListPeek:
    """What a look sees once the connection is known to be lost."""
    with suppress(OSError):
        await jobs.peek(ids)
    return await jobs.peek(ids)
