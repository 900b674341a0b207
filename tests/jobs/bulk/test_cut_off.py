"""An action is cut off at every exchange with the server, and finished later."""

from collections import Counter
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.finish import Finished, Finishing, SourcesUnknown
from beantop.jobs.bulk.leftovers import Leftovers
from beantop.jobs.bulk.move import Copy, Move, to_tube
from beantop.jobs.bulk.put_back import Import, PutBack
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import OUT_OF_REACH, JobInfo
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob
from beantop.jobs.scan import Scan
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting
from tests.jobs.bulk.dying import DyingConnection, Life, cut_off, lives
from tests.jobs.bulk.running import do

STATES = ("ready", "delayed", "buried")

LATEST = 200
"""More ids than are used before all jobs are deleted again."""

WANTED = Counter({f"{state} {number}": 1 for state in STATES for number in (1, 2)})


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


@pytest.fixture
def parking(tmp_path: Path) -> Parking:
    return Parking(tmp_path / "parking")


def fill(server: Beanstalkd, tube: str) -> list[JobInfo]:
    jobs = [
        SavedJob(tube, body.encode(), 0, body.split()[0], 5, 900 * body.startswith("delayed"))  # type: ignore[arg-type]  # one of STATES
        for body in WANTED
    ]
    assert do(server, Import(), jobs).done == len(jobs)
    return [*latest(server, tube).values()]


def latest(server: Beanstalkd, tube: str) -> dict[int, JobInfo]:
    """The jobs of a tube, none of which is old. A scan would take longer."""

    async def story(connection: ActingConnection) -> dict[int, JobInfo]:
        scan = Scan(connection, tube)
        highest = await scan.find_ceiling()
        await scan.poll_jobs(range(max(1, highest - LATEST), highest))
        return scan.found

    return acting(server.address, story)


def name_of(server: Beanstalkd) -> str:
    return format_address(server.address)


def finish(server: Beanstalkd, parking: Parking, trash: Trash | None) -> list[Finished]:
    """Finish everything that was cut off, and return the results."""

    async def story(connection: ActingConnection) -> list[Finished]:
        actions = parking.cut_off(name_of(server))
        return [await Finishing(action, parking, trash, connection).finish() for action in actions]

    return acting(server.address, story)


def look(server: Beanstalkd, parking: Parking, trash: Trash | None = None) -> Leftovers:
    """Leftovers of the only action that was cut off."""

    async def story(connection: ActingConnection) -> Leftovers:
        (action,) = parking.cut_off(name_of(server))
        return await Finishing(action, parking, trash, connection).examine()

    return acting(server.address, story)


def bodies(server: Beanstalkd, *tubes: str) -> Counter[str]:
    """The bodies of all jobs there, none of which is in another state than its body says."""
    found: Counter[str] = Counter()
    with server.client() as client:
        for tube in tubes:
            for id, job in latest(server, tube).items():
                body = client.peek(id).body
                assert job.standing == body.split()[0], f"{body} is {job.standing}"
                found[body] += 1
                client.delete(id)
    return found


def parked_in(server: Beanstalkd, *tubes: str) -> int:
    return sum(job.is_parked for tube in tubes for job in latest(server, tube).values())


@pytest.mark.long
def test_putting_back_goes_on_wherever_it_was_cut_off(
    server: Beanstalkd, tube: str, trash: Trash, parking: Parking
) -> None:
    name, cuts = name_of(server), 0
    for life in lives():
        do(server, Delete(trash.begin(name, "jobs")), fill(server, tube))
        for times in range(3):
            deletion = trash.last(name).deletion
            if deletion is None:
                break
            record = parking.begin(name, "put back", "jobs", trash=deletion.path)
            act = PutBack(deletion, trash.open(deletion), record=record)
            if times == 0:
                cut_off(server, life, act, deletion.restorable)
            else:
                do(server, act, deletion.restorable)
            finish(server, parking, trash)
            assert parking.cut_off(name) == []
        cuts += life.ended
        assert trash.last(name).deletion is None
        assert bodies(server, tube) == WANTED
    assert cuts > 10


@pytest.mark.long
def test_what_two_deletions_saved_is_put_back_once_wherever_the_first_was_cut_off(
    server: Beanstalkd, tube: str, trash: Trash
) -> None:
    name, cuts = name_of(server), 0
    for life in lives():
        cut_off(server, life, Delete(trash.begin(name, "all")), fill(server, tube))
        do(server, Delete(trash.begin(name, "the rest")), [*latest(server, tube).values()])
        while deletion := trash.last(name).deletion:
            do(server, PutBack(deletion, trash.open(deletion)), deletion.restorable)
        cuts += life.ended
        assert bodies(server, tube) == WANTED
    assert cuts > 5


