"""`beantop replay`: what it refuses, and one run in a terminal."""

from pathlib import Path

import pytest

from beantop.cli import main
from beantop.exit_codes import USAGE
from tests.monitor.recorded import record, written_polls
from tests.terminal import Terminal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "queue.rec"
    record(path, written_polls(40))
    return path


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/no/such/file"], "/no/such/file: no such file or directory"),
        ([__file__], f"{__file__}: this is not a recording of beantop"),
        ([__file__, "queue-1"], "a recording has its own servers: name only the file"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", *arguments]) == USAGE
    assert sentence in capsys.readouterr().err


def test_a_recording_without_a_poll_is_refused(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(path.read_bytes()[:12])
    monkeypatch.setattr("beantop.app.terminal.no_terminal", lambda: "")
    assert main(["replay", str(path)]) == USAGE
    err = capsys.readouterr().err
    assert "the end is cut; 4 bytes are ignored" in err
    assert "the recording is empty" in err


def test_without_a_terminal_it_says_so(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(path)]) == USAGE
    assert "this is not a terminal" in capsys.readouterr().err


@pytest.mark.long
def test_a_recording_is_shown_in_a_terminal(path: Path, tmp_path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
    terminal = Terminal("replay", str(path), home=tmp_path)
    try:
        terminal.until("emails", "RECORDING", "prod")
        terminal.press("f")
        terminal.until("paused")
        terminal.press("@")
        terminal.until("Go to which time?")
        terminal.press("+1h")
        terminal.answer("+1h", "\r")
        terminal.until("38s of 38s")
        terminal.press("q")
        assert terminal.wait() == 0
    finally:
        terminal.close()
