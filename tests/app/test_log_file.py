"""The file of `--log`, while others rotate it."""

import os
from pathlib import Path

import pytest

from beantop.app.session.log import Entry, LogFile
from tests.jobs.full_disk import little_room


def test_a_log_that_was_rotated_goes_on_in_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LogFile(path)
    for text in ("first", "second", "third"):
        log.note(Entry(0.0, "information", text))
        log.settle(5.0)
        if text == "first":
            path.rename(tmp_path / "log.1")
    assert [line.split()[-1] for line in path.read_text().splitlines()] == ["second", "third"]
    assert (tmp_path / "log.1").read_text().endswith("first\n")


def note(log: LogFile, text: str) -> str:
    """Note it, and return what is new about the file."""
    log.note(Entry(0.0, "information", text))
    log.settle(5.0)
    return log.new_problem()


def test_lines_that_cannot_be_written_are_told_once_until_others_are(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LogFile(path)
    problem = f"The log {path} cannot be written: file too large."
    assert note(log, "first") == ""
    for _ in range(2):
        with little_room(path.stat().st_size):
            assert [note(log, "lost"), note(log, "lost")] == [problem, ""]
        assert note(log, "next") == ""
    texts = [line.split()[-1] for line in path.read_text().splitlines()]
    assert texts == ["first", "next", "next"]


def test_a_line_that_is_cut_does_not_spoil_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    log, write = LogFile(path), os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:-3]))
    assert note(log, "cut").endswith("no space left on device.")
    monkeypatch.undo()
    assert note(log, "whole") == ""
    assert [line.split()[-1] for line in path.read_text().splitlines()] == ["c", "whole"]


def test_lines_lost_before_anybody_asked_are_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LogFile(path)
    with little_room(0):
        log.note(Entry(0.0, "information", "lost"))
        log.settle(5.0)
    assert note(log, "written").endswith("file too large.")
