"""The commands that change something, as processes: their exit codes, signals, and what they load."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.exit_codes import INCOMPLETE, INTERRUPTED, NO_CONNECTION, OK, USAGE
from tests.beanstalkd import PATIENCE, Beanstalkd, wait_until
from tests.commands.changing import UNCHANGED, Emails, emails
from tests.jobs.acting import jobs_in, put_buried
from tests.terminal import Terminal
from tests.variants import rest_is_slow

NOBODY = "127.0.0.1:1"

LOADED = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(f"beantop.commands.{name}")
print(*sys.modules)
"""

NAMES = ("bury", "copy", "delete", "kick", "move", "pause", "put", "resume", "set", "undo")


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "beantop", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(*arguments: str) -> tuple[int, bytes, bytes]:
    with start(*arguments) as process:
        out, said = process.communicate(b"body", timeout=6 * PATIENCE)
        return process.returncode, out, said


def works(name: str, jobs: Emails) -> list[str]:
    """Return the arguments of a command that does all that it is asked."""
    buried, ready, tube = str(jobs.buried[0]), str(jobs.ready[0]), jobs.tube
    return {
        "bury": ["--job", ready],
        "copy": ["--job", buried, f"{tube}-b", "--create"],
        "delete": ["--job", buried],
        "kick": [tube, "--state", "buried", "--yes"],
        "move": ["--job", buried, f"{tube}-b", "--create"],
        "pause": [tube, "300"],
        "put": [tube],
        "resume": [tube],
        "set": [ready, "--priority", "5"],
        "undo": ["--yes"],
    }[name]


def works_in_part(name: str, jobs: Emails) -> list[str]:
    """Return the arguments of a command that does not do all that it is asked: a worker has the job, or
    there is nothing to be done."""
    if name in ("move", "copy"):
        return ["--job", f"{jobs.reserved},999999999", f"{jobs.tube}", "--yes"]
    if name == "undo":
        return works(name, jobs)  # for the second time
    if name == "set":
        return [f"{jobs.reserved}", "--delay", "1m"]
    return ["--job", f"{jobs.reserved}"]


@pytest.mark.long
@pytest.mark.parametrize("name", rest_is_slow(*sorted(NAMES, key="kick".__ne__)))
def test_each_exit_code(
    name: str, server: Beanstalkd, tube: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    address = format_address(server.address)
    with emails(server, tube) as jobs, emails(server, f"{tube}-other") as others:
        before = others.counts
        if name == "undo":
            assert run("delete", "--job", f"{jobs.buried[0]}", address)[0] == OK
        code, out, said = run(name, *works(name, jobs), "--json", address)
        assert code == OK, said
        assert json.loads(out)["action"] == name
        assert said.startswith(b"beantop: ")
        if name not in ("put", "pause", "resume"):
            code, _, said = run(name, *works_in_part(name, jobs), address)
            assert code == INCOMPLETE, said
        assert run(name, *works(name, jobs), "--nonsense", address)[0] == USAGE
        code, out, said = run(name, *works(name, jobs), NOBODY)
        assert (code, out) == (NO_CONNECTION, b"")
        assert said.startswith(f"beantop: cannot {name} on {NOBODY}: ".encode())
        assert others.counts == before


@pytest.mark.long
def test_ctrl_c_stops_after_the_current_batch(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.ignore("default")
        for _ in range(20):
            put_buried(client)
        with start("kick", tube, "--careful", "--yes", format_address(server.address)) as process:
            wait_until(lambda: jobs_in(client, tube).get("ready") == 10, "the first are kicked")
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == INTERRUPTED
        assert b"Kicked 10 of 20 buried jobs" in said
        assert jobs_in(client, tube) == {"ready": 10, "buried": 10}


def test_the_outcome_counts_though_nobody_reads_it(server: Beanstalkd, tube: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with emails(server, tube) as others, open("/dev/full", "wb") as full:
        for out, ids, expected in (
            (writer, f"{others.buried[0]},999999999", INCOMPLETE),
            (writer, f"{others.buried[1]}", OK),
            (full.fileno(), f"{others.buried[2]}", INCOMPLETE),
        ):
            command = ["delete", "--job", ids, "--yes", "--json", format_address(server.address)]
            done = subprocess.run(
                [sys.executable, "-m", "beantop", *command], stdout=out, check=False
            )
            assert done.returncode == expected
        assert others.counts["ready"] == UNCHANGED["ready"]
    os.close(writer)


@pytest.mark.long
def test_people_are_told_how_far_it_is(server: Beanstalkd, tube: str) -> None:
    address = format_address(server.address)
    with server.client(use=tube, watch=tube) as client:
        client.ignore("default")
        for _ in range(12):
            put_buried(client)
        command = ("kick", tube, "--careful", "--yes", address)
        with Terminal(*command, size=(120, 24)) as terminal:
            terminal.until("beantop: 10 jobs kicked first: 10 waiting", "left to decide")
            terminal.send_signal(signal.SIGINT)
            assert terminal.wait() == INTERRUPTED


def test_no_screen_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *NAMES], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "beantop.commands.undo" in loaded
    assert not loaded & {"textual", "beantop.app.app"}
