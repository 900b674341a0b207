"""A server in the place of a tube or a destination that was forgotten: nothing is done elsewhere."""

import os

import pytest

from beantop.cli import main
from beantop.exit_codes import USAGE
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


@pytest.mark.parametrize("command", ["record", "import"])
def test_a_server_is_no_file(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of(capsys, command, ADDRESS)
    assert f"{ADDRESS} looks like a server: name the file first" in said
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
