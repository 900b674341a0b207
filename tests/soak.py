"""The program in a pseudo-terminal for a long time, against three real servers on bad days.

Workers and producers are at work on all of them. Every few seconds one is killed, or frozen, and
comes back; random keys that only look are pressed all the while. `python -m tests.soak 30` does so
for 30 minutes, and prints what it saw. How soon the program is back is told by the server: nobody
else asks for `list-tubes`.
"""

import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from beantop.beanstalk import Client, Error
from tests.beanstalkd import Beanstalkd
from tests.terminal import Terminal
from tests.used import descriptors_of, memory_of

LOOKING = [
    *"jkgGhl[]0123sizcftvwxn?mba!r<>", "enter", "escape", "escape", "pagedown", "pageup",
    "tab", "/mail", "space",
]  # fmt: skip
"""Keys that only look. `:` is not among them: it leads to all that can be done."""

_CODES = {
    "enter": "\r",
    "escape": "\x1b",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "tab": "\t",
    "space": " ",
}

SAMPLED_EVERY = 5.0
"""Seconds between two looks at memory and descriptors."""

BACK_WITHIN = 5.0
"""Seconds after its return in which a server must be watched again."""


@dataclass
class Seen:
    """The result of a soak."""

    seconds: float = 0.0
    keys: int = 0
    kills: int = 0
    freezes: int = 0
    back_after: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    """KiB, at each sample."""
    descriptors: list[int] = field(default_factory=list)
    exit_code: int | None = None
    problem: str = ""

    def __str__(self) -> str:
        early, late = self.memory_early_and_late
        return (
            f"{self.seconds:.0f} s, {self.keys:,} keys, {self.kills} kills, {self.freezes} freezes; "
            f"back after {max(self.back_after, default=0):.1f} s at most; "
            f"memory {early / 1024:.1f} MiB early, {late / 1024:.1f} MiB late; "
            f"descriptors {min(self.descriptors)} to {max(self.descriptors)}; "
            f"exit code {self.exit_code}{'; ' + self.problem if self.problem else ''}"
        )

    @property
    def memory_early_and_late(self) -> tuple[float, float]:
        return _early_and_late(self.memory)

    @property
    def descriptors_early_and_late(self) -> tuple[float, float]:
        return _early_and_late(self.descriptors)


def _early_and_late(samples: Sequence[int]) -> tuple[float, float]:
    """Mean memory in the second and the last fifth; in the first fifth the history fills up."""
    fifth = max(1, len(samples) // 5)
    early, late = samples[fifth : 2 * fifth] or samples, samples[-fifth:]
    return sum(early) / len(early), sum(late) / len(late)


def soak(seconds: float, seed: int = 1) -> Seen:
    """Run the soak for this many seconds."""
    servers = [Beanstalkd() for _ in range(3)]
    ends = threading.Event()
    busy = [threading.Thread(target=_work, args=(server, ends)) for server in servers]
    for thread in busy:
        thread.start()
    addresses = [f"{host}:{port}" for host, port in (_pair(server) for server in servers)]
    try:
        with Terminal("-i", "0.5", *addresses, PAGER="true", EDITOR="true") as program:
            program.until("servers answering")
            return _watch(program, servers, seconds, random.Random(seed))
    finally:
        ends.set()
        for thread in busy:
            thread.join()
        for server in servers:
            with suppress(OSError):
                server.send_signal(signal.SIGCONT)
            server.stop()


def _watch(
    program: Terminal, servers: list[Beanstalkd], seconds: float, chance: random.Random
) -> Seen:
    seen = Seen()
    began = time.monotonic()
    days = threading.Thread(
        target=_bad_days, args=(servers, seen, chance.random(), began + seconds)
    )
    days.start()
    next_sample = began
    try:
        while time.monotonic() < began + seconds:
            key = chance.choice(LOOKING)
            program.press(_CODES.get(key, key))
            seen.keys += 1
            program.discard(chance.uniform(0.02, 0.3))
            if program.process.poll() is not None:
                last_words = program.written[-4000:].decode(errors="replace")
                seen.problem = f"it ended by itself:\n{last_words}"
                break
            if chance.random() < 0.02:
                program.resize(*chance.choice([(120, 36), (80, 24), (20, 4), (200, 60)]))
            if time.monotonic() >= next_sample:
                next_sample += SAMPLED_EVERY
                seen.memory.append(memory_of(program.process.pid))
                seen.descriptors.append(descriptors_of(program.process.pid))
    finally:
        days.join()
    seen.seconds = time.monotonic() - began
    if program.process.poll() is None:
        program.press("\x11")  # ctrl+q
        seen.exit_code = program.wait()
    return seen


def _bad_days(servers: list[Beanstalkd], seen: Seen, seed: float, until: float) -> None:
    """Break and restore one server after the other."""
    chance = random.Random(seed)
    while time.monotonic() < until - 12:
        server = chance.choice(servers)
        if chance.random() < 0.5:
            seen.kills += 1
            server.stop()
            time.sleep(chance.uniform(0.2, 3.0))
            server.start()
            before = 0
        else:
            seen.freezes += 1
            server.send_signal(signal.SIGSTOP)
            time.sleep(chance.uniform(0.5, 7.0))
            server.send_signal(signal.SIGCONT)
            before = _looks(server)
        returned = time.monotonic()
        while _looks(server) <= before and time.monotonic() < returned + 2 * BACK_WITHIN:
            time.sleep(0.05)
        seen.back_after.append(time.monotonic() - returned)
        time.sleep(chance.uniform(0.5, 3.0))


def _looks(server: Beanstalkd) -> int:
    with server.client() as client:
        return client.stats().get("cmd-list-tubes", 0)


def _work(server: Beanstalkd, ends: threading.Event) -> None:
    """Put, reserve and finish jobs in all possible ways, whatever happens to the server."""
    while not ends.is_set():
        with suppress(OSError, Error), server.client(use="email-1", watch="email-1") as client:
            _work_while_it_lasts(client, ends)
        time.sleep(0.05)


def _work_while_it_lasts(client: Client[str], ends: threading.Event) -> None:
    chance = random.Random()
    for number in range(1_000_000):
        if ends.is_set():
            return
        tube = f"email-{number % 20 + 1}"
        client.use(tube)
        client.watch(tube)
        client.put(f'{{"number": {number}}}', delay=chance.choice([0, 0, 0, 60]))
        with suppress(Error):
            job = client.reserve(timeout=0)
            finish = chance.choice([client.delete] * 8 + [client.bury, client.release])
            finish(job)
        time.sleep(0.02)


def _pair(server: Beanstalkd) -> tuple[str, int]:
    assert not isinstance(server.address, str)
    return server.address


if __name__ == "__main__":
    print(soak(60 * float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
