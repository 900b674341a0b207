"""Preferences that are kept from one run to the next."""

import json
import os
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.preferences import PreferenceChanges, Preferences, PreferencesFile, state_path
from tests.jobs.full_disk import little_room

CHOSEN = Preferences("-ready", ("name", "ready"), True, "beantop-light", 2.0, 600.0)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "beantop" / "state.json")
    file.save(CHOSEN)
    assert PreferencesFile(file.path).load() == CHOSEN
    assert file.problem == ""


def test_nobody_else_reads_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "beantop" / "state.json")
    file.save(Preferences())
    file.save(CHOSEN)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert list(file.path.parent.iterdir()) == [file.path]


def test_a_file_that_is_not_there_is_no_problem(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "state.json")
    assert (file.load(), file.problem) == (Preferences(), "")


def test_a_broken_file_is_passed_over_with_a_word(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "state.json")
    for broken in (b"", b"{", b"[]", b"\xff", b"[" * 60_000, b" " * 100_000):
        file.path.write_bytes(broken)
        assert file.load() == Preferences()
        assert "the file is damaged" in file.problem


def test_a_field_that_is_wrong_is_passed_over_alone(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "state.json")
    file.path.write_text(
        '{"theme": 3, "interval": "x", "columns": ["a", 1], "sort": "name", "new": 1}'
    )
    assert file.load() == Preferences(sort="name", columns=("a",))
    assert file.problem == ""


def test_a_place_that_cannot_be_written_to_is_a_word(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = PreferencesFile(tmp_path / "file" / "state.json")
    file.save(CHOSEN)
    assert file.problem.startswith("Preferences not saved: ")
    in_the_way = tmp_path / "state.json"
    in_the_way.mkdir()
    file = PreferencesFile(in_the_way)
    file.save(CHOSEN)
    assert file.problem.endswith("is a directory.")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "file", in_the_way]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere, file = tmp_path / "elsewhere", PreferencesFile(tmp_path / "state.json")
    elsewhere.write_text("mine")
    (tmp_path / f".state.json-{os.getpid()}").symlink_to(elsewhere)
    file.save(CHOSEN)
    assert (file.load(), file.problem) == (CHOSEN, "")
    assert elsewhere.read_text() == "mine"


def test_without_room_the_old_choices_stay_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "state.json")
    file.save(CHOSEN)
    with little_room(10):
        file.save(Preferences())
    assert file.problem.endswith("file too large.")
    assert file.load() == CHOSEN
    assert list(tmp_path.iterdir()) == [file.path]


def test_every_choice_can_be_made() -> None:
    assert PreferenceChanges.__annotations__.keys() == set(Preferences._fields)


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.long
@given(
    st.dictionaries(
        st.sampled_from(["sort", "columns", "theme", "interval", "span", "hide_idle"]), _json
    )
)
def test_whatever_it_says_the_state_has_the_right_types(said: dict[str, object]) -> None:
    with TemporaryDirectory() as directory:
        file = PreferencesFile(Path(directory) / "state.json")
        file.path.write_text(json.dumps(said))
        state = file.load()
    assert isinstance(state.sort, str)
    assert isinstance(state.hide_idle, bool)
    assert all(isinstance(column, str) for column in state.columns)
    for number in (state.interval, state.span):
        assert number is None or 0 < number < 1e9


def test_where_it_is_kept() -> None:
    assert state_path({"XDG_STATE_HOME": "/x"}) == Path("/x/beantop/state.json")
    home = Path("~").expanduser() / ".local" / "state" / "beantop" / "state.json"
    assert state_path({}) == home
