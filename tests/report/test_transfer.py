"""`--export` and `--import`: the jobs of a tube as a file, on a real server."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in
from tests.jobs.bulk.running import one_of_each


def beantop(server: Beanstalkd, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    """The exit code, and what it said on both ways out."""
    command = [sys.executable, "-m", "beantop", *arguments, format_address(server.address)]
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_what_was_exported_is_imported_as_it_was(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "jobs.jsonl")
    with server.client(use=tube, watch=tube) as client, own_server.client() as other:
        one_of_each(client)
        code, _, said = beantop(server, "--export", file, "--tube", tube)
        assert (code, said) == (0, f"beantop: exported 4 jobs of {tube}\n")
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
        assert jobs_in(client, tube) == {"ready": 1, "reserved": 1, "delayed": 1, "buried": 1}
        code, _, said = beantop(own_server, "--import", file)
        assert (code, said) == (0, "beantop: Put 4 jobs.\n")
        assert jobs_in(other, tube) == {"ready": 2, "delayed": 1, "buried": 1}


def test_a_body_that_is_no_text_comes_in_base64(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("caf\xe9")
        code, lines, _ = beantop(server, "--export", "-", "--tube", tube)
    assert code == 0
    assert json.loads(lines)["body"] == "caf\xe9"


def test_an_existing_file_is_not_written_over(server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    code, _, said = beantop(server, "--export", str(file), "--tube", "default")
    assert (code, f"there is a file {file} already" in said) == (2, True)
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "line 2: it is not JSON. Nothing was put."),
        ('{"tube":"no such name","body":""}', "is no name for a tube"),
    ],
)
def test_one_bad_line_and_nothing_is_put(
    server: Beanstalkd, tube: str, line: str, sentence: str
) -> None:
    good = json.dumps({"tube": tube, "body": "x"})
    code, _, said = beantop(server, "--import", "-", stdin=f"{good}\n{line}\n")
    assert code == 2
    assert sentence in said
    with server.client() as client:
        assert tube not in client.tubes()


def test_a_server_that_takes_no_jobs_is_told(own_server: Beanstalkd) -> None:
    own_server.drain()
    code, _, said = beantop(own_server, "--import", "-", stdin='{"tube":"a","body":"x"}\n')
    assert code == 3
    assert "drain" in said


def test_an_export_names_its_tube(server: Beanstalkd) -> None:
    code, _, said = beantop(server, "--export", "-")
    assert code == 2
    assert "name it with --tube" in said
