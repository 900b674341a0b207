"""`beantop job`: one job and its body."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.exit_codes import NO_CONNECTION, OK, USAGE
from tests.beanstalkd import PATIENCE, Beanstalkd

BODY = b'{"class": "SendMail", "args": ["\xff"]}'


@pytest.fixture
def address(server: Beanstalkd) -> str:
    return format_address(server.address)


@pytest.fixture
def job(server: Beanstalkd, tube: str) -> str:
    """The id of a job whose body is not UTF-8."""
    with server.raw() as connection:
        put = b"use %b\r\nput 5 0 60 %d\r\n%b\r\n" % (tube.encode(), len(BODY), BODY)
        connection.sendall(put)
        answer = b""
        while answer.count(b"\r\n") < 2:
            answer += connection.recv(100)
    return answer.split()[-1].decode()


def test_facts_stand_above_the_decoded_body(
    job: str, tube: str, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["job", job, address]) == OK
    facts, body = capsys.readouterr().out.split("\n\n── body as ")
    assert dict(line.split(maxsplit=1) for line in facts.splitlines()) | {"age": ""} == {
        "server": address, "id": job, "tube": tube, "state": "ready", "priority": "5", "age": "",
        "delay": "0s", "ttr": "1m0s", "time_left": "–", "reserves": "0", "timeouts": "0",
        "releases": "0", "buries": "0", "kicks": "0", "file": "0", "size": f"{len(BODY)} B",
        "class": "SendMail",
    }  # fmt: skip
    assert '"class": "SendMail"' in body


@pytest.mark.parametrize("options", [[], ["--decoded"], ["--json"]])
def test_a_body_cannot_steer_the_terminal(
    options: list[str],
    server: Beanstalkd,
    tube: str,
    address: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with server.client(use=tube) as client:
        id = client.put("\x1b[31mred")
    assert main(["job", str(id), *options, address]) == OK
    printed = capsys.readouterr().out
    assert "[31mred" in printed
    assert "\x1b" not in printed


def test_decoded_is_the_body_as_the_screen_shows_it(
    server: Beanstalkd, tube: str, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.client(use=tube) as client:
        id = client.put("eyJ0byI6ICJhZGEiLCAidiI6IDN9")
    assert main(["job", str(id), "--decoded", address]) == OK
    assert capsys.readouterr().out == '{\n  "to": "ada",\n  "v": 3\n}\n'
    assert main(["job", str(id), "--json", address]) == OK
    printed = json.loads(capsys.readouterr().out)
    assert (printed["format"], printed["problem"]) == ("base64 › JSON", None)
    assert printed["decoded"] == '{\n  "to": "ada",\n  "v": 3\n}'
    assert printed["body"] == "eyJ0byI6ICJhZGEiLCAidiI6IDN9"


def test_raw_is_each_byte_and_no_other(job: str, address: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "beantop", "job", job, "--raw", address]
    done = subprocess.run(
        command, capture_output=True, timeout=PATIENCE, check=False, cwd=Path.cwd()
    )
    assert (done.returncode, done.stdout, done.stderr) == (OK, BODY, b"")


def test_the_configuration_says_how_bodies_are_decoded(
    server: Beanstalkd, tube: str, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[decode]\n"tube-*" = "hex"\n')
    with server.client(use=tube) as client:
        id = client.put("hello")
    assert main(["job", str(id), "--decoded", "--config", str(config), address]) == OK
    assert capsys.readouterr().out.startswith("00000000  68 65 6c 6c 6f")


def test_a_job_that_is_not_there_is_wrong_usage(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["job", "4711", address]) == USAGE
    assert capsys.readouterr() == ("", f"beantop: {address} has no job 4711\n")


def test_a_dead_server_is_no_connection(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["job", "1", "127.0.0.1:1"]) == NO_CONNECTION
    assert capsys.readouterr().err == (
        "beantop: cannot read job 1 of 127.0.0.1:1: connection refused\n"
    )


def test_it_takes_one_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["job", "1", "127.0.0.1:1", "127.0.0.1:2"]) == USAGE
    assert "takes one server" in capsys.readouterr().err


@pytest.mark.parametrize("id", ["0", "-1", "emails", "1.5", "99999999999999999999999"])
def test_only_ids_are_taken(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["job", id, "127.0.0.1:1"])
    assert end.value.code == USAGE
    assert capsys.readouterr().err.count("\n") == 1


def test_the_delay_that_hid_a_moved_job_is_not_its_own(
    server: Beanstalkd, tube: str, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.bury(client.reserve_job(client.put("x")))
        moved = ["move", tube, f"{tube}-failed", "--state", "buried", "--create", "--json", address]
        assert main([*moved, "--yes"]) == OK
        [id] = json.loads(capsys.readouterr().out)["new_ids"]
        assert client.stats_job(id)["delay"] > 2**31
    assert main(["job", str(id), "--json", address]) == OK
    assert json.loads(capsys.readouterr().out)["delay"] == 0
