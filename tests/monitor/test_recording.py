"""A recording is read to its last whole frame, wherever its writer was killed."""

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.frames import MAGIC, Damaged, Frame, NotFrames, index_of, packed, unpacked
from beantop.monitor.poller import ServerStatus
from beantop.monitor.recording import FULL_EVERY
from beantop.monitor.snapshot import Tube
from beantop.monitor.tuber_stats import TuberStats
from tests.monitor.recorded import SESSION, poll, read, record, status, tube, writer, written_polls


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.rec"


def seen(status: ServerStatus) -> object:
    """All values of a status but the history."""
    return (status.link, status.peer, status.polls, status.pace, status.snapshot)


def test_what_is_read_is_what_was_written(path: Path) -> None:
    statuses = written_polls(FULL_EVERY + 20)
    tuber_stats = TuberStats(work_p50=0.5)
    last = statuses[-1].snapshot.tubes["emails"]._replace(tuber_stats=tuber_stats, taken_at=999.0)
    statuses.append(status(poll(999.0, last), FULL_EVERY + 20))
    record(path, statuses)
    recording = read(path)
    assert [seen(entry.status) for entry in recording.entries()] == [
        seen(item) for item in statuses
    ]
    assert (recording.cut, list(recording.sessions())) == (0, [SESSION])
    assert recording.index.kinds.count("F") == 2


def test_the_order_of_the_fields_is_that_of_the_files() -> None:
    """Recordings have the values of tubes in this order: new fields need another version."""
    assert Tube._fields == (
        *("name", "taken_at", "urgent", "ready", "reserved", "delayed", "buried"),
        *("total_jobs", "deletes", "using", "watching", "waiting", "pause", "pause_time_left"),
        "tuber_stats",
    )


def test_a_tube_that_was_not_polled_stays_the_same_object(path: Path) -> None:
    """Its history would take another object for another sample."""
    record(path, written_polls(FULL_EVERY + 9))
    snapshots = [entry.status.snapshot for entry in read(path).entries()][1:]
    for before, after in pairwise(snapshots):
        is_same = before.tubes["far"] is after.tubes["far"]
        assert is_same == ("far" not in after.asked)


def test_a_server_that_reports_less_than_before_is_read_so(path: Path) -> None:
    polls = [poll(101.0, **{"total-jobs": 1}), poll(102.0)]
    record(path, [status(item, number) for number, item in enumerate(polls, 1)])
    *_, last = read(path).entries()
    assert "total-jobs" not in last.status.snapshot.server.stats


def test_the_history_is_that_of_the_polls(path: Path) -> None:
    record(path, written_polls(30))
    *_, last = read(path).entries()
    assert last.status.history.tube_rates("emails").put == pytest.approx(5.0)


@pytest.mark.long
@pytest.mark.parametrize("is_continued", [False, True])
def test_a_file_cut_anywhere_is_read_to_its_last_whole_frame(
    path: Path, tmp_path: Path, is_continued: bool
) -> None:
    record(path, written_polls(6))
    data, ends = path.read_bytes(), ends_of(path)
    for length in range(len(data)):
        cut = tmp_path / "cut.rec"
        cut.write_bytes(data[:length])
        whole = sum(end <= length for end in ends)
        if is_continued:
            writer(cut).close()
        recording = read(cut)
        assert len(recording) == whole
        assert len(list(recording.entries())) == max(0, whole - 1)  # the first begins the session
        if is_continued:
            assert (recording.cut, cut.stat().st_size) == (0, ends_with_magic(ends, whole))
        else:
            assert recording.cut == (
                length - ends_with_magic(ends, whole) if length > 7 else length
            )


def ends_of(path: Path) -> list[int]:
    """Where each frame ends."""
    index = read(path).index
    return [*index.offsets[1:], index.end]


def ends_with_magic(ends: list[int], whole: int) -> int:
    return ends[whole - 1] if whole else len(MAGIC)


