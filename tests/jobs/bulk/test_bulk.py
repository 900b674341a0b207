"""Each action on each state, on a real server."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Copy, Move, to_tube
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.put_back import Import, PutBack
from beantop.jobs.bulk.runner import BATCH, Bulk
from beantop.jobs.bulk.simple import Bury, Kick, Reprioritize
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, jobs_in
from tests.jobs.bulk.running import became, delete_saved, do, jobs_of, one_of_each
from tests.jobs.full_disk import little_room


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


def test_delete_takes_all_but_what_a_worker_holds(
    server: Beanstalkd, tube: str, trash: Trash
) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = one_of_each(client)
        tally = delete_saved(server, trash, [*jobs_of(server, tube).values()])
        assert tally == Tally(4, done=3, others=became(Outcome.HELD))
        assert jobs_in(client, tube) == {"reserved": 1}
    deletion = trash.last("queue").deletion
    assert deletion is not None
    assert set(deletion.restorable) == {*ids.values()} - {ids["reserved"]}
    assert not deletion.unsure


def test_what_was_deleted_is_put_back_as_it_was(
    server: Beanstalkd, tube: str, trash: Trash
) -> None:
    with server.client(use=tube, watch=tube) as client:
        one_of_each(client)
        before = {job.state: job for job in jobs_of(server, tube).values()}
        delete_saved(server, trash, [*jobs_of(server, tube).values()])
        deletion = trash.last("queue").deletion
        assert deletion is not None
        tally = do(server, PutBack(deletion, trash.open(deletion)), deletion.restorable)
        assert tally.sentence(PutBack.done, "job") == "Put back 3 jobs."
        after = {job.state: job for job in jobs_of(server, tube).values()}
        assert after.keys() == before.keys()
        for state, job in after.items():
            assert (job.priority, job.ttr) == (before[state].priority, before[state].ttr)
        assert 990 < (after["delayed"].time_left or 0) <= 1000
        assert client.peek(after["buried"].id).body == "buried body"
        assert {after[job.state].id for job in before.values() if job.state != "reserved"} == {
            *tally.new_ids.values()
        }
        assert trash.last("queue").deletion is None


def test_a_buried_job_is_put_back_without_a_worker_seeing_it(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as worker:
        saved = [SavedJob(tube, f"{n}".encode(), n, "buried", 5) for n in range(1, 4)]
        assert do(server, Import(), saved).done == 3
        assert jobs_in(worker, tube) == {"buried": 3}
        assert all(worker.stats_job(id)["releases"] == 0 for id in jobs_of(server, tube))
        assert all(worker.stats_job(id)["kicks"] == 0 for id in jobs_of(server, tube))


def test_kick_takes_buried_and_delayed_ones_by_their_ids(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        one_of_each(client)
        client.put("", delay=1000)
        jobs = jobs_of(server, tube)
        tally = do(server, Kick(), [job for job in jobs.values() if job.state != "buried"])
        assert tally.done == 2
        assert tally.parts == ["1 is reserved by a worker", "1 is already ready"]
        assert jobs_in(client, tube) == {"ready": 3, "reserved": 1, "buried": 1}


def test_bury_keeps_id_and_priority(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = one_of_each(client)
        tally = do(server, Bury(), [*jobs_of(server, tube).values()])
        assert tally.parts == ["1 is reserved by a worker", "1 is already buried"]
        assert jobs_in(client, tube) == {"reserved": 1, "buried": 3}
        assert client.stats_job(ids["delayed"])["pri"] == 8


def test_another_priority_leaves_the_states_alone(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = one_of_each(client)
        assert do(server, Reprioritize(5), [*jobs_of(server, tube).values()]).done == 3
        assert jobs_in(client, tube) == {"ready": 1, "reserved": 1, "delayed": 1, "buried": 1}
        assert {client.stats_job(id)["pri"] for id in ids.values()} == {5, 65536}
        assert 990 < client.stats_job(ids["delayed"])["time-left"] <= 1000


def test_another_delay_is_for_all_but_buried_ones(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = one_of_each(client)
        tally = do(server, Reprioritize(delay=50), [*jobs_of(server, tube).values()])
        assert tally.done == 2
        assert tally.parts[1] == "1 is buried: kick first, then delay"
        assert client.stats_job(ids["ready"])["time-left"] in (49, 50)
        assert client.stats_job(ids["ready"])["pri"] == 7


@pytest.mark.parametrize("elsewhere", [False, True])
def test_move_keeps_state_priority_ttr_and_delay(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, elsewhere: bool
) -> None:
    goal = own_server if elsewhere else server
    there = ActingConnection(own_server.address) if elsewhere else None
    with server.client(use=tube, watch=tube) as client, goal.client() as other:
        ids = one_of_each(client)
        tally = do(server, Move(to_tube(f"{tube}-b"), there), [*jobs_of(server, tube).values()])
        assert tally.sentence(Move.done, "job") == "Moved 3 of 4 jobs: 1 is reserved by a worker."
        assert jobs_in(client, tube) == {"reserved": 1}
        assert jobs_in(other, f"{tube}-b") == {"ready": 1, "delayed": 1, "buried": 1}
        new = tally.new_ids
        ready, delayed = new[ids["ready"]], new[ids["delayed"]]
        assert other.peek(delayed).body == "delayed body"
        assert other.stats_job(ready)["pri"] == 7
        assert other.stats_job(ready)["ttr"] == 77
        assert other.stats_job(delayed)["pri"] == 8
        assert 990 < other.stats_job(delayed)["time-left"] <= 1000


def test_copy_leaves_the_source_alone_and_copies_reserved_ones_as_ready(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube, watch=tube) as client:
        one_of_each(client)
        assert do(server, Copy(to_tube(f"{tube}-b")), [*jobs_of(server, tube).values()]).done == 4
        assert jobs_in(client, tube) == {"ready": 1, "reserved": 1, "delayed": 1, "buried": 1}
        assert jobs_in(client, f"{tube}-b") == {"ready": 2, "delayed": 1, "buried": 1}


def test_a_move_into_a_server_that_takes_no_jobs_changes_nothing(
    server: Beanstalkd, own_server: Beanstalkd, tube: str
) -> None:
    own_server.drain()
    with server.client(use=tube, watch=tube) as client:
        one_of_each(client)
        move = Move(to_tube(tube), ActingConnection(own_server.address))
        tally = do(server, move, [*jobs_of(server, tube).values()])
        assert tally.done == 0
        assert "drain" in tally.parts[1]
        assert jobs_in(client, tube) == {"ready": 1, "reserved": 1, "delayed": 1, "buried": 1}


def test_a_name_that_no_tube_can_have_changes_nothing(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        one_of_each(client)
        tally = do(server, Move(to_tube("no such name")), [*jobs_of(server, tube).values()])
        assert tally.done == 0
        assert "no such name" in tally.ended
        assert jobs_in(client, tube) == {"ready": 1, "reserved": 1, "delayed": 1, "buried": 1}


def test_only_what_still_is_what_it_was_is_touched(
    server: Beanstalkd, tube: str, trash: Trash
) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = one_of_each(client)
        gone, taken = client.put("gone"), client.put("taken")
        seen = [*jobs_of(server, tube).values()]
        client.delete(gone)
        client.kick_job(ids["buried"])
        client.reserve_job(taken)
        tally = delete_saved(server, trash, seen)
        assert tally.done == 2
        assert tally.parts == [
            "1 was already gone",
            "2 are reserved by a worker",
            "1 is now ready",
        ]
        assert jobs_in(client, tube) == {"ready": 1, "reserved": 2}


def test_after_a_restart_a_job_with_the_same_id_is_another_one(
    own_server: Beanstalkd, trash: Trash
) -> None:
    with own_server.client() as client:
        client.put("before")
        seen = [job._replace(age=100) for job in jobs_of(own_server, "default").values()]
        tally = delete_saved(own_server, trash, seen)
        assert tally.parts == ["1 was replaced (same id, different job)"]
        assert jobs_in(client, "default") == {"ready": 1}


def test_what_cannot_be_saved_is_not_deleted(server: Beanstalkd, tube: str, trash: Trash) -> None:
    with server.client(use=tube) as client:
        client.put("a body that does not fit any more")
        jobs = [*jobs_of(server, tube).values()]
        file = trash.begin("queue", "jobs")
        with little_room(os.stat(file.path).st_size + 20):
            tally = do(server, Delete(file), jobs)
        assert (
            tally.ended == "jobs are saved before they are deleted, and that failed: file too large"
        )
        assert tally.left == 1
        assert jobs_in(client, tube) == {"ready": 1}


@pytest.mark.parametrize("gone", ["the file", "its directory", "replaced"])
def test_what_nobody_would_find_on_the_disk_is_not_deleted(
    server: Beanstalkd, tube: str, trash: Trash, gone: str
) -> None:
    def remove(tally: Tally) -> None:
        if gone == "its directory":
            shutil.rmtree(trash.directory, ignore_errors=True)
        else:
            file.path.unlink(missing_ok=True)
        if gone == "replaced":
            file.path.write_text("another file")

    with server.client(use=tube) as client:
        for _ in range(BATCH + 10):
            client.put("")
        jobs = [*jobs_of(server, tube).values()]
        file = trash.begin("queue", "jobs")
        act = Delete(file)
        tally = do(server, act, jobs, remove)
        assert (tally.done, tally.left) == (BATCH, 10)
        assert tally.ended.endswith(
            "that failed: deletion-0000000001.jsonl was removed or replaced"
        )
        assert not act.is_saved
        assert jobs_in(client, tube) == {"ready": 10}


def test_stop_ends_after_the_batch(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        for _ in range(1000):
            client.put("", delay=1000)
        jobs = [*jobs_of(server, tube).values()]

        async def run(connection: ActingConnection) -> Tally:
            bulk = Bulk(connection, Kick(), jobs)
            return await bulk.run(bulk.stop)

        tally = acting(server.address, run)
        assert (tally.done, tally.left, tally.ended) == (BATCH, 1000 - BATCH, "stopped")
        assert jobs_in(client, tube) == {"ready": BATCH, "delayed": 1000 - BATCH}


def test_stop_while_it_waits_for_its_turn_does_nothing_at_all(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("", delay=1000)
        jobs = [*jobs_of(server, tube).values()]

        async def run(connection: ActingConnection) -> Tally:
            bulk = Bulk(connection, Kick(), jobs)
            async with connection.turn():
                running = asyncio.create_task(bulk.run())
                await asyncio.sleep(0)  # it waits
                bulk.stop()
            return await running

        assert acting(server.address, run) == Tally(1, ended="stopped")
        assert jobs_in(client, tube) == {"delayed": 1}


@pytest.mark.long
def test_to_say_that_it_was_stopped_it_does_not_connect(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("")
        jobs = [*jobs_of(server, tube).values()]

        async def run(connection: ActingConnection) -> Tally:
            bulk = Bulk(connection, Kick(), jobs)
            bulk.stop()
            tally = await bulk.run()
            assert not connection.is_open
            return tally

        assert acting(server.address, run) == Tally(1, ended="stopped")
