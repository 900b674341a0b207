"""From the start of a process to its first frame, or to its end."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.row import Row, Sizes, seconds
from tests.bench.terminal import in_terminal

FIRST_FRAME = b"Quit"
"""What both apps have in their footer, which is what they draw last."""

BEANTOP = (sys.executable, "-m", "beantop")
BARE_APP = (sys.executable, "-m", "tests.bench.bare_app")
NOTHING = (sys.executable, "-c", "pass")


def startup_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """The app against a bare one, the rest against an interpreter that does nothing."""
    server = Beanstalkd()
    stack.callback(server.stop)
    address = format_address(server.address)
    yield Row(
        "start to first frame",
        "Textual app with only a Footer",
        1.15,
        lambda: _to_first_frame(*BEANTOP, address),
        lambda: _to_first_frame(*BARE_APP),
    )
    yield _without_a_screen("--version")
    yield _without_a_screen("--once", address)


def _without_a_screen(*options: str) -> Row:
    return Row(
        f"beantop {options[0]}",
        "python -c pass",
        0.12,
        lambda: _to_end(*BEANTOP, *options),
        lambda: _to_end(*NOTHING),
        by_difference=True,
    )


def _to_first_frame(*command: str) -> float:
    started = time.perf_counter()
    with in_terminal(command) as terminal:
        terminal.read_until(FIRST_FRAME)
        return time.perf_counter() - started


def _to_end(*command: str) -> float:
    return seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
