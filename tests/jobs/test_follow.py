"""Following new jobs: each one is shown or counted as missed, and none is reserved."""

import random
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from beantop.beanstalk import Client, Error
from beantop.jobs.connection import ActingConnection
from beantop.jobs.follow import AHEAD, MAX_SECONDS_BEHIND, Follow, NewJob
from beantop.jobs.listing import JobList
from tests.beanstalkd import Beanstalkd, wait_until
from tests.jobs.acting import acting


async def drain(follow: Follow) -> list[NewJob]:
    """All that the next looks tell, until nothing is pending."""
    new = await follow.poll()
    while follow.pending:
        new += await follow.poll()
    return new


def ids_of(new: Iterable[NewJob]) -> list[int]:
    return [each.job.id for each in new]


def break_off(server: Beanstalkd, count: int) -> None:
    """Begin puts whose bodies never come: each takes an id and is not counted."""
    for _ in range(count):
        with server.raw() as connection:
            connection.sendall(b"put 0 0 60 10\r\nhalf")
            connection.shutdown(1)
            while connection.recv(100):
                pass


@pytest.mark.parametrize("all_tubes", [False, True])
def test_a_burst_is_shown_whole_and_reserved_never(
    own_server: Beanstalkd, tube: str, all_tubes: bool
) -> None:
    async def story(connection: ActingConnection) -> None:
        follow = Follow(connection, None if all_tubes else tube)
        await follow.poll()
        for number in range(1000):
            client.put(f"body {number}")
        new = await drain(follow)
        assert [each.body for each in new] == [b"body %d" % number for number in range(1000)]
        assert (follow.put, follow.seen, follow.missed) == (1000, 1000, 0)
        assert not follow.may_have_missed_more

    with own_server.client(use=tube) as client:
        client.put("from before")
        acting(own_server.address, story)
        assert own_server_reserves(client, range(2, 1002)) == {0}


def own_server_reserves(client: Client[str], ids: Iterable[int]) -> set[int]:
    return {client.stats_job(id)["reserves"] for id in ids}


@pytest.mark.parametrize("seed", range(4))
def test_shown_and_missed_are_all_that_were_put(own_server: Beanstalkd, seed: int) -> None:
    chance = random.Random(seed)
    put: dict[str, list[int]] = {"ours": [], "other": []}

    def work(client: Client[str]) -> None:
        """Put jobs into two tubes; workers take some at once, and some puts break off."""
        for _ in range(chance.randrange(12)):
            name = chance.choice(["ours", "other"])
            client.use(name)
            put[name].append(client.put("x", delay=chance.choice([0, 100])))
            if chance.random() < 0.4:
                client.delete(put[name][-1])
            if chance.random() < 0.1:
                break_off(own_server, 2)

    async def story(connection: ActingConnection) -> None:
        one, every = Follow(connection, "ours"), Follow(connection)
        shown: list[int] = []
        await one.poll()
        await every.poll()
        before = {name: len(ids) for name, ids in put.items()}
        for _ in range(25):
            work(client)
            shown += ids_of(await drain(one))
            await drain(every)
            ours, others = (len(put[name]) - before[name] for name in ("ours", "other"))
            assert one.seen + one.missed == one.put == ours
            assert every.seen + every.missed == every.put == ours + others
        assert len(shown) == len(set(shown)) == one.seen
        assert set(shown) <= set(put["ours"])
        assert set(put["ours"][before["ours"] :]) - set(shown) <= deleted()

    def deleted() -> set[int]:
        own = (set(put["ours"]), client)
        return {id for id in own[0] if not exists(own[1], id)}

    with own_server.client(use="ours") as client:
        work(client)
        client.use("ours")
        client.put("keeps the tube", delay=100)
        put["ours"].append(0)
        acting(own_server.address, story)


def exists(client: Client[str], id: int) -> bool:
    with suppress(Error):
        return bool(client.stats_job(id)) if id else False
    return False


