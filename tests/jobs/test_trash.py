"""Deletions on the disk, also after damage to their files."""

import os
import stat
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from beantop.jobs.records import SavedJob
from beantop.jobs.trash.deletion import Deletion
from beantop.jobs.trash.deletion_file import Busy, DeletionFile
from beantop.jobs.trash.store import Last, Trash
from tests.beanstalkd import wait_until
from tests.jobs.full_disk import little_room

JOBS = [SavedJob("a", f"body {id}".encode(), id) for id in range(1, 6)]

REAL_GMTIME = time.gmtime


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


def only(trash: Trash) -> Deletion:
    (summary,) = trash.deletions()
    deletion = trash.read(summary)
    assert deletion
    return deletion


def test_a_deletion_is_told_as_it_went(trash: Trash) -> None:
    with trash.begin("queue:11300", "5 jobs of a") as file:
        file.save(JOBS)
        file.note("deleted", [1, 2])
        file.note("kept", [3])
    deletion = only(trash)
    assert (deletion.server, deletion.what) == ("queue:11300", "5 jobs of a")
    assert deletion.restorable == [1, 2, 4, 5]
    assert deletion.unsure == {4, 5}
    with trash.open(deletion) as file:
        assert file.jobs_at([deletion.places[4], deletion.places[1]]) == [JOBS[3], JOBS[0]]


