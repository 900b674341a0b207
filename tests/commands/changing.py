"""A tube with jobs in all states, and the commands that change it, as a script calls them."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass

import pytest

from beantop.beanstalk import Address, Client, format_address
from beantop.cli import main
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in, put_buried


@dataclass(frozen=True)
class Emails:
    """Three buried jobs, two ready ones, one that a worker has, and a delayed one."""

    client: Client[str]
    tube: str
    buried: Sequence[int]
    ready: Sequence[int]
    reserved: int
    delayed: int

    @property
    def counts(self) -> dict[str, int]:
        return jobs_in(self.client, self.tube)


UNCHANGED = {"ready": 2, "reserved": 1, "delayed": 1, "buried": 3}


@contextmanager
def emails(server: Beanstalkd, tube: str) -> Iterator[Emails]:
    with server.client(use=tube, watch=tube) as client:
        client.ignore("default")
        buried = [put_buried(client, job_of(number)) for number in range(3)]
        reserved = client.put("held", ttr=600)
        client.reserve_job(reserved)
        ready = [client.put(job_of(number)) for number in (3, 4)]
        delayed = client.put("later", delay=1000)
        yield Emails(client, tube, buried, ready, reserved, delayed)


def job_of(number: int) -> str:
    return json.dumps({"class": "SendMail", "args": [{"n": number}], "n": number})


@dataclass(frozen=True)
class Ran:
    """What a command printed."""

    code: int
    out: str
    said: str

    @property
    def tally(self) -> dict[str, object]:
        """The one line of JSON that it printed."""
        [line] = self.out.splitlines()
        found: dict[str, object] = json.loads(line)
        return found


class Shell:
    """Runs commands on a server, in this process."""

    def __init__(self, server: Beanstalkd, capsys: pytest.CaptureFixture[str]) -> None:
        self.address = format_address(server.address)
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        code = main([*arguments, self.address])
        out, said = self._capsys.readouterr()
        return Ran(code, out, said.removeprefix("beantop: ").rstrip("\n"))


def imported(address: Address, file: str, *options: str) -> tuple[int, str]:
    """Import a file with `--yes`. Return the exit code, and what was said."""
    with redirect_stderr(io.StringIO()) as said:
        code = main(["import", file, "--yes", *options, format_address(address)])
    return code, said.getvalue().removeprefix("beantop: ").rstrip("\n")
