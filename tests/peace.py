"""What beantop costs a real server, from the first second: `python -m tests.peace --help`.

Each server is watched for a while by the program in a terminal, first with nothing else to do, then
while a worker keeps it busy. What it takes of a core without the program is compared with what it
takes with it, over every 10 s. A relay between the two sees which tubes are asked for, and when.
"""

import argparse
import multiprocessing
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from os import sysconf
from pathlib import Path

from tests.beanstalkd import Beanstalkd
from tests.terminal import Terminal

WINDOW = 10.0
"""Seconds over which the server's work is measured."""

LOAD = 0.3
"""The part of a core that the server takes for the worker."""

EVERY = 0.1
"""Seconds from one batch of its jobs to the next."""

SPAWN = multiprocessing.get_context("spawn")

ASKED = re.compile(rb"^stats-tube (\S+)\r\n", re.MULTILINE)
_ROW = re.compile(r"^.{0,6}\b(t\d+)\b", re.MULTILINE)
_PACE = re.compile(r"now ([\d.]+)s")
_COST = re.compile(r"cost <?([\d.]+)%")


class Server(Beanstalkd):
    """A beanstalkd of any version, with one job in each of so many tubes."""

    def __init__(self, binary: str, tubes: int) -> None:
        super().__init__(binary=binary)
        wires = b"".join(b"use t%d\r\nput 0 0 60 1\r\nx\r\n" % number for number in range(tubes))
        with self.raw() as connection:
            sender = threading.Thread(target=connection.sendall, args=[wires])
            sender.start()
            answers = 0
            while answers < 2 * tubes:
                answers += connection.recv(65536).count(b"\r\n")
            sender.join()

    @property
    def version(self) -> str:
        with self.client() as client:
            return client.stats()["version"]

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far; the server is not asked, which would cost some."""
        assert self.process
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / sysconf("SC_CLK_TCK")


class Meter:
    """Reads several times a second how much processor time was spent on something."""

    def __init__(self, spent: Callable[[], float]) -> None:
        self._spent = spent
        self._readings = [(time.monotonic(), spent())]

    def read(self) -> None:
        self._readings.append((time.monotonic(), self._spent()))

    @property
    def total(self) -> float:
        """Seconds."""
        return self._readings[-1][1] - self._readings[0][1]

    @property
    def mean(self) -> float:
        """Share of a core over the whole time."""
        return self.total / (self._readings[-1][0] - self._readings[0][0])

    @property
    def worst(self) -> float:
        """The largest part of a core over any `WINDOW`."""
        most, start = 0.0, 0
        for at, spent in self._readings:
            while at - self._readings[start][0] > WINDOW:
                start += 1
            most = max(most, spent - self._readings[start][1])
        return most / WINDOW


class Relay:
    """Between the program and a server: remembers when each tube was asked for. It works in a process
    of its own, so that the program does not wait for this one."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.asked = 0
        self.asked_at: dict[str, float] = {}
        self._news, theirs = multiprocessing.Pipe()
        self._process = SPAWN.Process(target=pass_on, args=[address, theirs])
        self._process.start()
        self.port: int = self._news.recv()

    def read(self) -> None:
        """Take in what was asked for since the last time."""
        while self._news.poll():
            at, names = self._news.recv()
            self.asked += len(names)
            self.asked_at |= dict.fromkeys(names, at)

    def close(self) -> None:
        self._process.kill()
        self._process.join()


def pass_on(address: tuple[str, int], news: Connection) -> None:
    """Pass on what the program and the server say to each other until one of them ends; tell which
    tubes are asked for."""
    with suppress(ConnectionError):
        _pass_on(address, news)


def _pass_on(address: tuple[str, int], news: Connection) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    news.send(listener.getsockname()[1])
    peers: dict[socket.socket, socket.socket] = {}
    lines: dict[socket.socket, bytes] = {}  # of the program, by connection: one that is not whole
    while True:
        for one in select.select([listener, *peers], [], [])[0]:
            if one is listener:
                near, far = listener.accept()[0], socket.create_connection(address)
                lines[near] = b""
                peers[near], peers[far] = far, near
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            elif data := one.recv(2**18):
                peers[one].sendall(data)
                if one in lines:
                    whole, _, lines[one] = (lines[one] + data).rpartition(b"\n")
                    names = [name.decode() for name in ASKED.findall(whole + b"\n")]
                    news.send((time.monotonic(), names))
            else:
                return


@dataclass
class Rows:
    """The rows on the screen, and how long they wait for a poll."""

    relay: Relay
    oldest: float = 0.0
    """Seconds that a row waited at most, while it was on the screen."""
    polls: float = 0.0
    """The same, in polls at the pace of that moment."""
    screen_seen: float = 0.0
    """Monotonic time when every row on the screen had been asked for once; 0 before that. What was
    older until then does not count: with very many tubes the first polls ask for few."""
    _since: dict[str, float] = field(default_factory=dict)

    def see(self, screen: str) -> None:
        now = time.monotonic()
        self._since = {name: self._since.get(name, now) for name in _ROW.findall(screen)}
        pace = float(found[1]) if (found := _PACE.search(screen)) else 1.0
        asked_at = self.relay.asked_at
        waited = max(
            (now - max(at, asked_at.get(name, 0)) for name, at in self._since.items()), default=0
        )
        self.oldest, self.polls = max(self.oldest, waited), max(self.polls, waited / pace)
        if not self.screen_seen and self._since and self._since.keys() <= asked_at.keys():
            self.screen_seen, self.oldest, self.polls = now, 0.0, 0.0


