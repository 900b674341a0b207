"""A job that has the number of another one, which was seen before, is left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from beantop.jobs.body import kept
from beantop.jobs.bulk.checks import SameBody
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Copy, Move, to_tube
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.simple import Bury, Kick, Reprioritize
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobList, Restarts
from beantop.jobs.peek import peek_job, peek_job_again
from beantop.jobs.scan import Scan
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, jobs_in
from tests.jobs.bulk.running import became, do, jobs_of

ACTS: list[Callable[[], Act[JobInfo]]] = [
    lambda: Delete(None),
    Kick,
    Bury,
    lambda: Reprioritize(7),
    lambda: Move(to_tube("elsewhere")),
    lambda: Copy(to_tube("elsewhere")),
]


@pytest.fixture(autouse=True)
def _ages_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters of two jobs that were put within two seconds."""
    monkeypatch.setattr("beantop.jobs.job_info.AGE_TOLERANCE", 1e9)


def put(server: Beanstalkd, body: str) -> None:
    with server.client(use="mine") as client:
        client.put(body, delay=1000)


@pytest.mark.parametrize("make", ACTS)
def test_after_a_restart_without_a_binlog_no_number_is_trusted(
    own_server: Beanstalkd, make: Callable[[], Act[JobInfo]]
) -> None:
    async def story(connection: ActingConnection) -> Tally:
        scan = Scan(connection, "mine")
        await scan.run()
        own_server.stop()
        own_server.start()
        put(own_server, "another one")
        return await Bulk(connection, make(), list(scan.found.values())).run()

    put(own_server, "the one that was seen")
    tally = acting(own_server.address, story)
    if tally.ended:  # the loss was noticed by this: nothing was sent
        assert tally.left == 1
    else:
        assert tally.others == became(Outcome.RESTARTED)
    with own_server.client() as client:
        assert client.tubes() == ["default", "mine"]
        assert jobs_in(client, "mine") == {"delayed": 1}


def test_after_a_restart_with_a_binlog_numbers_are_trusted(tmp_path: Path) -> None:
    server = Beanstalkd("-b", str(tmp_path))

    async def story(connection: ActingConnection) -> Tally:
        scan = Scan(connection, "mine")
        await scan.run()
        server.stop()
        server.start()
        connection.close()
        return await Bulk(connection, Kick(), list(scan.found.values())).run()

    try:
        put(server, "the one that was seen")
        assert acting(server.address, story).done == 1
    finally:
        server.stop()


def test_a_job_that_is_looked_at_is_gone_after_a_restart_without_a_binlog(
    own_server: Beanstalkd,
) -> None:
    async def story(connection: ActingConnection) -> None:
        seen = await peek_job(connection, 1)
        assert seen
        own_server.stop()
        own_server.start()
        put(own_server, "another one")
        connection.close()
        assert await peek_job_again(connection, seen) is None

    put(own_server, "the one that was seen")
    acting(own_server.address, story)


def test_a_list_forgets_the_jobs_that_a_restart_took(own_server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, "mine")
        screens = [Restarts(jobs), Restarts(jobs)]
        jobs.take(await jobs.peek([]))
        await jobs.prepare_scan().run()
        assert len(jobs.rows(None)) == 3
        own_server.stop()
        own_server.start()
        put(own_server, "another one")
        connection.close()
        jobs.take(await jobs.peek([2]))
        assert [row.job.id for row in jobs.rows(None)] == [1]
        assert jobs.restarts == 1
        for screen in screens:  # each screen with this list learns it, once
            assert screen.noticed()
            assert not screen.noticed()
        assert not Restarts(jobs).noticed()

    for number in range(3):
        put(own_server, f"body {number}")
    acting(own_server.address, story)


@pytest.mark.parametrize("make", ACTS)
def test_a_job_with_another_body_than_the_one_that_was_seen_is_left_alone(
    server: Beanstalkd, tube: str, make: Callable[[], Act[JobInfo]]
) -> None:
    with server.client(use=tube) as client:
        ids = [client.put(body, delay=1000) for body in ("as it was", "another one", "unseen")]
        bodies = {ids[0]: kept(b"as it was"), ids[1]: kept(b"was here before")}
        tally = do(server, SameBody(make(), bodies), [*jobs_of(server, tube).values()])
        assert (tally.done, tally.others) == (2, became(Outcome.OTHER_BODY))
        job = client.stats_job(ids[1])
    assert (job["state"], job["pri"]) == ("delayed", 65536)


def test_bodies_that_are_too_large_to_be_looked_at_together_are_all_looked_at(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.body_batches.MAX_BYTES", 100)
    with server.client(use=tube) as client:
        ids = [client.put("x" * 90, delay=1000) for _ in range(40)]
        bodies = {id: kept(b"x" * 90) for id in ids} | {ids[30]: kept(b"y" * 90)}
        tally = do(server, SameBody(Kick(), bodies), [*jobs_of(server, tube).values()])
        assert (tally.done, tally.others) == (39, became(Outcome.OTHER_BODY))
        assert client.stats_job(ids[30])["state"] == "delayed"
