"""`--watch` of commands that look at servers and jobs: what is printed again, and when it ends."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.exit_codes import USAGE
from tests.beanstalkd import PATIENCE, Beanstalkd
from tests.report.test_schema import check
from tests.terminal import Terminal


@contextmanager
def printing(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A command that prints again and again into a pipe, for the length of the block."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "beantop", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline()


def test_tubes_are_printed_again_in_place_of_the_old_ones(own_server: Beanstalkd) -> None:
    address = format_address(own_server.address)
    with (
        own_server.client(use="emails") as client,
        Terminal("tubes", "--watch", "0.5", address, size=(80, 24)) as terminal,
    ):
        terminal.until("emails       0 ")
        client.put("x")
        lines = terminal.until("emails       1 ").splitlines()
    head = "TUBE     READY  URGENT  RESERVED  DELAYED  BURIED  WATCHING  WAITING  PAUSED"
    assert [line for line in lines if line.startswith("TUBE")] == [head]


def test_jobs_are_listed_again_as_lines_for_programs(server: Beanstalkd, tube: str) -> None:
    address = format_address(server.address)
    with server.client(use=tube) as client:
        ids = [client.put("x")]
        with printing("jobs", tube, "--csv", "--watch", "0.5", address) as process:
            assert line_of(process).startswith("server,id,")
            assert line_of(process).startswith(f"{address},{ids[0]},")
            ids.append(client.put("y"))
            seen = line_of(process)
            while not seen.startswith(f"{address},{ids[1]},"):
                assert seen.startswith(f"{address},{ids[0]},")
                seen = line_of(process)


@pytest.mark.long
def test_groups_are_counted_again_until_a_signal(server: Beanstalkd, tube: str) -> None:
    address = format_address(server.address)
    with server.client(use=tube) as client:
        client.put("x")
        command = ("jobs", tube, "--group", "state", "--json", "--watch", "0.5", address)
        with printing(*command) as process:
            while json.loads(line_of(process))["count"] < 2:
                client.put("y")
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("tube", ["tubes"]),
        ("server", ["server"]),
        ("job", ["jobs", "emails"]),
        ("group", ["jobs", "emails", "--group", "state"]),
        ("job_with_body", ["job", "1"]),
    ],
)
def test_each_object_has_the_time_of_its_round(
    kind: str, command: list[str], own_server: Beanstalkd
) -> None:
    with own_server.client(use="emails") as client:
        client.put("x")
        client.put("y", delay=1000)
        address = format_address(own_server.address)
        rounds: dict[str, int] = {}
        with printing(*command, "--json", "--watch", "0.5", address) as process:
            while len(rounds) < 3:
                line = line_of(process)
                check(kind, line)
                at = json.loads(line)["taken_at"]
                rounds[at] = rounds.get(at, 0) + 1
    complete = [*rounds.values()][:2]
    assert complete[0] == complete[1]
    assert sorted(rounds) == [*rounds]


def test_a_tube_that_is_gone_may_come_again(server: Beanstalkd, tube: str) -> None:
    address = format_address(server.address)
    with server.client(use=tube) as client:
        id = client.put("x")
        with Terminal("jobs", tube, "--watch", "0.5", address, size=(80, 24)) as terminal:
            terminal.until(f"{id}  ready")
            client.delete(id)
            client.use("default")
            terminal.until("has no tube", without=f"{id}  ready")
            client.use(tube)
            terminal.until(f"{tube} has no jobs", without="has no tube")
            id = client.put("y")
            terminal.until(f"{id}  ready", without="has no jobs")


def test_a_job_is_watched_until_it_is_gone(server: Beanstalkd, tube: str) -> None:
    address = format_address(server.address)
    with server.client(use=tube) as client:
        id = client.put("x")
        with printing("job", str(id), "--json", "--watch", "0.5", address) as process:
            assert json.loads(line_of(process))["id"] == id
            client.delete(id)
            _, said = process.communicate(timeout=PATIENCE)
            assert (process.returncode, said) == (
                USAGE,
                f"beantop: {address} no longer has job {id}\n",
            )


def test_another_job_with_the_same_id_is_not_taken_for_it(
    own_server: Beanstalkd, tube: str
) -> None:
    address = format_address(own_server.address)
    with own_server.client(use=tube) as client:
        id = client.put("x")
    with printing("job", str(id), "--json", "--watch", "0.5", address) as process:
        seen = json.loads(line_of(process))
        while seen["age"] < 2:
            seen = json.loads(line_of(process))
        own_server.stop()
        own_server.start()
        with own_server.client(use=tube) as client:
            assert client.put("y") == id
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == USAGE
    sentence = f"{address} lost job {id} in a restart; another job has its id now"
    assert said.splitlines()[-1] == f"beantop: {sentence}"


def test_a_lost_server_is_told_and_found_again(own_server: Beanstalkd, tube: str) -> None:
    address = format_address(own_server.address)
    with own_server.client(use=tube) as client:
        id = client.put("kept in the terminal until something else is printed")
    with Terminal("job", str(id), "--watch", "0.5", address, size=(80, 24)) as terminal:
        terminal.until("kept in the terminal")
        own_server.stop()
        terminal.until(f"cannot read job {id}", without="kept in the terminal")


def test_a_server_that_was_down_first_gets_headings_and_no_any_more(
    own_server: Beanstalkd, tube: str
) -> None:
    address = format_address(own_server.address)
    own_server.stop()
    with (
        printing("job", "1", "--csv", "--watch", "0.5", address) as job,
        printing("job", "7", "--watch", "0.5", address) as none,
    ):
        assert job.stderr
        assert "cannot read job 1" in job.stderr.readline()
        assert none.stderr
        assert "cannot read job 7" in none.stderr.readline()
        own_server.start()
        with own_server.client(use=tube) as client:
            assert client.put("x") == 1
        assert line_of(job).startswith("server,id,")
        _, said = none.communicate(timeout=PATIENCE)
    assert none.returncode == USAGE
    assert said.endswith(f"beantop: {address} has no job 7\n")


@pytest.mark.parametrize("command", [["tubes"], ["jobs", "emails"], ["server"]])
def test_headings_wait_for_the_first_answer(command: list[str], own_server: Beanstalkd) -> None:
    address = format_address(own_server.address)
    own_server.stop()
    with printing(*command, "--csv", "--watch", "0.5", address) as process:
        assert process.stderr
        for _ in range(2):
            assert "cannot " in process.stderr.readline()
        own_server.start()
        with own_server.client(use="emails") as client:
            client.put("")
            assert line_of(process).startswith("server,")
            for _ in range(2):
                assert line_of(process).startswith(f"{address},")


def test_a_tube_that_never_was_ends_it(
    server: Beanstalkd, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", "emials", "--watch", "5", format_address(server.address)]) == USAGE
    assert "has no tube emials" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["jobs", "emails", "--follow"], "--follow prints new jobs at once, without --watch"),
        (["job", "1", "--raw"], "--raw prints the body once, without --watch"),
    ],
)
def test_what_cannot_be_repeated_is_refused(
    command: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--watch", "5", "127.0.0.1:1"]) == USAGE
    assert words in capsys.readouterr().err