def test_jobs_that_workers_take_at_once_are_missed_and_counted(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> None:
        follow = Follow(connection, tube)
        await follow.poll()
        for number in range(20):
            client.put(f"{number}")
            if number % 4:
                client.delete(client.reserve())
            else:
                client.reserve()  # a worker holds it
        new = await drain(follow)
        assert [each.body for each in new] == [b"0", b"4", b"8", b"12", b"16"]
        assert {each.job.state for each in new} == {"reserved"}
        assert (follow.put, follow.seen, follow.missed) == (20, 5, 15)

    with own_server.client(use=tube, watch=tube) as client:
        acting(own_server.address, story)


@pytest.mark.parametrize("broken", [1, AHEAD - 1, 3 * AHEAD, 200])
def test_puts_that_break_off_hide_no_job(own_server: Beanstalkd, tube: str, broken: int) -> None:
    async def story(connection: ActingConnection) -> None:
        follow = Follow(connection, tube)
        await follow.poll()
        break_off(own_server, broken)
        shown: set[int] = set()
        put = set()
        for _ in range(4):
            put.add(client.put("x"))
            shown.update(ids_of(await drain(follow)))
        assert shown == put
        assert follow.missed == 0

    with own_server.client(use=tube) as client:
        acting(own_server.address, story)


@pytest.mark.long
def test_a_put_whose_body_arrives_late_is_shown_when_it_is_there(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> None:
        follow = Follow(connection)
        await follow.poll()
        for _ in range(3 * AHEAD):
            with own_server.raw() as slow:
                slow.sendall(b"put 0 0 60 10\r\nslow ")
                client.put("quick")
                assert [each.body for each in await drain(follow)] == [b"quick"]
                slow.sendall(b"again\r\n")
                assert slow.recv(100).startswith(b"INSERTED ")
                assert [each.body for each in await drain(follow)] == [b"slow again"]
        assert (follow.seen, follow.missed) == (6 * AHEAD, 0)

    with own_server.client(use=tube) as client:
        acting(own_server.address, story)


def test_a_tube_that_comes_and_goes_leaves_open_how_many_were_missed(
    own_server: Beanstalkd,
) -> None:
    async def story(connection: ActingConnection) -> None:
        follow = Follow(connection, "brief")
        await follow.poll()
        for put in (2, 1):
            with own_server.client(use="brief", watch="brief") as client:
                for _ in range(put):
                    client.put("x")
                await drain(follow)
                for _ in range(put):
                    client.delete(client.reserve())
            wait_until(is_gone, "the tube is dropped")
            await drain(follow)
        assert (follow.seen, follow.missed) == (3, 0)
        assert not follow.may_have_missed_more
        with own_server.client(use="brief") as client:
            client.delete(client.put("x"))
        wait_until(is_gone, "the tube is dropped")
        await drain(follow)
        assert follow.may_have_missed_more

    def is_gone() -> bool:
        with own_server.client() as client:
            return "brief" not in client.tubes()

    acting(own_server.address, story)


@pytest.mark.parametrize("binlog", [False, True])
def test_after_a_restart_new_jobs_are_shown_and_no_job_twice(
    tmp_path: Path, tube: str, binlog: bool
) -> None:
    async def story(connection: ActingConnection) -> None:
        follow = Follow(connection, tube)
        await follow.poll()
        with server.client(use=tube) as client:
            ids = [client.put("before") for _ in range(5)]
            assert ids_of(await drain(follow)) == ids
        server.stop()
        with suppress(Error):
            await follow.poll()
        server.start()
        with server.client(use=tube) as client:
            for _ in range(2):
                ids = [client.put("after") for _ in range(3)]
                with suppress(Error):
                    assert [each.body for each in await drain(follow)] == [b"after"] * 3
        assert follow.restarts == 1
        assert (follow.seen, follow.put) == (11, 11)
        assert follow.may_have_missed_more

    server = Beanstalkd(*(["-b", str(tmp_path)] if binlog else []))
    try:
        with server.client(use=tube) as client:
            client.put("old", delay=100)
        acting(server.address, story)
    finally:
        server.stop()


def test_the_server_gets_no_more_commands_than_the_rate_allows(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> None:
        clock = [0.0]
        follow = Follow(connection, tube, lambda: 200.0, lambda: clock[0])
        await follow.poll()
        for _ in range(10):
            for _ in range(100):
                client.put("x")
            before = commands_of(client)
            await follow.poll()
            assert commands_of(client) - before <= 200
            clock[0] += 1
            await follow.poll()
        assert follow.seen < follow.put == 1000
        assert follow.seen + follow.missed + follow.pending == 1000
        for _ in range(20):
            clock[0] += 1
            await follow.poll()
        assert follow.pending == 0
        assert follow.seen + follow.missed == 1000
        assert follow.seen >= 200 * MAX_SECONDS_BEHIND / 2

    def commands_of(client: Client[str]) -> int:
        stats = client.stats()
        return stats["cmd-stats-job"] + stats["cmd-peek"]

    with own_server.client(use=tube) as client:
        acting(own_server.address, story)


def test_jobs_put_before_are_not_new(tmp_path: Path, tube: str) -> None:
    server = Beanstalkd("-b", str(tmp_path))
    with server.client(use=tube) as client:
        for _ in range(300):
            client.delete(client.put("gone"))
        client.put("old")
    server.stop()
    server.start()

    async def story(connection: ActingConnection) -> None:
        follow = Follow(connection, tube)
        assert await drain(follow) == []
        with server.client(use=tube) as client:
            for _ in range(3):
                ids = [client.put("new") for _ in range(2)]
                assert ids_of(await drain(follow)) == ids

    acting(server.address, story)
    server.stop()


def followed(connection: ActingConnection, tube: str) -> tuple[Follow, JobList]:
    return Follow(connection, tube), JobList(connection, tube, is_followed=True)


def test_a_list_of_followed_jobs_keeps_those_that_are_gone(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> None:
        follow, jobs = followed(connection, tube)
        await follow.poll()
        ids = [client.put(body) for body in ("taken", "kept")]
        jobs.add(await drain(follow))
        client.delete(ids[0])
        client.bury(client.reserve())
        jobs.take(await jobs.peek(ids))
        assert {id: job.state for id, job in jobs.scan.found.items()} == {
            ids[0]: None,
            ids[1]: "buried",
        }
        assert jobs.is_gone(ids[0])
        assert not jobs.is_gone(ids[1])
        assert [row.job.id for row in jobs.rows_of(ids)] == ids[1:]
        record = await jobs.fetch(jobs.rows(None)[0])
        assert record
        assert record.body == b"taken"

    with own_server.client(use=tube, watch=tube) as client:
        acting(own_server.address, story)


def test_the_first_of_many_followed_jobs_are_dropped(own_server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        follow, jobs = followed(connection, tube)
        await follow.poll()
        ids = [client.put("x") for _ in range(10)]
        assert jobs.add(await drain(follow), most=7) == 3
        assert list(jobs.scan.found) == ids[3:]
        jobs.take(await jobs.peek(ids))
        assert list(jobs.scan.found) == ids[3:]

    with own_server.client(use=tube) as client:
        acting(own_server.address, story)


def test_jobs_of_a_server_that_lost_them_leave_the_list(own_server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        follow, jobs = followed(connection, tube)
        await follow.poll()
        with own_server.client(use=tube) as client:
            client.put("before")
            client.put("before")
        jobs.add(await drain(follow))
        own_server.stop()
        own_server.start()
        with own_server.client(use=tube) as client:
            client.put("after")
        with suppress(Error):
            await follow.poll()
        jobs.add(await drain(follow))
        rows = jobs.rows(None)
        assert [row.body and row.body.whole for row in rows] == [b"after"]

    acting(own_server.address, story)
