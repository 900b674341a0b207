"""`python -m beantop.demo` as its user runs it."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from beantop.beanstalk import Client, DrainingError, JobTooBigError
from tests.beanstalkd import PATIENCE, wait_until
from tests.demo.process import DemoProcess

CANNOT_LISTEN, USAGE = 1, 2


@pytest.fixture
def servers() -> Iterator[list[DemoProcess]]:
    """Stops at the end what a test puts in."""
    started: list[DemoProcess] = []
    yield started
    for server in started:
        server.stop()


@pytest.mark.long
def test_it_has_the_options_and_signals_of_beanstalkd(servers: list[DemoProcess]) -> None:
    servers.append(DemoProcess("-z", "10"))
    with servers[0].client() as client:
        assert client.stats()["max-job-size"] == 10
        with pytest.raises(JobTooBigError):
            client.put("x" * 11)
        client.put("x" * 10)
        servers[0].drain()  # by SIGUSR1
        with pytest.raises(DrainingError):
            client.put("x")
        servers[0].send_signal(signal.SIGTERM)
        assert servers[0].process
        assert servers[0].process.wait(PATIENCE) == 0


def test_it_serves_on_a_unix_socket_and_leaves_no_file(
    servers: list[DemoProcess], tmp_path: Path
) -> None:
    path = tmp_path / "demo.sock"
    servers.append(DemoProcess(socket_path=path))
    with servers[0].client() as client:
        assert client.put("x") == 1
    servers[0].send_signal(signal.SIGINT)
    assert servers[0].process
    assert servers[0].process.wait(PATIENCE) == 0
    assert not path.exists()


@pytest.mark.long
def test_the_workload_brings_tubes_that_live(servers: list[DemoProcess]) -> None:
    servers.append(DemoProcess("--workload"))
    with servers[0].client() as client:
        assert len(client.tubes()) > 10
        before = client.stats()["cmd-delete"]
        wait_until(lambda: client.stats()["cmd-delete"] > before, "jobs are done")


def test_it_says_where_it_listens_and_that_nothing_is_kept() -> None:
    command = [*DemoProcess.program(), "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        sentence = process.stderr.readline()
        process.terminate()
    assert sentence.startswith("beantop.demo: listening on 127.0.0.1:")
    assert "in memory only" in sentence
    port = int(sentence.split(":")[2].split(".")[0])
    with pytest.raises(ConnectionRefusedError):
        Client(("127.0.0.1", port))


@pytest.mark.long
def test_an_ordinary_file_is_not_removed_and_a_socket_left_behind_is_replaced(
    servers: list[DemoProcess], tmp_path: Path
) -> None:
    file, stale = tmp_path / "file", tmp_path / "sock"
    file.write_text("dear")
    command = [*DemoProcess.program(), "-l", f"unix:{file}"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == CANNOT_LISTEN
    assert file.read_text() == "dear"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(stale))
    servers.append(DemoProcess(socket_path=stale))
    with servers[0].client() as client:
        assert client.put("x") == 1


@pytest.mark.long
def test_traffic_that_fails_ends_it() -> None:
    code = """if True:
        from beantop.demo.__main__ import Workload, main
        Workload.run_until = lambda self, at: 1 / 0
        main(["-p", "0", "--workload"])
    """
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["-p", "70000"], USAGE, "'70000' is not a whole number from 0 to 65535"),
        (["-z", "-1"], USAGE, "-z"),
        (["-l", ""], USAGE, "where to listen is missing"),
        (["-l", "unix:"], USAGE, "where to listen is missing"),
        (["-l", "a" * 64], CANNOT_LISTEN, ":11300: not a host name"),
        (["-l", "192.0.2.1"], CANNOT_LISTEN, "cannot listen on 192.0.2.1:11300: "),
        (
            ["-l", "unix:/nowhere/sock"],
            CANNOT_LISTEN,
            "unix:/nowhere/sock: there is no directory /nowhere",
        ),
    ],
)
def test_what_it_cannot_do_it_says(options: list[str], code: int, said: str) -> None:
    command = [sys.executable, "-m", "beantop.demo", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
