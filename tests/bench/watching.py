"""What it costs to leave a screen open: CPU of the program at one poll a second, in a terminal.

The servers are processes of their own, whose CPU does not count, but for the demo. Linux only: there
a process can be asked for the CPU that another one has used, to the nanosecond.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count, islice
from threading import Thread
from typing import NamedTuple

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.bench.row import Row, Sizes
from tests.demo.process import DemoProcess
from tests.terminal import Terminal

WIDE, USUAL = (120, 36), (80, 24)

CLOCK = "Textual clock"

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
    goal: float | None = GOAL


def watching_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """Each screen beside the least that a program on Textual can do each second."""
    clock = stack.enter_context(Terminal(command=(sys.executable, "-m", "tests.bench.bare_clock")))
    clock.until(":")
    screens = list(islice(_screens(sizes.listed, stack), sizes.screens))
    programs = {CLOCK: clock}
    for screen in screens:  # all start at the same time
        programs[screen.name] = stack.enter_context(
            Terminal("--interval", "1", *screen.arguments, size=screen.size)
        )
    for screen in screens:
        _go(programs[screen.name], screen)
    cpu = CpuOfAll(programs, sizes.watched)
    for screen in screens:
        yield Row(
            f"watch {screen.name} (CPU)",
            CLOCK,
            screen.goal,
            cpu.of(screen.name),
            cpu.of(CLOCK),
            by_difference=True,
        )


class CpuOfAll:
    """CPU seconds per second of idle programs, measured over the same periods for all of them."""

    def __init__(self, programs: Mapping[str, Terminal], seconds: float) -> None:
        self._programs, self._seconds = programs, seconds
        self._measured: list[dict[str, float]] = []

    def of(self, name: str) -> Callable[[], float]:
        """Return a function whose calls return the CPU of one program in period 1, 2, and so on. Period 0 is
        left out: programs still start."""
        places = count(1)

        def in_the_next() -> float:
            place = next(places)
            while len(self._measured) <= place:
                self._measured.append(self._measure())
            return self._measured[place][name]

        return in_the_next

    def _measure(self) -> dict[str, float]:
        readers = [
            Thread(target=terminal.discard, args=[self._seconds])
            for terminal in self._programs.values()
        ]
        began, before = time.monotonic(), self._used()
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        took, after = time.monotonic() - began, self._used()
        return {name: (after[name] - before[name]) / took for name in self._programs}

    def _used(self) -> dict[str, float]:
        return {name: cpu_of(one.process.pid) for name, one in self._programs.items()}


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
    yield Screen("the demo and its servers", ["--demo"], [], tubes, goal=None)  # they work, too


def _address(server: Beanstalkd, stack: ExitStack) -> str:
    stack.callback(server.stop)
    return format_address(server.address)


def _go(terminal: Terminal, screen: Screen) -> None:
    for words, keys in screen.way:
        terminal.until(words)
        terminal.press(keys)
    terminal.until(screen.shows)


def cpu_of(process: int) -> float:
    """Return the seconds of CPU that all threads of a process used."""
    return time.clock_gettime(~process << 3 | 2)  # the clock that clock_getcpuclockid(3) gives