def put_and_delete(connection: socket.socket, jobs: int) -> None:
    """Put so many jobs at once, and delete them."""
    replies = connection.makefile("rb")
    connection.sendall(b"put 0 0 60 1\r\nx\r\n" * jobs)
    ids = [replies.readline().split()[1] for _ in range(jobs)]
    connection.sendall(b"".join(b"delete %b\r\n" % id for id in ids))
    for _ in ids:
        replies.readline()


def work(address: tuple[str, int], jobs: int) -> None:
    """Put and delete so many jobs again and again."""
    with socket.create_connection(address) as connection:
        while True:
            began = time.monotonic()
            put_and_delete(connection, jobs)
            time.sleep(max(0.0, began + EVERY - time.monotonic()))


@contextmanager
def worker(server: Server) -> Iterator[None]:
    """A worker in a process of its own, for which the server takes about `LOAD` of a core."""
    jobs, before = 0, server.cpu
    with server.raw() as connection:
        while (taken := server.cpu - before) < 0.5:
            put_and_delete(connection, 10)
            jobs += 10
    at_once = max(1, int(LOAD * EVERY * jobs / taken))
    process = SPAWN.Process(target=work, args=[server.address, at_once])
    process.start()
    try:
        while server.cpu - before < taken + 0.5:  # until it is at work
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.join()


@dataclass(frozen=True)
class Result:
    """Measurements of a server that the program watched."""

    before: Meter
    """CPU time of the server without the program."""
    total: Meter
    """CPU time of the server with the program."""
    asked: int
    """Number of `stats-tube` commands."""
    ours: Meter
    """CPU time that the server spent on the program."""
    header: float
    """The highest cost that the header showed, in percent."""
    screen_seen: str
    all_seen: str
    rows: Rows

    @property
    def cells(self) -> list[str]:
        return [
            f"{self.before.mean:.2%}",
            f"{self.total.mean:.2%}",
            f"{self.ours.worst:.2%}",
            f"{self.header:.1f}%",
            self.screen_seen,
            self.all_seen,
            f"{self.rows.oldest:.1f} s, {self.rows.polls:.1f} polls",
        ]


def watch(server: Server, tubes: int, seconds: float, cost_of_tube: float = 0.0) -> Result:
    """Watch a server for so long. If it is busy with other things, its time for us is not to be told
    from theirs: it is what asking for a tube costs, with its part of all else in a poll, times the
    tubes that were asked for."""
    before = Meter(lambda: server.cpu)
    time.sleep(1.5 * WINDOW)
    before.read()
    assert isinstance(server.address, tuple)
    relay = Relay(server.address)
    rows, costs, all_seen = Rows(relay), [0.0], 0.0
    total = Meter(lambda: server.cpu)
    ours = Meter(lambda: relay.asked * cost_of_tube) if cost_of_tube else total
    began, spent = time.monotonic(), 0.0
    with Terminal(f"127.0.0.1:{relay.port}", size=(160, 50)) as program:
        while spent < seconds:
            program.read(0.2)
            relay.read()
            total.read()
            ours.read()
            rows.see(program.text)
            costs += map(float, _COST.findall(program.text))
            spent = time.monotonic() - began
            if not all_seen and len(relay.asked_at) > tubes:  # with `default`
                all_seen, rows.oldest, rows.polls = spent, 0.0, 0.0
                seconds = max(spent + WINDOW, 3 * WINDOW)
    relay.close()
    part = len(relay.asked_at) / (tubes + 1)
    seen = f"{all_seen:.1f} s" if all_seen else f"{part:.1%} in {spent:.0f} s"
    at = rows.screen_seen - began
    first = f"{at:.1f} s" if rows.screen_seen else f"not in {spent:.0f} s"
    return Result(before, total, relay.asked, ours, max(costs), first, seen, rows)


HEADINGS = (
    "SERVER", "TUBES", "", "WITHOUT US", "WITH US", "FOR US, WORST 10 S", "HEADER AT MOST", "SCREEN SEEN",
    "ALL SEEN", "OLDEST ROW",
)  # fmt: skip


def told(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tubes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--server", nargs="+", default=Beanstalkd.program(), help="beanstalkd")
    parser.add_argument("--seconds", type=float, default=60.0, help="for which each is watched")
    arguments = parser.parse_args()
    rows: list[Sequence[str]] = [HEADINGS]
    for binary in arguments.server:
        for tubes in arguments.tubes:
            server = Server(binary, tubes)
            try:
                name = [server.version, f"{tubes:,}"]
                idle = watch(server, tubes, arguments.seconds)
                with worker(server):
                    cost_of_tube = idle.total.total / idle.asked
                    busy = watch(server, tubes, arguments.seconds, cost_of_tube)
                rows += [*name, "idle", *idle.cells], [*name, "busy", *busy.cells]
            finally:
                server.stop()
            print(told(rows), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
