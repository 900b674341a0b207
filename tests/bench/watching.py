"""What it costs to leave a screen open: CPU of the program at one poll a second, in a terminal.

The servers are processes of their own, whose CPU does not count, but for the demo. Linux only: there
a process can be asked for the CPU that another one has used, to the nanosecond.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.row import Row, Sizes
from tests.demo.process import DemoProcess
from tests.terminal import Terminal

WIDE, USUAL = (120, 36), (80, 24)

GOAL = 0.02
"""Seconds of CPU in a second, beside those of the clock: 2 % of a core."""


class Screen(NamedTuple):
    """A screen, and the way to it: words that are waited for, and keys that are pressed then."""

    name: str
    arguments: Sequence[str]
    way: Sequence[tuple[str, str]]
    shows: str
    """Words that stand there in the end."""
    size: tuple[int, int] = WIDE


def watching_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """Each screen beside the least that a program on Textual can do each second."""
    busy, other, full = DemoProcess("--workload"), DemoProcess("--workload"), Beanstalkd()
    for server in (busy, other, full):
        stack.callback(server.stop)
    with full.client(use="emails") as client:
        for number in range(sizes.listed):
            client.put(f'{{"id": {number}, "to": "ada@example.com", "text": "{"x" * 100}"}}')
    clock = stack.enter_context(Terminal(command=(sys.executable, "-m", "tests.bench.bare_clock")))
    clock.until(":")
    for screen in _screens(busy, other, full, sizes.listed)[: sizes.screens]:
        with Terminal("--interval", "1", *screen.arguments, size=screen.size) as terminal:
            _go(terminal, screen)
            yield Row(
                f"watch {screen.name} (CPU)",
                "Textual clock",
                GOAL,
                lambda: _cpu_a_second(terminal, sizes.watched),
                lambda: _cpu_a_second(clock, sizes.watched),
                by_difference=True,
            )


def _screens(
    busy_server: Beanstalkd, other_server: Beanstalkd, full_server: Beanstalkd, listed: int
) -> list[Screen]:
    busy, other, full = (
        format_address(server.address) for server in (busy_server, other_server, full_server)
    )
    tubes = "email-transactional"
    tube = (tubes, "\r")
    found = [("emails", "\r"), ("The next job of each state", "n")]
    return [
        Screen("a quiet server", [full], [], "emails"),
        Screen(f"{listed:,} found jobs, 80x24", [full], found, f"{listed:,} jobs found", USUAL),
        Screen("tubes", [busy], [], tubes),
        Screen("tubes, 80x24", [busy], [], tubes, USUAL),
        Screen("a tube", [busy], [tube], "The next job of each state"),
        Screen("a job", [busy], [tube, ("The next job of each state", "\r")], "Body"),
        Screen("a server", [busy], [(tubes, "0")], "fields"),
        Screen("all servers", [busy, other], [], "2 of 2 servers answering"),
        Screen("tubes of all servers", [busy, other], [("2 of 2 servers", "G\r")], tubes),
        Screen("the demo, with its servers", ["--demo"], [], tubes),
    ]


def _go(terminal: Terminal, screen: Screen) -> None:
    for words, keys in screen.way:
        terminal.until(words)
        terminal.press(keys)
    terminal.until(screen.shows)
    terminal.discard(1.0)  # what comes with the first looks


def _cpu_a_second(terminal: Terminal, seconds: float) -> float:
    """Seconds of CPU that the program takes in a second, while nobody does anything."""
    began, before = time.monotonic(), _cpu_of(terminal.process.pid)
    terminal.discard(seconds)
    return (_cpu_of(terminal.process.pid) - before) / (time.monotonic() - began)


def _cpu_of(process: int) -> float:
    """Seconds of CPU that all threads of a process used."""
    return time.clock_gettime(~process << 3 | 2)  # the clock that clock_getcpuclockid(3) gives
