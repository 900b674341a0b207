"""`beantop record`, on a real beanstalkd, and processes that are killed while they record."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK, USAGE
from tests.beanstalkd import Beanstalkd, free_port, wait_until
from tests.monitor.recorded import read, record, written_polls

WRITES = """
import sys
from tests.monitor.recorded import record, written_polls
from pathlib import Path

statuses = written_polls(400)
print("ready", flush=True)
while True:
    record(Path(sys.argv[1]), statuses)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.rec"


@pytest.mark.long
def test_every_poll_is_recorded_until_the_file_is_full(
    server: Beanstalkd, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.client(use="emails") as client:
        client.put("hello")
        address = format_address(server.address)
        assert main(["record", str(path), "--max-size", "2K", "-i", "0.5", address]) == OK
    assert path.stat().st_size <= 2 * 1024
    *_, last = read(path).entries()
    assert last.status.address == server.address
    assert last.status.snapshot.tubes["emails"].ready
    err = capsys.readouterr().err
    assert f"beantop: recording 1 server into {path}; ctrl-c ends it\n" in err
    assert "beantop: the recording has reached its maximum size\n" in err
    assert f"beantop: {path}: {last.status.polls} polls, " in err


@pytest.mark.long
def test_a_server_that_does_not_answer_is_recorded_as_such(
    server: Beanstalkd, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = f"127.0.0.1:{free_port()}"
    assert main(["record", str(path), "--for", "0.5s", dead]) == NO_CONNECTION
    assert f"cannot poll {dead}: connection refused; trying again" in capsys.readouterr().err
    *_, last = read(path).entries()
    assert (last.status.link.state, last.status.link.reason) == ("down", "connection refused")
    two = [dead, format_address(server.address)]
    assert main(["record", str(path), "--max-size", "4K", "-i", "0.5", *two]) == INCOMPLETE
    assert len(list(read(path).sessions())) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/"], "/: is a directory"),
        (["/no/such/file"], "/no/such/file: no such file or directory"),
        ([__file__], f"{__file__}: this is not a recording of beantop"),
        (["x.rec", "--max-size", "many"], "'many' is not a size such as 500M or 1G"),
        (["x.rec", "--for", "soon"], "'soon' is not a duration such as 30s, 5m or 2h"),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["record", *arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    assert (code, sentence in capsys.readouterr().err) == (USAGE, True)


@pytest.mark.long
def test_an_incomplete_end_is_cut_off_and_damage_is_refused(
    server: Beanstalkd, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["record", str(path), "--for", "0.5s", format_address(server.address)]
    record(path, written_polls(9))
    path.write_bytes(path.read_bytes()[:-1])
    cut = read(path).cut
    assert main(command) == OK
    assert f"beantop: {path}: cut off the incomplete end ({cut} bytes)\n" in capsys.readouterr().err
    data, end = bytearray(path.read_bytes()), read(path).index.offsets[4]
    data[end + 10] ^= 1
    path.write_bytes(data)
    assert main(command) == USAGE
    refusal = f"beantop: {path} is damaged at byte {end:,}: record into another file\n"
    assert (capsys.readouterr().err, path.read_bytes()) == (refusal, bytes(data))


def test_ctrl_c_ends_a_recording_and_only_one_may_write(server: Beanstalkd, path: Path) -> None:
    arguments = ["record", str(path), "-i", "0.5", format_address(server.address)]
    command = [sys.executable, "-W", "error", "-m", "beantop", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: path.exists() and "F" in read(path).index.kinds, "it records")
        assert main(arguments) == USAGE
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert read(path).cut == 0


def killed_while_writing(path: Path, delay: float) -> None:
    """Start a process that writes without a pause, and kill it after a delay."""
    command = [sys.executable, "-c", WRITES, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(delay)
        process.kill()


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
def test_a_recorder_that_is_killed_leaves_whole_polls(path: Path, kills: int) -> None:
    """Each one continues the file of the one before."""
    chance, frames = random.Random(20), 0
    for _ in range(kills):
        killed_while_writing(path, chance.uniform(0, 0.2))
        if not path.exists():
            continue
        recording = read(path)
        assert len(recording) >= frames, "what was whole stays"
        frames = len(recording)
    assert frames
    entries = sum(1 for _ in read(path).entries())
    assert entries == frames - read(path).index.kinds.count("S")
