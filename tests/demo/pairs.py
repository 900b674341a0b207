"""The same said to the real beanstalkd and to the demo's, at the same time: both must say the same."""

import re
import socket
import time
from collections import deque
from collections.abc import Iterator

from beantop.demo.binlog import Binlog
from beantop.demo.broker import SAFETY_MARGIN, Broker
from beantop.demo.clock import Clock
from beantop.demo.conversation import Conversation
from tests.demo.original import MICROSECOND, Original

START = 1_000_000_000 * 10**9
"""The time at which both begin, in nanoseconds since 1970."""

PAUSE = 1_037 * MICROSECOND
"""Between two things that happen, so that no two deadlines fall together (for 240 of them, if all
other times are multiples of 250 ms)."""

MAX_JOB_SIZE = 100

OF_THE_MACHINE = (
    *(b"pid", b"version", b"rusage-utime", b"rusage-stime"),
    *(b"id", b"hostname", b"os", b"platform"),
)
"""The keys of `stats` that have nothing to do with the queue."""


class Client:
    """A client of both servers: a socket to the original, a conversation with the demo."""

    def __init__(self, number: int, socket: socket.socket, broker: Broker) -> None:
        others = set(broker.connections)
        self.number = number
        self.socket = socket
        self.socket.setblocking(False)
        self.conversation = Conversation(broker, self._hear)
        (self.connection,) = broker.connections - others
        self.handled_signals = b""  # from the demo, and not compared yet
        self.rest = b""
        """The rest of a command of which only the beginning was sent."""
        self.has_more_to_say = False
        """Whether it waits for a job, and has said already what is to be done after that."""
        self.waits_with_timeout = False
        self.is_mistreated = False
        """Whether the original forgets deadlines of it from now on.

        So it does with one whose `reserve-with-timeout` ended in DEADLINE_SOON: the timeout stays
        (`pending_timeout` in conn.c), and once it is over, no deadline of that connection is
        looked after until it speaks again.
        """

    def _hear(self, data: bytes) -> None:
        self.handled_signals += data
        if data.startswith(b"DEADLINE_SOON") and self.waits_with_timeout:
            self.is_mistreated = True

    @property
    def is_waiting(self) -> bool:
        return self.connection.is_waiting

    @property
    def tick_at(self) -> int | None:
        """The time of its next event."""
        until, job = self.connection.wait_until, self.connection.reserved.first()
        if job is None:
            return until
        ends = job.deadline - SAFETY_MARGIN * self.is_waiting
        return ends if until is None else min(ends, until)