def test_a_session_after_a_restart_of_the_machine_goes_on_in_time(path: Path) -> None:
    record(path, written_polls(5))
    later = SESSION._replace(wall=SESSION.wall + 60, monotonic=7.0)
    record(path, [status(poll(8.0, tube("emails", 8.0, 50)), 1)], later)
    *_, last = read(path).entries()
    assert last.status.snapshot.taken_at == 161.0
    assert last.status.snapshot.tubes["emails"].taken_at == 161.0
    assert "far" not in last.status.snapshot.tubes


def test_another_file_is_neither_read_nor_changed(path: Path) -> None:
    path.write_bytes(b"#!/bin/sh\n")
    for attempt in (read, writer):
        with pytest.raises(NotFrames, match="this is not a recording of beantop"):
            attempt(path)
    assert path.read_bytes() == b"#!/bin/sh\n"


def test_damage_ends_the_recording_before_it(path: Path) -> None:
    record(path, written_polls(6))
    data, ends = bytearray(path.read_bytes()), ends_of(path)
    for offset in range(ends[3], ends[4]):
        data[offset] ^= 0xFF
        path.write_bytes(data)
        data[offset] ^= 0xFF
        assert len(read(path)) == 4


def test_only_an_incomplete_end_is_cut_off(path: Path) -> None:
    record(path, written_polls(6))
    data, ends = path.read_bytes(), ends_of(path)
    for damaged, offset in enumerate([len(MAGIC), *ends[:-1]]):
        for at in (offset, offset + 9, ends[damaged] - 1):  # the length, the time, the payload
            path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
            before = path.read_bytes()
            if damaged == len(ends) - 1:
                assert writer(path).cut == len(data) - offset
                assert path.read_bytes() == data[:offset]
            else:
                with pytest.raises(Damaged, match=f"damaged at byte {offset:,}"):
                    writer(path)
                assert path.read_bytes() == before


def test_a_whole_frame_far_behind_the_damage_is_found(path: Path) -> None:
    frame = packed(Frame(1.0, "S", 1, b"{}"))
    for length in range(
        2**20 - 2 * len(frame), 2**20 + 2
    ):  # around the bytes that are read at once
        path.write_bytes(MAGIC + bytes(length) + frame)
        assert read(path).index.is_damaged
        path.write_bytes(MAGIC + bytes(length) + frame[:-1])
        assert not read(path).index.is_damaged


FRAMES = st.builds(
    Frame, st.floats(0, 2**40), st.sampled_from("SFN"), st.integers(0, 2**16 - 1), st.binary()
)


@given(FRAMES, st.binary(max_size=50))
def test_any_frame_is_read_as_it_was_written(frame: Frame, dictionary: bytes) -> None:
    length = 4 + 4 + 8 + 1 + 2
    assert unpacked(packed(frame, dictionary)[length:], dictionary) == frame.raw


@given(data=st.binary(max_size=200))
def test_any_bytes_after_the_last_frame_are_left_out(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("frames") / "file"
    path.write_bytes(MAGIC + packed(Frame(1.0, "S", 1, b"{}")) + data)
    with open(path, "rb") as file:
        index = index_of(file.fileno())
    assert (list(index.offsets), index.cut) == ([len(MAGIC)], len(data))


def test_a_disk_that_is_full_leaves_whole_frames(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = writer(path)
    frames.append(packed(Frame(1.0, "S", 1, b"{}")))
    monkeypatch.setattr(os, "pwrite", fills_up())
    with pytest.raises(OSError, match="No space left"):
        frames.append(packed(Frame(2.0, "F", 1, b"[1, 2, 3]")))
    monkeypatch.undo()
    frames.append(packed(Frame(3.0, "F", 1, b"[]")))
    frames.close()
    recording = read(path)
    assert (list(recording.times), recording.cut) == ([1.0, 3.0], 0)


def fills_up() -> Callable[[int, bytes, int], int]:
    """A `pwrite` whose disk has room for 5 more bytes."""
    real = os.pwrite
    sizes = [5]

    def pwrite(descriptor: int, data: bytes, at: int) -> int:
        if not sizes:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[: sizes.pop()], at)

    return pwrite
