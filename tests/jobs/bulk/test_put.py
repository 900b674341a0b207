"""Putting jobs out of reach first, on servers that can do that and on others."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from beantop.beanstalk import Address
from beantop.jobs.bulk.move import Copy, Move, to_tube
from beantop.jobs.bulk.put_back import Import, PutBack
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.jobs.acting import acting
from tests.jobs.bulk.test_losses import seen, server_with, tally_at
from tests.jobs.full_disk import little_room
from tests.monitor.peer import HANG_UP, peer

PARKED = "put 5 4294967295 60 1"
UNKNOWN = b"UNKNOWN_COMMAND\r\n"


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


@pytest.fixture
def parking(tmp_path: Path) -> Parking:
    return Parking(tmp_path / "parking")


def knowing(state: str, but: Mapping[str, bytes | None] = {}) -> Callable[[str], bytes | None]:
    """A server with one job in that state that knows all commands, except for these answers."""
    usual = {
        "kick-job 0": b"NOT_FOUND\r\n",
        "reserve-job 0": b"NOT_FOUND\r\n",
        PARKED: b"INSERTED 2\r\n",
        "kick-job 2": b"KICKED\r\n",
        "reserve-job 2": b"RESERVED 2 1\r\nx\r\n",
        "bury 2 5": b"BURIED\r\n",
        "delete 1": b"DELETED\r\n",
    }
    said = {**usual, **but}
    return lambda line: said[line] if line in said else server_with(state)(line)


def put_back(address: Address, trash: Trash, parking: Parking) -> Tally:
    with trash.begin("queue", "a job") as file:
        file.save([SavedJob("b", b"x", 1, priority=5)])
        file.note("deleted", [1])
    deletion = trash.last("queue").deletion
    assert deletion
    record = parking.begin("queue", "put back", "a job", trash=deletion.path)
    act = PutBack(deletion, trash.open(deletion), record=record)
    return acting(address, lambda connection: Bulk(connection, act, [1]).run())


def test_a_ready_job_is_seen_only_when_it_was_noted(trash: Trash, parking: Parking) -> None:
    noted = []

    def answer(line: str) -> bytes | None:
        if line == "kick-job 2":
            (summary,) = trash.deletions()
            noted.append(summary.put_back)
        return knowing("ready")(line)

    with peer(answer) as other:
        assert put_back(other.address, trash, parking) == Tally(1, done=1)
    assert noted == [1]
    assert other.received.index(PARKED) < other.received.index("kick-job 2")


def test_where_a_parked_job_could_not_be_kicked_a_ready_one_is_not_parked(
    trash: Trash, parking: Parking
) -> None:
    with peer(knowing("ready", {"kick-job 0": UNKNOWN})) as other:
        assert put_back(other.address, trash, parking) == Tally(1, done=1)
    assert "put 5 0 60 1" in other.received
    assert PARKED not in other.received


def test_where_a_parked_job_could_not_be_buried_a_buried_one_is_not_moved() -> None:
    with peer(knowing("buried", {"reserve-job 0": UNKNOWN})) as other:
        tally = tally_at(other.address, Move(to_tube("b")), "buried")
    why = "was refused: this server does not know the command (beanstalkd 1.12 does)"
    assert tally.parts == [f"1 {why}"]
    assert not [line for line in other.received if line.startswith(("put", "delete"))]


def test_a_moved_job_that_cannot_be_buried_stays_parked_and_is_told(parking: Parking) -> None:
    record = parking.begin("queue", "move", "a job")
    with peer(knowing("buried", {"bury 2 5": b"OUT_OF_MEMORY\r\n"})) as other:
        tally = tally_at(other.address, Move(to_tube("b"), record=record), "buried")
    assert tally.sentence_of_one("Moved", "job 1") == "Job 1 is parked by beantop."
    (action,) = parking.cut_off("queue")
    assert [(entry.id, entry.deleted) for entry in action.entries] == [(2, True)]
    assert other.received[-1] == "release 2 5 4294967295"  # else a worker would get it


def test_nothing_is_put_that_cannot_be_written_down(trash: Trash, parking: Parking) -> None:
    with peer(knowing("ready")) as other, little_room(300):
        tally = put_back(other.address, trash, parking)
    assert tally == Tally(1, ended="the recovery record cannot be written: file too large")
    assert PARKED not in other.received
    deletion = trash.last("queue").deletion
    assert deletion
    assert deletion.restorable == [1]


OUT_OF_MEMORY: Mapping[str, bytes | None] = {
    PARKED: b"BURIED 2\r\n",
    "put 5 0 60 1": b"BURIED 2\r\n",
}
"""A server that accepts each job and buries it."""

PUTTING: list[tuple[str, Callable[[], Act[Any]], list[Any]]] = [
    ("ready", lambda: Move(to_tube("b")), [seen("ready")]),
    ("delayed", lambda: Move(to_tube("b")), [seen("delayed")]),
    ("buried", lambda: Move(to_tube("b")), [seen("buried")]),
    ("ready", lambda: Copy(to_tube("b")), [seen("ready")]),
    ("buried", lambda: Copy(to_tube("b")), [seen("buried")]),
    ("ready", Import, [SavedJob("b", b"x", priority=5)]),
]


@pytest.mark.parametrize(("state", "act", "jobs"), PUTTING)
def test_a_job_that_the_server_buries_as_it_is_put_is_deleted_again(
    state: str, act: Callable[[], Act[Any]], jobs: list[Any]
) -> None:
    with peer(knowing(state, OUT_OF_MEMORY)) as other:
        tally = acting(other.address, lambda connection: Bulk(connection, act(), jobs).run())
    why = "the server ran out of memory and buried the job; beantop deleted it"
    assert tally.sentence_of_one("Put", "job 1") == (
        f"Job 1 was refused (put): {why}. Nothing was changed."
    )
    assert other.received.count("delete 2") == 1
    assert "delete 1" not in other.received


@pytest.mark.parametrize(("state", "act", "jobs"), PUTTING)
@pytest.mark.parametrize("deleted", [b"NOT_FOUND\r\n", HANG_UP])
def test_a_job_that_the_server_buries_is_named_if_it_cannot_be_deleted_again(
    state: str, act: Callable[[], Act[Any]], jobs: list[Any], deleted: bytes | None
) -> None:
    with peer(knowing(state, {**OUT_OF_MEMORY, "delete 2": deleted})) as other:
        tally = acting(other.address, lambda connection: Bulk(connection, act(), jobs).run())
    assert tally.sentence_of_one("Put", "job 1").startswith(
        "Job 1 was put as job 2, buried by the server (out of memory); deleting that again failed."
    )
    assert "Nothing was changed" not in tally.sentence_of_one("Put", "job 1")
    assert (tally.done, tally.left) == (0, 0)
    assert "delete 1" not in other.received


def test_a_copy_that_stays_buried_is_noted_for_the_end_of_the_move(parking: Parking) -> None:
    record = parking.begin("queue", "move", "a job")
    with peer(knowing("ready", {**OUT_OF_MEMORY, "delete 2": b"NOT_FOUND\r\n"})) as other:
        tally_at(other.address, Move(to_tube("b"), record=record), "ready")
    (action,) = parking.cut_off("queue")
    assert [(entry.id, entry.deleted) for entry in action.entries] == [(2, False)]


def test_a_deleted_job_that_stays_buried_is_not_put_back_twice(
    trash: Trash, parking: Parking
) -> None:
    with peer(knowing("ready", {**OUT_OF_MEMORY, "delete 2": b"NOT_FOUND\r\n"})) as other:
        put_back(other.address, trash, parking)
    deletion = trash.last("queue").deletion
    assert deletion is None or not deletion.restorable