class Pair:
    """Both servers, and the clients that speak to both of them."""

    def __init__(self, original: Original, *, has_binlog: bool) -> None:
        self.original = original
        self.clock = Clock(START)
        self.broker = Broker(self.clock, max_job_size=MAX_JOB_SIZE)
        self.broker.binlog = Binlog(is_on=has_binlog)
        self._control = Conversation(self.broker, lambda data: None)  # as the original has one
        self.clients: list[Client] = []
        self._last_number = 0
        self._transcript: deque[str] = deque(maxlen=60)
        self._observer = Client(0, original.connect(), self.broker)
        self.is_over = False
        """Whether the original is confused: two clients have had a deadline in one microsecond.

        When it takes one of two such from its heap (`heapremove` in heap.c), it may lose the other.
        """
        self._settle("the observer is connected")

    # What happens to them:

    def connect(self) -> Client:
        self._pause()
        self._last_number += 1
        client = Client(self._last_number, self.original.connect(), self.broker)
        self.clients.append(client)
        self._settle(f"client {client.number} is connected")
        return client

    def say(self, client: Client, data: bytes) -> None:
        self._pause()
        was_waiting = client.is_waiting
        client.socket.sendall(data)
        client.conversation.receive(data)
        self._settle(f"client {client.number} said {data!r}", 2 + len(data) // 100)
        client.has_more_to_say = client.is_waiting and (was_waiting or data.count(b"\r\n") > 1)

    def close(self, client: Client) -> None:
        """It is gone, in the middle of whatever it said or heard."""
        self._pause()
        self._part(client)
        client.socket.close()
        self._settle(f"client {client.number} has gone", 4)

    def hang_up(self, client: Client) -> None:
        """It says no more, but still listens; if it waits for a job, it is told TIMED_OUT."""
        self._pause()
        client.conversation.no_more()
        client.socket.shutdown(socket.SHUT_WR)
        self._part(client)
        self._settle(f"client {client.number} hung up", 4, client)

    def look_at_everything(self) -> None:
        """Every question about every tube and every job."""
        jobs = "".join(f"stats-job {id}\r\n" for id in self.broker.jobs)
        tubes = "".join(
            f"stats-tube {name}\r\nuse {name}\r\npeek-ready\r\npeek-delayed\r\npeek-buried\r\n"
            for name in self.broker.tubes
        )
        self.say(self._observer, f"stats\r\nlist-tubes\r\n{jobs}{tubes}use default\r\n".encode())

    def end(self) -> None:
        for client in (self._observer, *self.clients):
            client.socket.close()

    def drain(self) -> None:
        self.original.drain()
        self.broker.is_draining = True
        self._settle("no new jobs are taken")

    def let_pass(self, nanoseconds: int) -> None:
        """The time goes on, with a halt after everything that it brings.

        So each of these comes at its own tick, as it does in reality. The halt is a microsecond
        late, or more: beanstalkd misses a ttr that ends in exactly the microsecond of its tick.
        """
        end = self.clock() + nanoseconds + PAUSE
        while (due := self.broker.due) is not None and due < end:
            halt = max(self.clock(), (due // MICROSECOND + 1) * MICROSECOND)
            while halt in self._deadlines():
                halt += MICROSECOND
            self._set_clock(halt)
        self._set_clock(max(self.clock(), end))

    def _deadlines(self) -> set[int | None]:
        jobs = (job.deadline for client in self.clients for job in client.connection.reserved)
        return {*jobs, *(client.tick_at for client in self.clients)}

    def _pause(self) -> None:
        self.let_pass(0)

    def _set_clock(self, now: int) -> None:
        self.clock.advance_to(now)
        self.original.set_clock(now)
        self._settle("time went on")

    # What they say:

    def _settle(self, what: str, turns: int = 2, parted: Client | None = None) -> None:
        """Let both servers do everything that is due, and compare their replies."""
        present = [self._observer, *self.clients, *([parted] if parted else [])]
        self._transcript.append(f"{(self.clock() - START) / 10**9:.6f} {what}")
        self._let_demo_work(present)
        if self.is_over:
            return
        turns += sum(client.handled_signals.count(b"\r\n") for client in present)
        self.original.settle(turns)
        for client in present:
            ours, client.handled_signals = client.handled_signals, b""
            if ours and client is not self._observer:
                self._transcript.append(f"         client {client.number} hears {ours!r}")
            theirs, is_over = self._hear(client, ours)
            is_same = self._is_same(theirs, ours) and is_over == client.conversation.is_over
            assert is_same, self._story(client, theirs, ours, is_over)
            if is_over:
                client.socket.close()
        for client in [client for client in self.clients if client.is_mistreated]:
            self._part(client)
            client.socket.close()
            self._settle(f"client {client.number} was mistreated and goes", 4)

    def _story(self, client: Client, theirs: bytes, ours: bytes, is_over: bool) -> str:
        return "\n".join(
            (
                *self._transcript,
                f"\nAt last, client {client.number} heard from the original and from the demo:",
                f"{theirs!r}, {is_over=}",
                f"{ours!r}, {client.conversation.is_over=}",
            )
        )

    def _let_demo_work(self, present: list[Client]) -> None:
        is_done = False
        while not is_done:
            said = sum(len(client.handled_signals) for client in present)
            is_done = True
            for client in (self._observer, *self.clients):
                if client.conversation.work(1):
                    is_done = False
                if client.conversation.is_over:
                    self._part(client)
                client.waits_with_timeout = client.connection.wait_until is not None
                self._look_for_ties()
            self.broker.tick()
            self._look_for_ties()
            is_done = is_done and said == sum(len(client.handled_signals) for client in present)

    def _look_for_ties(self) -> None:
        ticks = [tick for client in self.clients if (tick := client.tick_at) is not None]
        if len(set(ticks)) < len(ticks):
            self.is_over = True

    def _part(self, client: Client) -> None:
        client.conversation.close()
        self.clients.remove(client)

    def _hear(self, client: Client, ours: bytes) -> tuple[bytes, bool]:
        """What the original has said to the client, and whether that was the last."""
        theirs, is_over = _read_all(client.socket)
        for _ in range(3):
            if self._is_same(theirs, ours) and is_over == client.conversation.is_over:
                break
            time.sleep(0.02)  # the turns were not enough, or they differ
            self.original.settle(20)
            more, is_over = _read_all(client.socket)
            theirs += more
        return theirs, is_over

    def _is_same(self, theirs: bytes, ours: bytes) -> bool:
        return [self._as_it_should_be(reply) for reply in normal(theirs)] == list(normal(ours))

    def _as_it_should_be(self, reply: bytes) -> bytes:
        """The original shows a job whose body is on its way, with whatever is in that memory."""
        if found := re.match(rb"FOUND (\d+) ", reply):
            job = self.broker.jobs.get(int(found[1]))
            if job and job.state == "invalid":
                return b"NOT_FOUND"
        return reply


def _read_all(connection: socket.socket) -> tuple[bytes, bool]:
    data = b""
    try:
        while more := connection.recv(65536):
            data += more
    except BlockingIOError:
        return data, False
    except ConnectionResetError:  # it closed before it had read all
        pass
    return data, True


def normal(data: bytes) -> Iterator[bytes]:
    """The replies, without that in which two servers may differ.

    >>> list(normal(b"INSERTED 7\\r\\nFOUND 7 2\\r\\nhi\\r\\n"))
    [b'INSERTED 7', b'FOUND 7 2 hi\\r\\n']
    >>> list(normal(b'OK 21\\r\\n---\\npid: 1\\nos: "x y"\\n\\r\\n'))
    [b'OK ---\\n\\r\\n']
    """
    while data:
        line, _, data = data.partition(b"\r\n")
        if not (match := re.fullmatch(rb"(OK|FOUND \d+|RESERVED \d+) (\d+)", line)):
            yield line
            continue
        size = int(match[2])
        body, data = data[: size + 2], data[size + 2 :]
        yield b"OK " + _normal_map(body) if match[1] == b"OK" else line + b" " + body


def _normal_map(text: bytes) -> bytes:
    lines = text.replace(b'"', b"").splitlines(keepends=True)  # 1.12 does not quote
    if b"\npid: " in text:
        lines = [line for line in lines if line.partition(b":")[0] not in OF_THE_MACHINE]
    return b"".join(lines)
