"""beantop beside btop and htop: when the first screen is there, and what it costs to leave it open.

They watch another thing, so there is no goal: users compare them all the same.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.installed import installed
from tests.bench.row import Row, Sizes
from tests.bench.startup import BEANTOP, start
from tests.bench.watching import CpuOfAll
from tests.terminal import Terminal

OURS, TUBE = "beantop", "emails"

EVERY = 2.0
"""Times `Sizes.watched`: btop draws every 2 s."""

FIRST_WORDS = {"btop": "menu", "htop": "F1"}
"""What is on the first screen of each."""


def other_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """Rows for those that are installed."""
    others = {name: words for name, words in FIRST_WORDS.items() if shutil.which(name)}
    if not others:
        return
    server = Beanstalkd()
    stack.callback(server.stop)
    with server.client(use=TUBE) as client:
        client.put("")
    address = format_address(server.address)
    folder = installed(stack)

    def first(*command: str, words: str) -> float:
        return start(folder, *command, words=words.encode()).wall

    programs = {OURS: stack.enter_context(Terminal(address))}
    programs[OURS].until(TUBE)
    for name, words in others.items():
        programs[name] = stack.enter_context(Terminal(command=(name,)))
        programs[name].until(words)
    cpu = CpuOfAll(programs, EVERY * sizes.watched)
    for name, words in others.items():
        yield Row(
            f"first table, beside {name}",
            name,
            None,
            partial(first, *BEANTOP, address, words=TUBE),
            partial(first, name, words=words),
        )
    for name in others:
        yield Row(
            f"left open, beside {name} (CPU a second)",
            name,
            None,
            cpu.of(OURS),
            cpu.of(name),
            by_difference=True,
        )
