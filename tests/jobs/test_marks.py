"""Marks are read once each, whatever else is in their file."""

import os
from pathlib import Path

import pytest

from beantop.jobs.marks import MAX_BYTES, Mark, MarksFile, add_mark


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "marks.jsonl"


def test_each_mark_is_read_once(path: Path) -> None:
    file = MarksFile(path)
    assert file.read_new() == []
    add_mark(path, Mark(1.5, "deploy 2.3"))
    add_mark(path, Mark(2.5, "roll back"))
    assert file.read_new() == [Mark(1.5, "deploy 2.3"), Mark(2.5, "roll back")]
    assert file.read_new() == []
    add_mark(path, Mark(3.5, "again"))
    assert file.read_new() == [Mark(3.5, "again")]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_is_read_once_it_is_complete(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"at": 1, "te')
    file = MarksFile(path)
    assert file.read_new() == []
    path.write_text('{"at": 1, "text": "a"}\n')
    assert file.read_new() == [Mark(1.0, "a")]


def test_what_is_no_mark_is_ignored_and_words_are_safe(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('junk\n[]\n{"at": "soon", "text": "a"}\n{"at": 1, "text": "a\\u001b[2Jb"}\n')
    (mark,) = MarksFile(path).read_new()
    assert "\x1b" not in mark.text


def test_a_file_that_was_replaced_is_read_again(path: Path) -> None:
    add_mark(path, Mark(1.0, "a long text"))
    file = MarksFile(path)
    file.read_new()
    os.unlink(path)
    add_mark(path, Mark(2.0, "b"))
    assert file.read_new() == [Mark(2.0, "b")]


def test_only_the_end_of_a_large_file_is_read_at_first(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"at": 1, "text": "old"}\n' * MAX_BYTES)
    add_mark(path, Mark(2.0, "new"))
    marks = MarksFile(path).read_new()
    assert marks[-1] == Mark(2.0, "new")
    assert len(marks) < 5000
