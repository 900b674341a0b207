"""From the start of a process to its first frame and table, or to its end."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.installed import installed
from tests.bench.row import Row, Sizes, cpu_seconds
from tests.bench.watching import cpu_of
from tests.terminal import Terminal

BEANTOP = (sys.executable, "-m", "beantop")
BARE_APP = (sys.executable, "-m", "bare_app")
HEADER, TABLE, FOOTER = b"beantop", b"emails", b"Quit"
"""The first words of beantop, a tube in its table, and the only word of the bare app."""

NOTHING = (sys.executable, "-c", "pass")


class Start(NamedTuple):
    """What a start took until some words were written, in seconds."""

    wall: float
    cpu: float


def startup_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """The app compared with a bare one, the rest with an interpreter that does nothing."""
    server = Beanstalkd()
    stack.callback(server.stop)
    with server.client(use=TABLE.decode()) as client:
        client.put("")
    address = format_address(server.address)
    folder = installed(stack)
    ours = partial(start, folder, *BEANTOP, address)
    bare = partial(start, folder, *BARE_APP, words=FOOTER)

    def beside_a_bare_app(name: str, goal: float, words: bytes, took: str) -> Row:
        return Row(
            name,
            "Textual app with only a Footer",
            goal,
            lambda: getattr(ours(words=words), took),
            lambda: getattr(bare(), took),
        )

    yield beside_a_bare_app("start to first frame", 1.15, HEADER, "wall")
    yield beside_a_bare_app("start to first table", 1.35, TABLE, "wall")
    yield beside_a_bare_app("start to first table (CPU)", 1.25, TABLE, "cpu")
    yield _without_a_screen(folder, "--version")
    yield _without_a_screen(folder, "tubes", address)


def start(folder: Path, *command: str, words: bytes) -> Start:
    """Start a program in a terminal. Return what that took until these words were written."""
    started = time.perf_counter()
    with Terminal(command=command, folder=folder) as terminal:
        terminal.receive_until(words)
        return Start(time.perf_counter() - started, cpu_of(terminal.process.pid))


def _without_a_screen(folder: Path, *options: str) -> Row:
    return Row(
        f"beantop {options[0]} (CPU)",
        "python -c pass",
        0.1,
        lambda: _to_end(folder, *BEANTOP, *options),
        lambda: _to_end(folder, *NOTHING),
        by_difference=True,
    )


def _to_end(folder: Path, *command: str) -> float:
    run = partial(subprocess.run, command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return cpu_seconds(run)
