"""The log of actions."""

import os
import stat
from pathlib import Path

import pytest

from beantop.jobs import journal as module
from beantop.jobs.journal import Journal


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
        journal.note("queue", "Kicked", f"{number}", {})
    with journal.path.open("ab") as file:
        file.write(b"\xff{\n")
    assert [entry["target"] for entry in journal.last(3)] == ["3", "4"]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine\n")
    journal = Journal(tmp_path / "actions.jsonl")
    journal.path.symlink_to(elsewhere)
    journal.note("queue", "Kicked", "", {})
    assert journal.problem.startswith("The log of actions cannot be written")
    assert elsewhere.read_text() == "mine\n"
    assert journal.last(3) == []


def test_a_long_log_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 100)
    journal = Journal(tmp_path / "actions.jsonl")
    for number in range(3):
        journal.note("queue", "Kicked", f"{number}", {})
    assert [entry["target"] for entry in journal.last(9)] == ["1", "2"] or [
        entry["target"] for entry in journal.last(9)
    ] == ["2"]
    assert (tmp_path / "actions.old.jsonl").exists()
