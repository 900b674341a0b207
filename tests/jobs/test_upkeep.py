"""A list of found jobs stays true without walking all ids again, on a real server."""

import itertools
import random
from contextlib import suppress
from pathlib import Path

import pytest

from beantop.beanstalk import Client, Error, NotFoundError
from beantop.jobs.connection import ActingConnection
from beantop.jobs.listing import JobList
from beantop.jobs.upkeep import MIN_COMMANDS
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting


def listed(jobs: JobList) -> dict[int, str | None]:
    """The state of each job in the list."""
    return {id: job.state for id, job in jobs.scan.found.items()}


def truth(client: Client[str], ids: list[int], tube: str) -> dict[int, str | None]:
    """The state of each of these jobs that there is in the tube."""
    return {
        id: stats["state"]
        for id in ids
        if (stats := _stats(client, id)) is not None and stats["tube"] == tube
    }


def _stats(client: Client[str], id: int) -> dict[str, str] | None:
    try:
        return client.stats_job(id)  # type: ignore[return-value]
    except NotFoundError:
        return None


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_whatever_workers_and_producers_do_the_next_poll_tells(
    own_server: Beanstalkd, seed: int
) -> None:
    chance = random.Random(seed)
    ids: list[int] = []

    def work(client: Client[str]) -> None:
        """Do a few things at random, as producers and workers of two tubes do."""
        for _ in range(chance.randrange(1, 12)):
            what = chance.random()
            if what < 0.5 or not ids:
                client.use(chance.choice(["ours", "other"]))
                ids.append(client.put("x", delay=chance.choice([0, 100])))
            else:
                _change(client, chance, chance.choice(ids))

    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, "ours")
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        for _ in range(25):
            work(client)
            jobs.take(await jobs.peek([], None))
            assert listed(jobs) == truth(client, ids, "ours")

    with own_server.client(watch="ours") as client:
        work(client)
        acting(own_server.address, story)


def _change(client: Client[str], chance: random.Random, id: int) -> None:
    stats = _stats(client, id)
    if stats is None:
        return
    if chance.random() < 0.5:
        if stats["state"] != "reserved":
            client.delete(id)
    elif stats["state"] == "ready":
        client.reserve_job(id)
    elif stats["state"] == "reserved":
        client.bury(client.peek(id))
    else:
        client.kick_job(id)


@pytest.mark.long
def test_jobs_out_of_sight_are_polled_in_turn(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        for id in ids:
            client.delete(id)
        left = []
        for _ in range(30):
            left.append(len(jobs.scan.found))
            jobs.take(await jobs.peek([], MIN_COMMANDS))
        steps = [before - after for before, after in itertools.pairwise(left)]
        assert all(step <= MIN_COMMANDS for step in steps)
        assert left[-1] == 0

    with server.client(use=tube) as client:
        ids = [client.put("x") for _ in range(600)]
        acting(server.address, story)


@pytest.mark.long
@pytest.mark.parametrize("earlier", [0, 600])
def test_with_more_new_jobs_than_can_be_asked_for_some_are_skipped_and_counted(
    own_server: Beanstalkd, tube: str, earlier: int
) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        jobs.take(await jobs.peek([], MIN_COMMANDS))
        with own_server.client(use=tube) as client:
            ids = {client.put("x") for _ in range(30 * MIN_COMMANDS)}
        for _ in range(3):
            jobs.take(await jobs.peek([], MIN_COMMANDS))
        assert max(ids) in jobs.scan.found
        assert 0 < len(ids - jobs.scan.found.keys()) <= jobs.skipped

    with own_server.client() as client:
        for _ in range(earlier):
            client.delete(client.put("x"))
    acting(own_server.address, story)


@pytest.mark.long
def test_new_jobs_are_found_though_ids_are_higher_than_the_count_tells(
    tmp_path: Path, tube: str
) -> None:
    server = Beanstalkd("-b", str(tmp_path))
    with server.client(use=tube) as client:
        for _ in range(300):
            client.delete(client.put("x"))
    server.stop()
    server.start()

    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        for _ in range(3):
            jobs.take(await jobs.peek([], None))
            with server.client(use=tube) as client:
                ids.update(client.put("y") for _ in range(5))
        jobs.take(await jobs.peek([], None))
        assert jobs.scan.found.keys() == ids

    ids: set[int] = set()
    acting(server.address, story)
    server.stop()
    assert min(ids) > len(ids)


def test_a_job_whose_body_is_still_arriving_is_not_listed(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        with own_server.raw() as slow:
            slow.sendall(b"use %b\r\n" % tube.encode())
            assert slow.recv(100).startswith(b"USING")
            slow.sendall(b"put 0 0 60 10\r\nslow ")
            for _ in range(2):
                jobs.take(await jobs.peek(jobs.scan.found, None))
                assert jobs.scan.found.keys() == {1}
            slow.sendall(b"again\r\n")
            assert slow.recv(100) == b"INSERTED 2\r\n"
            jobs.take(await jobs.peek(jobs.scan.found, None))
            assert jobs.scan.found.keys() == {1, 2}

    with own_server.client(use=tube) as client:
        client.put("x")
        acting(own_server.address, story)


@pytest.mark.long
def test_a_restart_of_the_server_loses_no_new_job(own_server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        jobs.take(await jobs.peek([], None))
        own_server.stop()
        own_server.start()
        with own_server.client(use=tube) as client:
            id = client.put("y")
        with suppress(Error):  # of the connection that was lost
            await jobs.peek([], None)
        jobs.take(await jobs.peek([], None))
        await jobs.prepare_scan().run()
        with own_server.client(use=tube) as client:
            other = client.put("z")
        jobs.take(await jobs.peek([], None))
        assert jobs.scan.found.keys() == {id, other}

    with own_server.client(use=tube) as client:
        client.put("x")
        client.put("x")
    acting(own_server.address, story)
