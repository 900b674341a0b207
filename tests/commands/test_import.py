"""`beantop import`: what it asks before it puts jobs. What becomes of them is in `test_transfer.py`."""

import json
import sys
from pathlib import Path

import pytest

from beantop.exit_codes import OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import Shell
from tests.commands.test_put import typed
from tests.jobs.acting import jobs_in


def exported(directory: Path, *tubes: str) -> str:
    """Write a file with a job of each of these tubes, and return its path."""
    file = directory / "jobs.jsonl"
    file.write_text("".join(f"{json.dumps({'tube': tube, 'body': 'a'})}\n" for tube in tubes))
    return str(file)


def test_several_jobs_take_yes(server: Beanstalkd, tube: str, shell: Shell, tmp_path: Path) -> None:
    file = exported(tmp_path, tube, tube, f"{tube}-b")
    ran = shell("import", file)
    asked = f"Put 3 jobs from {file}? Nothing was changed: add --yes, or --yes-to 3."
    assert (ran.code, ran.said) == (USAGE, asked)
    assert shell("import", file, "--yes-to", "2").code == USAGE
    dry = shell("import", file, "--dry-run", "--json")
    assert (dry.code, dry.tally["done"], dry.tally["dry_run"]) == (OK, 3, True)
    assert f"{tube}, {tube}-b" in shell("import", file, "--dry-run").out
    assert not {tube, f"{tube}-b"} & {*server.tubes()}
    ran = shell("import", file, "--yes-to", "3", "--json")
    assert (ran.code, ran.tally["action"], ran.tally["done"]) == (OK, "import", 3)
    with server.client() as client:
        assert jobs_in(client, tube) == {"ready": 2}


def test_a_single_job_needs_no_yes(
    server: Beanstalkd, tube: str, shell: Shell, tmp_path: Path
) -> None:
    assert shell("import", exported(tmp_path, tube)).code == OK
    with server.client() as client:
        assert jobs_in(client, tube) == {"ready": 1}


def test_many_jobs_take_no_more_than_yes(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, b'{"tube": "%b", "body": ""}\n' % tube.encode() * 101)
    assert shell("import", "-", "--yes").code == OK
    with server.client() as client:
        assert jobs_in(client, tube) == {"ready": 101}


def test_production_takes_the_number(
    server: Beanstalkd, tube: str, shell: Shell, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[[server]]\naddress = "{shell.address}"\nproduction = true\n')
    command = ["import", exported(tmp_path, tube, tube), "--config", str(config)]
    missing, wrong = "in production, add --yes-to 2", "--yes-to says 1, but it would be 2"
    for yes, why in (([], missing), (["--yes"], missing), (["--yes-to", "1"], wrong)):
        ran = shell(*command, *yes)
        assert (ran.code, tube in server.tubes()) == (USAGE, False)
        assert ran.said.endswith(f"Nothing was changed: {why}.")
    assert shell(*command, "--yes-to", "2").code == OK


def test_no_job_is_put_if_one_is_too_large(
    server: Beanstalkd, tube: str, shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    bodies = ("a", "x" * 70_000)
    file.write_text("".join(f'{{"tube": "{tube}", "body": "{body}"}}\n' for body in bodies))
    ran = shell("import", str(file), "--yes")
    assert (ran.code, tube in server.tubes()) == (USAGE, False)
    limit = "its body is longer than 65,535 bytes, the server's max-job-size"
    assert ran.said == f"{file}: line 2: {limit}. Nothing was put."


def test_a_tube_is_created_only_if_there_is_one(shell: Shell, tmp_path: Path) -> None:
    ran = shell("import", exported(tmp_path, "a"), "--create")
    assert ran.code == USAGE
    assert ran.said == "--create goes with --tube: tubes of the file are created anyway"


def test_another_tube_is_created_only_if_that_is_wanted(
    server: Beanstalkd, tube: str, shell: Shell, tmp_path: Path
) -> None:
    command = ["import", exported(tmp_path, "other"), "--tube", tube]
    ran = shell(*command)
    assert (ran.code, tube in server.tubes()) == (USAGE, False)
    assert f"There is no tube {tube}." in ran.said
    assert ran.said.endswith("add --create.")
    assert shell(*command, "--create").code == OK
    with server.client() as client:
        assert jobs_in(client, tube) == {"ready": 1}


def test_no_more_of_a_line_is_read_than_a_job_may_have(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, b'{"tube": "%b", "body": ""}\n' % tube.encode() + b"\0" * 2**20)
    ran = shell("import", "-", "--yes")
    most = 6 * 65_535 + 65_536
    said = f"standard input: line 2 is longer than {most:,} bytes. Nothing was put."
    assert (ran.code, ran.said, tube in server.tubes()) == (USAGE, said, False)
    assert sys.stdin.buffer.tell() < 2**20


def test_a_line_in_which_each_byte_is_escaped_is_not_too_long(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, json.dumps({"tube": tube, "body": "\0" * 65_535}).encode())
    assert shell("import", "-").code == OK
