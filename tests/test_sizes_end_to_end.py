"""Servers with huge replies: there is a message, keys work, and memory stays small."""

import itertools
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.exit_codes import NO_CONNECTION
from beantop.jobs.connection import ActingConnection
from beantop.report import export
from beantop.report.export import export_to
from tests.monitor.peer import Answer, Peer, body, peer
from tests.terminal import Terminal
from tests.variants import rest_is_slow

MAX_MEMORY = 300_000
"""Limit on the memory of the program, in KiB."""

STATS = "id: a\nuptime: 9\nversion: 1.13\n"


def instead(command: str, said: Callable[[], bytes]) -> Answer:
    """A server that gives this answer to one command, and works otherwise."""
    answers = {"stats": body(STATS), "list-tubes": body("- default\n"), command: said()}
    return lambda line: answers.get(line, body("current-jobs-ready: 7\n"))


def at(server: Peer) -> str:
    return format_address(server.address)


def a_million_tubes() -> bytes:
    return body("---\n" + "".join(f"- tube-{number}\n" for number in range(1_000_000)))


def keys_without_end() -> bytes:
    return body(STATS + "".join(f"key-{number}: {number}\n" for number in range(200_000)))


def a_gigabyte() -> bytes:
    return b"OK %d\r\n" % 2**30 + b"x" * 2**20


def long_names() -> bytes:
    return body(f"---\n- {'n' * 100_000}\n- {'漢'.encode().decode('latin-1') * 30_000}\n- a\n")


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "said", "sentence"),
    rest_is_slow(
        ("list-tubes", a_million_tubes, "the first 100,000"),
        ("list-tubes", long_names, "2 tubes with a name of"),
        ("stats", keys_without_end, "a map of"),
        ("stats", a_gigabyte, "an answer of 1,073,741,824"),
    ),
    ids=["tubes", "names", "keys", "gigabyte"],
)
def test_what_is_too_much_is_told_and_keys_work(
    command: str, said: Callable[[], bytes], sentence: str
) -> None:
    with peer(instead(command, said)) as server, Terminal(at(server)) as terminal:
        terminal.until(sentence)
        for _ in range(2):
            terminal.press("?")
            terminal.until("esc or ? Close")
            terminal.press("?")
            terminal.until("? Help", without="esc or ? Close")
        assert memory_of(terminal.process.pid) < MAX_MEMORY
        terminal.send_signal(signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM


def memory_of(process: int) -> int:
    """Memory of a process in KiB: the peak where known, else the current value."""
    if (status := Path(f"/proc/{process}/status")).exists():
        lines = (line.split() for line in status.read_text().splitlines())
        return next(int(words[1]) for words in lines if words[0] == "VmHWM:")
    ps = ["ps", "-o", "rss=", "-p", f"{process}"]
    return int(subprocess.run(ps, capture_output=True, check=True).stdout)


@pytest.mark.parametrize("mode", ["tubes", "server"])
def test_what_is_too_much_ends_a_single_look(mode: str) -> None:
    with peer(instead("stats", a_gigabyte)) as server:
        command = [sys.executable, "-m", "beantop", mode, at(server)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "announced an answer of 1,073,741,824 bytes" in done.stderr
    assert done.returncode == NO_CONNECTION


def test_an_export_from_a_server_that_answers_a_byte_at_a_time_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ActingConnection", partial(ActingConnection, timeout=0.3))
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            for byte in itertools.chain(b"OK 1000000\r\n", itertools.repeat(120)):
                connection.send(bytes([byte]))
                if ended.wait(0.01):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=[listener])
        thread.start()
        code, said = export_to(listener.getsockname()[:2], "a", str(tmp_path / "jobs"))
        ended.set()
        thread.join()
    assert code == NO_CONNECTION
    assert said.endswith("the server did not answer within 0.3 s")
    assert list(tmp_path.iterdir()) == []
