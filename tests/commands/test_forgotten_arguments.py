"""A server in the place of a tube or a destination that was forgotten: nothing is done elsewhere."""

import os
from pathlib import Path

import pytest

from beantop.cli import main
from beantop.commands.arguments import file_name
from beantop.exit_codes import NO_CONNECTION, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import UNCHANGED, Shell, emails

ADDRESS = "127.0.0.1:24101"


def said_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that is wrong, and return what it says."""
    try:
        code = main(arguments)
    except SystemExit as end:  # as argparse has it
        code = int(str(end.code))
    out, said = capsys.readouterr()
    assert (code, out) == (USAGE, "")
    return said


@pytest.mark.parametrize(
    "command",
    ["kick", "bury", "delete", "move", "copy", "set", "put", "pause", "resume", "jobs", "export"],
)
@pytest.mark.parametrize("server", [ADDRESS, "unix:/run/b.sock", "[::1]:11300", "tcp://queue-1"])
def test_a_server_is_no_tube(command: str, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = {"move": ["x"], "copy": ["x"], "pause": ["60"], "export": ["-"]}.get(command, [])
    said = said_of(capsys, command, server, *more)
    assert f"{server} looks like a server: name the tube first" in said


@pytest.mark.parametrize("command", [["record"], ["import"], ["export", "emails"]])
def test_a_server_is_no_file(
    command: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = said_of(capsys, *command, ADDRESS)
    assert f"{ADDRESS} looks like a server: name the file first" in said
    config = tmp_path / "config.toml"
    config.write_text('[[server]]\nname = "prod"\naddress = "127.0.0.1:1"\n')
    said = said_of(capsys, *command, "prod", "--config", str(config))
    assert said == "beantop: prod looks like a server: name the file first\n"


def test_a_file_may_have_the_name_of_a_server(tmp_path: Path) -> None:
    name = "./night:1200"
    assert file_name(name) == name


def test_a_server_is_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of(capsys, "pause", "emails", ADDRESS)
    assert f"{ADDRESS} looks like a server: name the time first" in said


def test_a_server_may_be_called_like_a_scheme(server: Beanstalkd, shell: Shell) -> None:
    ran = shell("copy", "emails", "beanstalkd:emails", "--state", "buried", "--yes")
    assert (ran.code, "cannot copy to beanstalkd:11300" in ran.said) == (NO_CONNECTION, True)


def test_a_number_is_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of(capsys, "copy", "emails", "2:webhooks", "--state", "buried", ADDRESS)
    assert "2 is not a server: name it, as in queue-2:webhooks, or by its address" in said
    assert not os.path.exists(ADDRESS)


@pytest.mark.parametrize("jobs", [["emails", "--state", "buried"], ["--job", "7"]])
@pytest.mark.parametrize("server", [ADDRESS, "unix:/run/b.sock", "tcp://queue-1"])
def test_a_server_is_no_destination(
    jobs: list[str], server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = said_of(capsys, "move", *jobs, server)
    assert said == f"beantop: {server} looks like a server: name the destination first\n"


def test_a_tube_of_digits_is_a_destination_if_a_server_comes_after_it(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with emails(server, tube) as jobs:
        ran = shell("move", tube, f"{shell.address}:24101", "--state", "buried", "--yes")
        assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)
        assert "There is no tube 24101." in ran.said


@pytest.mark.parametrize("options", [[], ["--state", "buried"]])
def test_an_id_in_the_place_of_a_tube_is_told_apart(shell: Shell, options: list[str]) -> None:
    ran = shell("kick", "7920", *options)
    assert ran.code == USAGE
    assert "has no tube 7920" in ran.said
    assert "; a job is named with --job 7920" in ran.said
    assert "--job" not in shell("kick", "a7920", *options).said
    assert "--job" not in shell("pause", "7920", "60").said
