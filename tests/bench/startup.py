"""From the start of a process to its first frame, or to its end."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.installed import installed
from tests.bench.row import Row, Sizes, seconds
from tests.bench.terminal import in_terminal

BEANTOP = (sys.executable, "-m", "beantop")
BARE_APP = (sys.executable, "-m", "bare_app")
HEADER, FOOTER = b"beantop", b"Quit"
"""The first words of beantop, and the only word of the bare app."""

NOTHING = (sys.executable, "-c", "pass")


def startup_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """The app compared with a bare one, the rest with an interpreter that does nothing."""
    server = Beanstalkd()
    stack.callback(server.stop)
    address = format_address(server.address)
    folder = installed(stack)
    yield Row(
        "start to first frame",
        "Textual app with only a Footer",
        1.15,
        lambda: _to_words(HEADER, folder, *BEANTOP, address),
        lambda: _to_words(FOOTER, folder, *BARE_APP),
    )
    yield _without_a_screen(folder, "--version")
    yield _without_a_screen(folder, "tubes", address)


def _without_a_screen(folder: Path, *options: str) -> Row:
    return Row(
        f"beantop {options[0]}",
        "python -c pass",
        0.12,
        lambda: _to_end(folder, *BEANTOP, *options),
        lambda: _to_end(folder, *NOTHING),
        by_difference=True,
    )


def _to_words(words: bytes, folder: Path, *command: str) -> float:
    started = time.perf_counter()
    with in_terminal(command, folder) as terminal:
        terminal.read_until(words)
        return time.perf_counter() - started


def _to_end(folder: Path, *command: str) -> float:
    run = partial(subprocess.run, command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return seconds(run)
