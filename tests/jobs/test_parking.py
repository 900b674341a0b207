"""Records of parked jobs, also after damage to their files."""

import fcntl
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from beantop.jobs import parking as parking_module
from beantop.jobs.job_info import OUT_OF_REACH
from beantop.jobs.lines_file import Busy
from beantop.jobs.parking import CutOff, Parking, Record
from beantop.jobs.records import SavedJob
from tests.jobs.full_disk import little_room

JOBS = {
    place: SavedJob("a", b"a secret", 70 + place, "buried", 5, OUT_OF_REACH) for place in range(3)
}


@pytest.fixture
def parking(tmp_path: Path) -> Parking:
    return Parking(tmp_path / "beantop" / "parking")


def only(parking: Parking) -> CutOff:
    (action,) = parking.cut_off("queue")
    return action


def test_a_record_tells_what_was_about_to_be_put(parking: Parking, tmp_path: Path) -> None:
    deletion = tmp_path / "trash" / "deletion-0000000001.jsonl"
    record = parking.begin("queue", "move", "3 jobs of a", trash=deletion, source="elsewhere")
    record.note(JOBS, JOBS)
    record.note_ids({0: 101, 2: 103})
    record.note_deleted([2])
    record.close()
    action = only(parking)
    assert (action.act, action.what, action.source) == ("move", "3 jobs of a", "elsewhere")
    assert action.trash == deletion.name
    assert [entry.source for entry in action.entries] == [70, 71, 72]
    assert [entry.id for entry in action.entries] == [101, 0, 103]
    assert [entry.deleted for entry in action.entries] == [False, False, True]
    assert all(entry.is_parked and entry.state == "buried" for entry in action.entries)


def test_nobody_else_can_read_it_and_no_body_is_in_it(parking: Parking) -> None:
    parking.begin("queue", "put", "jobs").note(JOBS, JOBS)
    (path,) = parking.directory.iterdir()
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert "secret" not in path.read_text()


def test_nothing_is_written_as_long_as_nothing_is_parked(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note_ids({0: 1})
    record.settle()
    record.close()
    assert parking.cut_off("queue") == []
    assert parking.is_empty()
    assert not parking.directory.exists()


def test_a_record_goes_with_its_action(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    for _ in range(2):
        record.note(JOBS, JOBS)
        record.settle()
    (path,) = parking.directory.iterdir()
    assert len(path.read_text().splitlines()) == 1  # however many batches there were
    assert not parking.is_empty()
    record.close()
    assert not path.exists()
    assert parking.is_empty()


def test_what_is_left_of_an_earlier_batch_stays_when_a_later_one_is_done(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note({0: JOBS[0]}, JOBS)
    record.note_ids({0: 101})
    record.note({0: JOBS[1]}, JOBS)
    record.note_ids({0: 102})
    record.settle()
    record.close()
    assert [entry.id for entry in only(parking).entries] == [101]


def test_an_action_that_goes_on_is_not_cut_off(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note(JOBS, JOBS)
    assert parking.cut_off("queue") == []
    record.close()
    action = only(parking)
    with parking.take_over(action), pytest.raises(Busy):
        parking.take_over(action)
    parking.drop(action)
    assert parking.cut_off("queue") == []


def test_two_that_look_at_the_same_time_do_not_hide_a_record_from_each_other(
    parking: Parking,
) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note(JOBS, JOBS)
    record.close()
    (path,) = parking.directory.iterdir()
    with path.open("rb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert len(parking.cut_off("queue")) == 1


def test_a_line_that_was_not_written_whole_says_nothing(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note(JOBS, JOBS)
    record.note_ids({0: 101})
    record.close()
    (path,) = parking.directory.iterdir()
    os.truncate(path, path.stat().st_size - 4)
    assert [entry.id for entry in only(parking).entries] == [0, 0, 0]


def test_other_servers_and_other_files_are_passed_over(parking: Parking) -> None:
    record = parking.begin("another", "put", "jobs")
    record.note(JOBS, JOBS)
    record.close()
    (parking.directory / "mine.jsonl").write_text("mine\n{}\n[]\n")
    (parking.directory / "a directory.jsonl").mkdir()
    os.mkfifo(parking.directory / "a pipe.jsonl")
    assert parking.cut_off("queue") == []
    assert len(list(parking.directory.iterdir())) == 4


def test_a_record_of_nothing_goes_when_it_is_found(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note(JOBS, JOBS)
    record.settle()
    (path,) = parking.directory.iterdir()
    data = path.read_bytes()
    record.close()
    path.write_bytes(data)  # as if it had been killed just before its end
    assert parking.cut_off("queue") == []
    assert not path.exists()


def test_there_are_never_too_many_records(
    parking: Parking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking_module, "MAX_RECORDS", 3)
    for number in range(6):
        record = parking.begin("queue", "put", f"{number}")
        record.note(JOBS, JOBS)
        record.close()
    assert [action.what for action in parking.cut_off("queue")] == ["2", "3", "4", "5"]


def test_what_cannot_be_written_whole_is_not_written(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note(JOBS, JOBS)
    (path,) = parking.directory.iterdir()
    with little_room(path.stat().st_size + 10), pytest.raises(OSError, match="File too large"):
        record.note_ids({0: 101})
    record.close()
    assert [entry.id for entry in only(parking).entries] == [0, 0, 0]


@pytest.mark.parametrize("write", [lambda one: one.note(JOBS, JOBS), lambda one: one.note_ids({})])
def test_a_record_that_nobody_would_find_is_not_relied_on(
    parking: Parking, write: Callable[[Record], None]
) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note(JOBS, JOBS)
    shutil.rmtree(parking.directory)
    with pytest.raises(OSError, match="was removed or replaced"):
        write(record)
    record.close()


def test_an_entry_that_makes_no_sense_says_nothing(parking: Parking) -> None:
    record = parking.begin("queue", "put", "jobs")
    record.note(JOBS, JOBS)
    record.close()
    (path,) = parking.directory.iterdir()
    whole = path.read_text()
    for right, wrong in ((": 5,", ': "5",'), ('"buried"', '"lost"'), ('"tube"', '"tub"')):
        assert right in whole
        path.write_text(whole.replace(right, wrong))
        assert parking.cut_off("queue") == []
        path.write_text(whole)