@pytest.mark.long
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_move_is_finished_or_undone_wherever_it_was_cut_off(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, parking: Parking, elsewhere: bool
) -> None:
    goal, cuts = own_server if elsewhere else server, 0
    for life in lives():
        jobs = fill(server, tube)
        record = parking.begin(name_of(goal), "move", "jobs", source=name_of(server))
        there = DyingConnection(goal.address, life) if elsewhere else None
        cut_off(server, life, Move(to_tube(f"{tube}-b"), there, record), jobs)
        finish(goal, parking, None)
        assert parking.cut_off(name_of(goal)) == []
        assert bodies(server, tube) + bodies(goal, f"{tube}-b") == WANTED
        cuts += life.ended
    assert cuts > 10


@pytest.mark.long
def test_no_job_is_lost_if_its_source_cannot_be_asked_wherever_a_move_was_cut_off(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(connection: ActingConnection) -> None:
        for action in parking.cut_off(name_of(own_server)):
            finishing = Finishing(action, parking, None, connection)
            if finishing.needs_sources:
                with pytest.raises(SourcesUnknown, match=r"127\.0\.0\.1:1: connection refused"):
                    await finishing.examine()
                assert not (await finishing.examine(without_sources=True)).undo
            await finishing.finish(without_sources=True)

    for life in lives():
        jobs = fill(server, tube)
        record = parking.begin(name_of(own_server), "move", "jobs", source="127.0.0.1:1")
        there = DyingConnection(own_server.address, life)
        cut_off(server, life, Move(to_tube(tube), there, record), jobs)
        copies = len(latest(own_server, tube))
        acting(own_server.address, story)
        assert parking.cut_off(name_of(own_server)) == []
        moved = bodies(own_server, tube)
        assert moved.total() == copies
        assert set(moved + bodies(server, tube)) == set(WANTED)


@pytest.mark.long
def test_what_is_parked_by_an_import_or_a_copy_is_buried(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    name, cuts = name_of(server), 0
    for life in lives():
        jobs = fill(server, tube)
        record = parking.begin(name, "put", "copies")
        cut_off(server, life, Copy(to_tube(f"{tube}-b"), record=record), jobs)
        finish(server, parking, None)
        assert parking.cut_off(name) == []
        assert bodies(server, tube) == WANTED
        assert bodies(server, f"{tube}-b") <= WANTED
        cuts += life.ended
    assert cuts > 5


@pytest.mark.long
def test_what_is_parked_is_known_before_it_is_finished(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    seen = set()
    for life in lives():
        record = parking.begin(name_of(server), "move", "6 jobs", source=name_of(server))
        cut_off(server, life, Move(to_tube(f"{tube}-b"), record=record), fill(server, tube))
        parked = parked_in(server, f"{tube}-b")
        if parking.cut_off(name_of(server)):
            assert len(look(server, parking).parked) == parked
        else:
            assert not parked
        seen.add(parked)
        finish(server, parking, None)
        bodies(server, tube, f"{tube}-b")
    assert {0, 4} <= seen


def test_a_job_that_became_ready_on_its_way_to_be_buried_is_buried(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    job = SavedJob(tube, b"buried 1", 0, "buried", 5, OUT_OF_REACH)
    record = parking.begin(name_of(server), "put", "a job")
    record.note({0: job}, {0: job})
    with server.client(use=tube) as client:
        id = client.put("buried 1", priority=5, delay=OUT_OF_REACH)
        record.note_ids({0: id})
        record.close()
        with server.client() as killed:
            killed.reserve_job(id)
        assert [done.freed for done in finish(server, parking, None)] == [1]
    assert bodies(server, tube) == {"buried 1": 1}


def test_another_job_than_the_parked_one_is_left_alone(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    job = SavedJob(tube, b"buried 1", 0, "buried", 5, OUT_OF_REACH)
    for noted in (True, False):
        record = parking.begin(name_of(server), "put", "a job")
        record.note({0: job}, {0: job})
        with server.client(use=tube) as client:
            ids = [
                client.put("another body", priority=5, delay=OUT_OF_REACH),
                client.put("buried 1", priority=6, delay=OUT_OF_REACH),
                client.put("buried 1", priority=5, delay=1000),
            ]
            if noted:
                record.note_ids({0: ids[0]})
            record.close()
            (done,) = finish(server, parking, None)
            assert (done.freed, done.undone) == (0, 0)
            assert {client.stats_job(id)["state"] for id in ids} == {"delayed"}


@pytest.mark.long
def test_a_ready_source_that_a_worker_did_meanwhile_is_not_done_again(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    with server.client(use=tube) as client:
        source = client.put("ready 1", priority=5)
        (job,) = latest(server, tube).values()
        record = parking.begin(name_of(server), "move", "a job", source=name_of(server))
        life = Life(5, late=True)  # the copy was put, and nobody noted it
        cut_off(server, life, Move(to_tube(f"{tube}-b"), record=record), [job])
        assert parked_in(server, f"{tube}-b") == 1
        client.delete(source)  # as a worker does
    assert [done.undone for done in finish(server, parking, None)] == [1]
    assert not bodies(server, f"{tube}-b")
