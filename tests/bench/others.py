"""beantop beside btop and htop: when the first screen is there, and what it costs to leave it open.

They watch another thing, so there is no goal: users compare them all the same.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.installed import installed
from tests.bench.row import Row, Sizes
from tests.bench.terminal import in_terminal
from tests.bench.watching import cpu_of

FIRST_WORDS = {"btop": b"menu", "htop": b"F1"}
"""What is on the first screen of each."""


def other_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """Rows for those that are installed."""
    server = Beanstalkd()
    stack.callback(server.stop)
    with server.client(use="emails") as client:
        client.put("")
    ours = (sys.executable, "-m", "beantop", format_address(server.address))
    folder = installed(stack)

    def first(command: tuple[str, ...], words: bytes) -> float:
        started = time.perf_counter()
        with in_terminal(command, folder) as terminal:
            terminal.read_until(words)
            return time.perf_counter() - started

    def idle(command: tuple[str, ...], words: bytes) -> float:
        with in_terminal(command, folder) as terminal:
            terminal.read_until(words)
            before = cpu_of(terminal.process)
            terminal.read_for(sizes.watched)
            return (cpu_of(terminal.process) - before) / sizes.watched

    for name, words in FIRST_WORDS.items():
        if shutil.which(name):
            yield Row(
                f"first table, beside {name}",
                name,
                None,
                partial(first, ours, b"emails"),
                partial(first, (name,), words),
            )
            yield Row(
                f"left open, beside {name} (CPU a second)",
                name,
                None,
                partial(idle, ours, b"emails"),
                partial(idle, (name,), words),
            )
