"""What it costs to leave a screen open: CPU of the program at one poll a second, in a terminal.

The servers are processes of their own, whose CPU does not count, but for the demo. Linux only: there
a process can be asked for the CPU that another one has used, to the nanosecond.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import NamedTuple

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.row import Row, Sizes
from tests.demo.process import DemoProcess
from tests.terminal import Terminal

WIDE, USUAL = (120, 36), (80, 24)

GOAL = 0.02
"""CPU seconds per second: 2 % of a core."""


class Screen(NamedTuple):
    """A screen, and the way to it: words that are waited for, and keys that are pressed then."""

    name: str
    arguments: Sequence[str]
    way: Sequence[tuple[str, str]]
    shows: str
    """Words on the screen at the end."""
    size: tuple[int, int] = WIDE


def watching_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """Each screen beside the least that a program on Textual can do each second."""
    clock = stack.enter_context(Terminal(command=(sys.executable, "-m", "tests.bench.bare_clock")))
    clock.until(":")
    for screen in islice(_screens(sizes.listed, stack), sizes.screens):
        with Terminal("--interval", "1", *screen.arguments, size=screen.size) as terminal:
            _go(terminal, screen)
            terminal.discard(min(1.0, sizes.watched))  # what comes with the first looks
            yield Row(
                f"watch {screen.name} (CPU)",
                "Textual clock",
                GOAL,
                lambda: _cpu_a_second(terminal, sizes.watched),
                lambda: _cpu_a_second(clock, sizes.watched),
                by_difference=True,
            )


def _screens(listed: int, stack: ExitStack) -> Iterator[Screen]:
    """All screens; their servers are started when first needed."""
    full = Beanstalkd()
    with full.client(use="emails") as client:
        for number in range(listed):
            client.put(f'{{"id": {number}, "to": "ada@example.com", "text": "{"x" * 100}"}}')
    quiet, first = _address(full, stack), "jobs found"
    yield Screen("a quiet server", [quiet], [], "emails")
    find = [("emails", "\r"), (first, "n")]
    found = f"{listed:,} jobs found"
    yield Screen(f"{listed:,} found jobs, 80x24", [quiet], find, found, USUAL)
    busy, tubes = _address(DemoProcess("--workload"), stack), "email-transactional"
    yield Screen("tubes", [busy], [], tubes)
    yield Screen("tubes, 80x24", [busy], [], tubes, USUAL)
    yield Screen("a tube", [busy], [(tubes, "\r")], first)
    yield Screen("a job", [busy], [(tubes, "\r"), (first, "\r")], "Body")
    yield Screen("a server", [busy], [(tubes, "0")], "fields")
    other, both = _address(DemoProcess("--workload"), stack), "2 of 2 servers answering"
    yield Screen("all servers", [busy, other], [], both)
    yield Screen("tubes of all servers", [busy, other], [(both, "G\r")], tubes)
    yield Screen("the demo and its servers", ["--demo"], [], tubes)


def _address(server: Beanstalkd, stack: ExitStack) -> str:
    stack.callback(server.stop)
    return format_address(server.address)


def _go(terminal: Terminal, screen: Screen) -> None:
    for words, keys in screen.way:
        terminal.until(words)
        terminal.press(keys)
    terminal.until(screen.shows)


def _cpu_a_second(terminal: Terminal, seconds: float) -> float:
    """Seconds of CPU that the program takes in a second, while nobody does anything."""
    began, before = time.monotonic(), cpu_of(terminal.process.pid)
    terminal.discard(seconds)
    return (cpu_of(terminal.process.pid) - before) / (time.monotonic() - began)


def cpu_of(process: int) -> float:
    """Return the seconds of CPU that all threads of a process used."""
    return time.clock_gettime(~process << 3 | 2)  # the clock that clock_getcpuclockid(3) gives
