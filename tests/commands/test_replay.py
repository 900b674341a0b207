"""`beantop replay`: what it refuses, and one run in a terminal."""

import json
import re
import struct
import zlib
from pathlib import Path

import pytest

from beantop.cli import main
from beantop.exit_codes import USAGE
from beantop.monitor.frames import MAGIC, Frame, packed
from tests.monitor.recorded import read, record, written_polls
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


def test_damage_is_named_with_what_it_hides(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, end = bytearray(path.read_bytes()), read(path).index.offsets[10]
    data[end + 9] ^= 1
    path.write_bytes(data)
    assert main(["replay", str(path)]) == USAGE  # the test has no terminal
    said = f"{path}: it is damaged at byte {end:,}; {len(data) - end:,} bytes are ignored"
    assert said in capsys.readouterr().err


SESSION = {
    "wall": 1.0, "monotonic": 1.0, "interval": 1.0,
    "servers": [{"address": ["h", 1], "name": "", "color": ""}],
}  # fmt: skip
SESSION_FRAME = Frame(1.0, "S", 1, json.dumps(SESSION).encode())


def bomb() -> bytes:
    """A frame of 300 KB that would take 300 MB of memory."""
    payload = zlib.compress(bytes(300 * 2**20))
    rest = packed(SESSION_FRAME)[8:19] + payload
    return struct.pack(">II", len(payload), zlib.crc32(rest)) + rest


@pytest.mark.parametrize(
    "frames",
    [
        packed(Frame(1.0, "S", 1, b"hello")) + packed(Frame(2.0, "F", 1, b"{}")),
        packed(Frame(1.0, "S", 1, b"{}")) + packed(Frame(2.0, "F", 1, b"{}")),
        packed(SESSION_FRAME) + packed(Frame(2.0, "F", 9, b"{}")),
        packed(SESSION_FRAME) + packed(Frame(2.0, "N", 1, b"{}")),
        packed(SESSION_FRAME) + packed(Frame(2.0, "F", 1, b'{"poll": {"at": "now"}}')),
        bomb() + packed(Frame(2.0, "F", 1, b"{}")),
    ],
    ids=["no JSON", "no session", "no such server", "no full frame", "no poll", "bomb"],
)
def test_a_file_that_beantop_did_not_write_is_refused(
    frames: bytes, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(MAGIC + frames)
    monkeypatch.setattr("beantop.app.terminal.no_terminal", lambda: "")
    assert main(["replay", str(path)]) == USAGE
    assert re.search(rf"{path}: frame [12] is not what beantop writes", capsys.readouterr().err)


@pytest.mark.long
@pytest.mark.parametrize("number", [1, 9], ids=["no poll", "no such server"])
def test_a_recording_ends_where_it_cannot_be_read(number: int, path: Path, tmp_path: Path) -> None:
    after = read(path).times[-1] + 1
    with path.open("ab") as file:
        file.write(packed(Frame(after, "F", number, b"{}")))
    with Terminal("replay", str(path), home=tmp_path) as terminal:
        terminal.until("emails", "RECORDING")
        terminal.press("f", "@")
        terminal.until("Go to which time?")
        terminal.press("+1h")
        terminal.answer("+1h", "\r")
        terminal.until("The rest of the recording cannot be read", "39s of 39s")
        terminal.press("q")
        assert terminal.wait() == 0


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
