"""The list of a tube's jobs, on a real server."""

from beantop.beanstalk import Client
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_list import JobList
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
    async def story(connection: ActingConnection) -> list[tuple[int, bytes | None]]:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.look([]))
        return [(row.job.id, row.body) for row in jobs.rows(None)]

    with server.client(use=tube, watch=tube) as client:
        ids = in_each_state(client)
        listed = acting(server.address, story)
    assert listed == [
        (ids["ready"], b"first"),
        (ids["delayed"], b"later"),
        (ids["buried"], b""),
    ]


def test_a_scan_finds_all_and_bodies_come_for_what_is_visible(
    server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> JobList:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.look([]))
        await jobs.prepare_scan().run()
        jobs.take(await jobs.look([id for id in jobs.rows(None).ids if id != ids["second"]]))
        return jobs

    with server.client(use=tube, watch=tube) as client:
        ids = in_each_state(client)
        jobs = acting(server.address, story)
    assert jobs.rows(None).ids == sorted(ids.values())
    assert jobs.rows("ready").ids == [ids["ready"], ids["second"]]
    bodies = {row.job.id: row.body for row in jobs.rows(None)}
    assert bodies[ids["reserved"]] == b"held"
    assert bodies[ids["second"]] is None
    assert [row.job.id for row in jobs.rows(None)[1:3]] == sorted(ids.values())[1:3]


def test_only_a_row_with_its_body_counts_as_seen(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        await jobs.prepare_scan().run()
        (row,) = jobs.rows(None)
        assert jobs.seen(row) is None
        jobs.take(await jobs.look([held]))
        (row,) = jobs.rows(None)
        seen = jobs.seen(row)
        assert seen is not None
        assert (seen.id, seen.body, seen.state) == (held, b"held", "reserved")

    with server.client(use=tube, watch=tube) as client:
        held = client.put("held")
        client.reserve()
        acting(server.address, story)


def test_a_visible_job_that_went_leaves_the_list(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> list[int]:
        jobs = JobList(connection, tube)
        await jobs.prepare_scan().run()
        client.delete(ids[1])
        jobs.take(await jobs.look(ids))
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
