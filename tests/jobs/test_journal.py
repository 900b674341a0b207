"""The log of actions."""

import fcntl
import os
import stat
from pathlib import Path
from threading import Event

import pytest

from beantop.jobs import aside
from beantop.jobs import journal as module
from beantop.jobs.journal import Journal
from tests.jobs.full_disk import little_room


def note(journal: Journal, what: str, target: str) -> None:
    """Note that, and wait until it is written, or cannot be."""
    journal.note("queue", what, target, {})
    journal.settle()


def targets(journal: Journal, most: int = 9) -> list[object]:
    return [entry["target"] for entry in journal.last(most)]


def test_what_was_noted_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new" / "actions.jsonl")
    journal.note("queue:11300", "Deleted", "2 jobs of a", {"done": 2})
    (entry,) = journal.last(10)
    assert (entry["what"], entry["target"], entry["done"]) == ("Deleted", "2 jobs of a", 2)
    assert {"time", "server", "who"} <= entry.keys()
    assert stat.S_IMODE(os.stat(journal.path).st_mode) == 0o600


def test_only_the_latest_are_told_and_broken_lines_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "actions.jsonl")
    for number in range(5):
        note(journal, "Kicked", f"{number}")
    with journal.path.open("ab") as file:
        file.write(b"\xff{\n")
    assert targets(journal, 3) == ["3", "4"]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine\n")
    journal = Journal(tmp_path / "actions.jsonl")
    journal.path.symlink_to(elsewhere)
    note(journal, "Kicked", "")
    assert journal.problem.startswith("The log of actions cannot be written")
    assert elsewhere.read_text() == "mine\n"
    assert journal.last(3) == []


def test_a_long_log_begins_anew_and_the_old_one_is_still_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "actions.jsonl")
    note(journal, "Kicked", "0")
    with monkeypatch.context() as soon:
        soon.setattr(module, "LARGEST", 1)
        note(journal, "Kicked", "1")
    note(journal, "Kicked", "2")
    assert journal.path.read_bytes().count(b"\n") == 1
    assert targets(journal) == ["0", "1", "2"]
    assert targets(journal, 2) == ["1", "2"]


def test_of_two_programs_that_begin_anew_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "actions.jsonl")
    note(journal, "Kicked", "long")
    monkeypatch.setattr(module, "LARGEST", 1)

    def other_program(descriptor: int, operation: int) -> None:
        os.replace(journal.path, tmp_path / "actions.old.jsonl")
        journal.path.write_text('{"target": "of the other"}\n')

    monkeypatch.setattr(fcntl, "flock", other_program)
    note(journal, "Kicked", "ours")
    assert targets(journal) == ["long", "ours", "of the other"]


def test_a_note_without_room_is_a_problem_and_is_written_with_the_next_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "actions.jsonl")
    note(journal, "Kicked", "first")
    with little_room(journal.path.stat().st_size + 10):
        note(journal, "Kicked", "second")
    assert journal.problem == "The log of actions cannot be written: no space left on device."
    note(journal, "Kicked", "third")
    assert journal.problem == ""
    assert targets(journal) == ["first", "second", "third"]


def test_a_log_that_another_program_holds_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT", 0.1)
    journal = Journal(tmp_path / "actions.jsonl")
    note(journal, "Kicked", "first")
    assert journal.new_problem() == ""
    with journal.path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        journal.note("queue", "Kicked", "second", {})
        assert targets(journal) == ["first"]
        assert journal.settle().endswith("cannot be written: another program has locked it.")
        assert journal.new_problem()
        assert journal.new_problem() == ""  # it was told
    note(journal, "Kicked", "third")
    assert targets(journal) == ["first", "second", "third"]


def test_a_log_on_a_disk_that_does_not_answer_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Event()
    monkeypatch.setattr(aside, "PATIENCE", 0.05)
    monkeypatch.setattr(module, "make_private", lambda directory: answers.wait())
    journal = Journal(tmp_path / "actions.jsonl")
    journal.note("queue", "Kicked", "first", {})
    assert journal.settle(0.1).endswith("its disk does not respond.")
    assert journal.new_problem().endswith("its disk does not respond.")
    assert journal.new_problem() == ""
    answers.set()
    assert journal.settle() == ""
    assert targets(journal) == ["first"]
