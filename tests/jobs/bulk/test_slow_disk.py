"""Files on a disk that does not answer: actions end with a word, and nothing is lost."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.jobs import lines_file
from beantop.jobs.bulk import delete as delete_module
from beantop.jobs.bulk import put as put_module
from beantop.jobs.bulk import put_back as put_back_module
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.finish import Finishing
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.put_back import PutBack
from beantop.jobs.connection import ActingConnection
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd, wait_until
from tests.jobs.acting import acting, jobs_in
from tests.jobs.bulk.running import do, jobs_of

LATE = "it did not answer within 0.5 s"


class Disk:
    """Answers only while it is not stuck."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._answers = threading.Event()
        self._answers.set()
        self._patch = monkeypatch

    def sticks_at(self, text: str) -> None:
        """Get stuck when a text with this in it is written."""
        write = lines_file._write_all

        def stuck(descriptor: int, data: bytes) -> None:
            if text.encode() in data:
                self._answers.wait()
            write(descriptor, data)

        self._answers.clear()
        self._patch.setattr(lines_file, "_write_all", stuck)

    def goes_on(self) -> None:
        """Carry out all that was asked for."""
        self._answers.set()
        wait_until(
            lambda: all(thread.name != "file" for thread in threading.enumerate()),
            "all threads end",
        )


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    for module in (delete_module, put_module, put_back_module):
        monkeypatch.setattr(module, "SAVING", 0.5)
    for module in (delete_module, put_module, put_back_module):
        monkeypatch.setattr(module, "PATIENCE", 0.5)
    disk = Disk(monkeypatch)
    yield disk
    disk.goes_on()


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


@pytest.mark.long
def test_nothing_is_deleted_before_it_is_saved(
    server: Beanstalkd, tube: str, trash: Trash, disk: Disk
) -> None:
    with server.client(use=tube) as client:
        client.put("here")
        jobs = [*jobs_of(server, tube).values()]
        file = trash.begin("queue", "a job")
        disk.sticks_at('"body":')
        tally = do(server, Delete(file), jobs)
        assert tally.ended.endswith(f"that failed: {LATE}")
        assert jobs_in(client, tube) == {"ready": 1}


@pytest.mark.long
def test_a_deletion_ends_when_its_outcome_cannot_be_noted(
    server: Beanstalkd, tube: str, trash: Trash, disk: Disk
) -> None:
    with server.client(use=tube) as client:
        client.put("gone")
        jobs = [*jobs_of(server, tube).values()]
        disk.sticks_at('"deleted"')
        tally = do(server, Delete(trash.begin("queue", "a job")), jobs)
        assert (tally.done, tally.ended) == (1, f"deletion-0000000001.jsonl: {LATE}")
    disk.goes_on()
    deletion = trash.last("queue").deletion
    assert deletion
    assert deletion.deleted == {jobs[0].id}


@pytest.mark.long
def test_jobs_stay_parked_while_nobody_knows_whether_it_was_noted_that_they_are_back(
    server: Beanstalkd, tube: str, trash: Trash, tmp_path: Path, disk: Disk
) -> None:
    async def finish(connection: ActingConnection) -> None:
        for action in parking.all_cut_off():
            await Finishing(action, parking, trash, connection).finish()

    name, parking = format_address(server.address), Parking(tmp_path / "parking")
    with server.client(use=tube) as client:
        client.put("back")
        do(server, Delete(trash.begin(name, "a job")), [*jobs_of(server, tube).values()])
        deletion = trash.last(name).deletion
        assert deletion
        record = parking.begin(name, "put back", "a job", trash=deletion.path)
        act = PutBack(deletion, trash.open(deletion), record=record)
        disk.sticks_at('"put back", "ids"')
        tally = do(server, act, deletion.restorable)
        assert tally.of(Outcome.PARKED) == 1
        assert tally.ended == f"{deletion.path.name}: {LATE}"
        assert jobs_in(client, tube) == {"delayed": 1}
        disk.goes_on()
        acting(server.address, finish)
        assert jobs_in(client, tube) == {"ready": 1}
        assert trash.last(name).deletion is None


def test_nothing_is_moved_before_that_is_noted(
    server: Beanstalkd, tube: str, tmp_path: Path, disk: Disk
) -> None:
    with server.client(use=tube) as client:
        client.put("here")
        jobs = [*jobs_of(server, tube).values()]
        record = Parking(tmp_path / "parking").begin("queue", "move", "a job")
        disk.sticks_at('"batch"')
        tally = do(server, Move(to_tube(f"{tube}-b"), record=record), jobs)
        assert tally.ended == f"the recovery record cannot be written: {LATE}"
        assert jobs_in(client, tube) == {"ready": 1}