def test_only_the_owner_may_read_it(trash: Trash) -> None:
    with trash.begin("queue", "nothing") as file:
        assert stat.S_IMODE(os.stat(file.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(trash.directory).st_mode) == 0o700


def test_what_was_put_back_is_not_put_back_again(trash: Trash) -> None:
    with trash.begin("queue", "jobs") as file:
        file.save(JOBS)
        file.note("deleted", [1, 2, 3, 4, 5])
    with trash.open(only(trash)) as file:
        file.note("putting back", [1, 2, 3], synced=True)
        file.note("not put back", [2])
        file.note_put_back({1: 101})
    deletion = only(trash)
    assert deletion.put_back == {1: 101}
    assert deletion.in_doubt == {3}
    assert deletion.restorable == [2, 4, 5]


def test_a_deletion_is_for_one_program_at_a_time(trash: Trash) -> None:
    with trash.begin("queue", "jobs"):
        deletion = only(trash)
        with pytest.raises(Busy, match="another beantop"):
            trash.open(deletion)
    trash.open(deletion).close()


def test_a_line_that_was_not_written_whole_is_passed_over(trash: Trash) -> None:
    with trash.begin("queue", "jobs") as file:
        file.save(JOBS)
        end = os.stat(file.path).st_size
        os.truncate(file.path, end - 4)
    deletion = only(trash)
    assert deletion.restorable == [1, 2, 3, 4]
    assert deletion.broken_lines == 1


NOT_DELETIONS = {
    "1.jsonl": b"\xff\n{}\n[]\n",
    "2.jsonl": b"[" * 100_000,
    "3.jsonl": b'{"kind": "deletion", "version": 2, "server": "queue"}\n',
}


def test_files_that_cannot_be_read_are_named(trash: Trash, tmp_path: Path) -> None:
    trash.directory.mkdir()
    for name, content in NOT_DELETIONS.items():
        (trash.directory / name).write_bytes(content)
    (trash.directory / "4.jsonl").mkdir()
    (trash.directory / "5.jsonl").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(trash.directory / "6.jsonl")
    whys = [
        "it is not a regular file",
        "too many levels of symbolic links",
        "is a directory",
        "a newer beantop wrote it",
        "it does not begin as a deletion does",
        "it does not begin as a deletion does",
    ]
    names = [f"{number}.jsonl" for number in range(6, 0, -1)]
    listed = [f"{name}: {why}" for name, why in zip(names, whys, strict=True)]
    assert [deletion.what for deletion in trash.deletions()] == listed
    assert trash.last("queue").deletion is None
    assert trash.last("queue").unreadable == [
        f"{trash.directory / name} cannot be read: {why}."
        for name, why in zip(names, whys, strict=True)
    ]


def test_a_deletion_that_had_only_begun_is_no_news(trash: Trash) -> None:
    path = trash.begin("queue", "jobs").path
    head = path.read_bytes()
    for length in range(len(head)):
        path.write_bytes(head[:length])
        assert (trash.last("queue"), trash.deletions()) == (Last(None, []), [])


def test_jobs_that_cannot_be_read_are_counted_until_the_next_deletion(trash: Trash) -> None:
    with trash.begin("queue", "older") as file:
        file.save(JOBS[:1])
    with trash.begin("queue", "later") as file:
        file.save(JOBS[1:])
        file.note("broken", [2, 3])
        file.note_put_back({4: 104, 5: 105})
    later = file.path
    later.write_bytes(later.read_bytes() + b"{}\n")
    with trash.begin("another", "elsewhere") as file:
        file.save(JOBS)
        file.note("broken", range(1, 6))
    last = trash.last("queue")
    assert last.deletion
    assert last.deletion.what == "older"
    assert last.unreadable == [f"2 jobs and 1 line of {later} cannot be read."]


def test_the_last_deletion_is_that_of_the_server_with_something_left(trash: Trash) -> None:
    for server, ids in (("one", [1]), ("two", [2]), ("one", [])):
        with trash.begin(server, "jobs") as file:
            file.save(JOBS[id - 1] for id in ids)
            file.note("deleted", ids)
    last = trash.last("one").deletion
    assert last is not None
    assert last.restorable == [1]


def test_what_cannot_be_written_whole_is_not_written(trash: Trash) -> None:
    with trash.begin("queue", "jobs") as file:
        file.save(JOBS[:1])
        end = os.stat(file.path).st_size
        with little_room(end + 30), pytest.raises(OSError, match="File too large"):
            file.save(JOBS[1:])
        assert os.stat(file.path).st_size == end
        file.note("deleted", [1])
    assert only(trash).restorable == [1]
    assert only(trash).broken_lines == 0


def test_old_deletions_and_too_many_are_dropped(tmp_path: Path) -> None:
    trash = Trash(tmp_path, most_bytes=1200)
    paths = []
    for _ in range(8):
        with trash.begin("queue", "jobs") as file:
            file.save(JOBS[:2])
            paths.append(file.path)
    kept = [path for path in paths if path.exists()]
    assert kept == paths[-len(kept) :]
    assert 2 <= len(kept) < 8
    for path in kept:
        os.utime(path, (0, 0))
    trash.begin("queue", "jobs").close()
    assert [path for path in kept if path.exists()] == paths[-1:]


def test_which_deletion_is_the_last_one_does_not_depend_on_the_clock(
    trash: Trash, monkeypatch: pytest.MonkeyPatch
) -> None:
    trash.directory.mkdir()
    earlier_version = trash.directory / "20990101T000000-17-000003.jsonl"
    with DeletionFile(earlier_version, new=True) as file:
        file.append(['{"kind":"deletion","server":"queue","what":"the oldest"}'], synced=True)
        file.save(JOBS[:1])
    for year, id in ((2026, 2), (2001, 3), (2025, 4)):
        seconds = (year - 1970) * 365.25 * 86_400
        monkeypatch.setattr(time, "time", lambda now=seconds: now)
        monkeypatch.setattr(time, "gmtime", lambda now=seconds: REAL_GMTIME(now))
        with trash.begin("queue", f"in {year}") as file:
            file.save([JOBS[id - 1]])
    whats = [deletion.what for deletion in trash.deletions()]
    assert whats == ["in 2025", "in 2001", "in 2026", "the oldest"]
    last = trash.last("queue").deletion
    assert last
    assert last.restorable == [4]


def test_what_was_deleted_while_the_clock_was_wrong_is_not_too_old(trash: Trash) -> None:
    paths = []
    for _ in range(3):
        with trash.begin("queue", "jobs") as file:
            paths.append(file.path)
    os.utime(paths[1], (0, 0))  # as a machine has it that begins in 1970
    trash.begin("queue", "jobs").close()
    assert all(path.exists() for path in paths)


def test_two_programs_do_not_give_two_deletions_the_same_number(
    trash: Trash, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Trash._paths

    def with_another_one(self: Trash) -> list[Path]:
        """Another deletion begins after this one looked."""
        monkeypatch.setattr(Trash, "_paths", paths)
        seen = paths(self)
        Trash(self.directory).begin("queue", "of another program").close()
        return seen

    trash.begin("queue", "first").close()
    monkeypatch.setattr(Trash, "_tidy", lambda self: None)
    monkeypatch.setattr(Trash, "_paths", with_another_one)
    trash.begin("queue", "last").close()
    whats = [deletion.what for deletion in trash.deletions()]
    assert whats == ["last", "of another program", "first"]


def test_a_job_that_was_saved_again_belongs_to_the_later_deletion(trash: Trash) -> None:
    with trash.begin("queue", "cut off") as file:
        file.save(JOBS)
        file.note("deleted", [1])
    with trash.begin("queue", "the rest") as file:
        file.save([JOBS[2], JOBS[3]._replace(body=b"another body"), JOBS[4]])
        file.note("deleted", [3, 4])
        file.note("gone", [5])  # perhaps by the first one, whose order was on its way
    first = trash.deletions()[-1]
    assert first.restorable == 4
    deletion = trash.read(first)
    assert deletion
    assert deletion.restorable == [1, 2, 4, 5]
    last = trash.last("queue").deletion
    assert last
    assert last.restorable == [3, 4]


def test_a_job_that_was_saved_again_is_not_put_back_a_second_time(trash: Trash) -> None:
    with trash.begin("queue", "cut off") as file:
        file.save(JOBS[:1])
    with trash.begin("queue", "the rest") as file:
        file.save(JOBS[:1])
        file.note("deleted", [1])
        file.note_put_back({1: 101})
    assert trash.last("queue").deletion is None


def test_a_job_that_was_deleted_for_sure_is_another_one_than_its_twin(trash: Trash) -> None:
    for _ in range(2):  # a server without a binlog was restarted in between
        with trash.begin("queue", "jobs") as file:
            file.save(JOBS[:1])
            file.note("deleted", [1])
    assert [deletion.restorable for deletion in trash.deletions()] == [1, 1]


def test_a_torn_line_does_not_swallow_the_note_after_it(trash: Trash) -> None:
    with trash.begin("queue", "jobs") as file:
        file.save(JOBS[:1])
        file.note("deleted", [1])
        whole = os.stat(file.path).st_size
        file.save(JOBS[1:2])
        os.truncate(file.path, whole + 20)  # killed while it was written
    with trash.open(only(trash)) as file:
        file.note("putting back", [1], synced=True)
    deletion = only(trash)
    assert deletion.in_doubt == {1}
    assert deletion.restorable == []
    assert deletion.broken_lines == 1


def test_a_deletion_that_goes_on_is_not_dropped_for_another(tmp_path: Path) -> None:
    trash = Trash(tmp_path / "trash", most_bytes=1)
    with trash.begin("queue", "the first") as first:
        first.save(JOBS)
        for _ in range(2):
            with trash.begin("queue", "another") as other:
                other.save(JOBS)
        assert first.path.exists()
    trash.begin("queue", "the last").close()
    assert not first.path.exists()


def test_a_time_that_is_no_number_of_seconds_is_no_time(trash: Trash) -> None:
    with trash.begin("queue", "jobs") as file:
        file.append(['{"kind": "deletion", "time": 1' + "0" * 400 + "}"], synced=False)
        file.append(['{"kind": "kept", "ids": [Infinity]}'], synced=False)
    assert only(trash).time == 0.0


def test_what_can_be_put_back_is_found_out_once(trash: Trash) -> None:
    with trash.begin("queue", "jobs") as file:
        file.save(JOBS)
    deletion = only(trash)
    assert deletion.restorable is deletion.restorable
    assert deletion.unsure is deletion.unsure


def test_the_list_of_deletions_has_their_numbers(trash: Trash) -> None:
    with trash.begin("queue", "5 jobs of a") as file:
        file.save(JOBS)
        file.note("deleted", [1, 2, 3])
        file.note("putting back", [1, 2], synced=True)
        file.note_put_back({1: 101})
    (summary,) = trash.deletions()
    assert (summary.server, summary.what) == ("queue", "5 jobs of a")
    assert (summary.restorable, summary.in_doubt, summary.put_back) == (3, 1, 1)


@pytest.mark.long
def test_the_list_of_deletions_is_small_however_many_jobs_they_are(trash: Trash) -> None:
    for server in ("one", "two", "three"):
        with trash.begin(server, "jobs") as file:
            file.save(SavedJob("a", b"", id) for id in range(20_000))
    trash.deletions()  # what Python keeps of the first time is not counted
    tracemalloc.start()
    try:
        deletions = trash.deletions()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(deletion.restorable for deletion in deletions) == 60_000
    assert kept < 100_000  # bytes


@pytest.mark.long
def test_a_file_is_closed_only_when_what_is_being_saved_is_saved(trash: Trash) -> None:
    large = [SavedJob("a", bytes(2**18), id) for id in range(1, 65)]
    file = trash.begin("queue", "jobs")
    begun = os.stat(file.path).st_size
    saving = threading.Thread(target=file.save, args=[large])
    saving.start()
    wait_until(lambda: os.stat(file.path).st_size > begun, "it is being saved")
    file.close()
    assert len(only(trash).places) == 64
    saving.join()


def test_after_a_file_was_closed_no_other_is_written_to(trash: Trash, tmp_path: Path) -> None:
    file = trash.begin("queue", "jobs")
    file.close()
    file.close()
    with (tmp_path / "another").open("wb"):  # which has its number by now
        with pytest.raises(OSError, match="the file was closed"):
            file.save(JOBS)
        with pytest.raises(OSError, match="the file was closed"):
            file.note("kept", [1])
    assert (tmp_path / "another").read_bytes() == b""


@pytest.mark.timeout(10)
def test_a_pipe_among_the_deletions_is_not_waited_for(tmp_path: Path) -> None:
    trash = Trash(tmp_path / "trash")
    trash.begin("queue", "jobs").close()
    os.mkfifo(trash.directory / "99999999T000000-1-000009.jsonl")
    assert [deletion.unreadable for deletion in trash.deletions()] == ["", "file"]
    trash.begin("queue", "more jobs").close()


def test_nobody_else_looks_into_its_directories(tmp_path: Path) -> None:
    Trash(tmp_path / "beantop" / "trash").begin("queue", "jobs").close()
    modes = [stat.S_IMODE((tmp_path / at).stat().st_mode) for at in ("beantop", "beantop/trash")]
    assert modes == [0o700, 0o700]
