"""The shell lines of a page of the documentation, run as a reader would run them."""

import io
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.cli import main
from tests.beanstalkd import PATIENCE, Beanstalkd

ROOT = Path(__file__).parents[2]

DOCS = ROOT / "beantop" / "docs"

JOB_OF_THE_DOCS = 4711

ENDLESS = (
    "--follow", "--watch", "beantop alert", "beantop metrics", "beantop record", "beantop web",
)  # fmt: skip
"""What makes a command run until ctrl-c, unless there is a `--limit`."""


BODY = (
    '{"class": "SendMail", "args": [{"to": "ada"}], "error": "Timeout after 7 s",'
    ' "order": {"country": "FR"}}'
)


def shell_lines(page: Path) -> list[str]:
    """Return the lines in the `sh` blocks of a page, without those that are only comments."""
    blocks = page.read_text("utf-8").split("```sh\n")[1:]
    lines = [line for block in blocks for line in block.split("\n```")[0].splitlines()]
    return [line for line in lines if line.strip() and not line.startswith("#")]


class Shell:
    """A shell of a reader who has configured the servers `queue-1` and `queue-2`."""

    def __init__(self, directory: Path, servers: dict[str, Beanstalkd]) -> None:
        self.directory = directory
        programs, config = directory / "bin", directory / "config" / "beantop"
        programs.mkdir()
        config.mkdir(parents=True)
        program = programs / "beantop"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m beantop "$@"\n')
        program.chmod(0o755)
        entries = [
            f'[[server]]\nname = "{name}"\naddress = "{format_address(server.address)}"\n'
            for name, server in servers.items()
        ]
        (config / "config.toml").write_text("".join(entries))
        self._environment = os.environ | {
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(directory / "config"),
            "HOME": str(directory),
        }

    def run(self, line: str) -> tuple[int, str, str]:
        """Run a line. Return its exit code, and what it printed and said. One that would run for ever is
        ended by ctrl-c after it printed or said something.

        A command at the beginning runs in this process, as a fresh Python takes half a second to start.
        """
        own, rest = split(line)
        if is_endless(line):
            return self._run_and_interrupt(line)
        if not own.startswith("beantop "):
            return self._run_in_bash(line)
        code, said = self._run_here(shlex.split(own)[1:])
        code_of_rest, out, said_by_rest = self._run_in_bash(f"cat printed {rest}")
        return code or code_of_rest, out, said + said_by_rest

    def _run_here(self, arguments: list[str]) -> tuple[int, str]:
        """Run a command in this process, with its output in the file `printed`."""
        said = io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            (self.directory / "printed").open("w", encoding="utf-8") as out,
            redirect_stdout(out),
            redirect_stderr(said),
        ):
            patch.chdir(self.directory)
            for name, value in self._environment.items():
                patch.setenv(name, value)
            return main(arguments), said.getvalue()

    def _run_in_bash(self, line: str) -> tuple[int, str, str]:
        with self._start(line, stderr=subprocess.PIPE) as process:
            out, said = process.communicate(timeout=PATIENCE)
            return process.returncode, out, said

    def _run_and_interrupt(self, line: str) -> tuple[int, str, str]:
        with self._start(line, stderr=subprocess.STDOUT) as process:
            assert process.stdout
            first = process.stdout.readline()
            os.killpg(process.pid, signal.SIGINT)
            rest, _ = process.communicate(timeout=PATIENCE)
            return process.returncode, first + rest, ""

    def _start(self, line: str, stderr: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", line],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            cwd=self.directory,
            env=self._environment,
            start_new_session=True,
        )


def split(line: str) -> tuple[str, str]:
    """Split a line where its first command ends: at a pipe, a redirection or a comment.

    >>> split("beantop jobs a --filter 'age > 1h' | jq .id"), split("beantop tubes  # all")
    (("beantop jobs a --filter 'age > 1h' ", '| jq .id'), ('beantop tubes  ', '# all'))
    """
    match = re.match(r"""(?:'[^']*'|"[^"]*"|[^'"|>#])*""", line)
    assert match
    return line[: match.end()], line[match.end() :]


def is_endless(line: str) -> bool:
    return any(option in line for option in ENDLESS) and "--limit" not in line


@contextmanager
def filled(server: Beanstalkd) -> Iterator[None]:
    """The jobs that the documentation speaks of: those of `emails`, one of them with its id. One is
    reserved as long as the block lasts."""
    _spend_ids(server, JOB_OF_THE_DOCS - 1)
    with server.client(use="emails", watch="emails") as client:
        for number in range(8):
            client.put(BODY.replace("7", str(number)), ttr=600)
        for _ in range(5):
            client.bury(client.reserve())
        again = client.reserve()
        for _ in range(4):
            client.release(again, priority=0)
            client.reserve()
        client.release(again, delay=1000)
        client.reserve()
        yield


def _spend_ids(server: Beanstalkd, count: int) -> None:
    """Put and delete so many jobs that the next one has the id after them."""
    with server.raw() as connection, connection.makefile("rb") as answers:
        connection.sendall(b"put 0 0 60 0\r\n\r\n" * count)
        ids = [answers.readline().split()[1] for _ in range(count)]
        connection.sendall(b"".join(b"delete %b\r\n" % id for id in ids))
        assert {answers.readline() for _ in range(count)} == {b"DELETED\r\n"}


@contextmanager
def producer(server: Beanstalkd) -> Iterator[None]:
    """Put jobs into `emails` during the block."""
    stop = threading.Event()

    def work() -> None:
        with server.client(use="emails") as client:
            while not stop.wait(0.05):
                client.put('{"class": "SendMail", "args": []}')

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
