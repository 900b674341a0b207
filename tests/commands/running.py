"""`beantop metrics` as a process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import urlopen

from tests.beanstalkd import PATIENCE


@dataclass
class Running:
    """A process that exports metrics."""

    process: "subprocess.Popen[str]"
    said: str
    """The first line on its standard error."""

    @property
    def url(self) -> str:
        return self.said.split()[-1]


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """Run the command for the length of the block."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "beantop", "metrics", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    try:
        assert process.stderr
        yield Running(process, process.stderr.readline())
    finally:
        process.kill()
        process.communicate()


def get(url: str) -> str:
    with urlopen(url, timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
        return text
