"""The same said to the real beanstalkd and to the demo's, at the same time: both must say the same."""

import re
import socket
import time
from collections.abc import Iterator

from beantop.demo.broker import Broker
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
        self.heard = b""  # from the demo, and not compared yet
        self.rest = b""
        """Of a command of which only the beginning was sent."""
        self.has_more_to_say = False
        """Whether it waits for a job, and has said already what is to be done after that."""

    def _hear(self, data: bytes) -> None:
        self.heard += data

    @property
    def is_waiting(self) -> bool:
        return self.connection.is_waiting


class Pair:
    """Both servers, and the clients that speak to both of them."""

    def __init__(self, original: Original) -> None:
        self.original = original
        self.clock = Clock(START)
        self.broker = Broker(self.clock, max_job_size=MAX_JOB_SIZE)
        self._control = Conversation(self.broker, lambda data: None)  # as the original has one
        self.clients: list[Client] = []
        self._last_number = 0

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

    def drain(self) -> None:
        self.original.drain()
        self.broker.is_draining = True
        self._settle("no new jobs are taken")

    def let_pass(self, nanoseconds: int) -> None:
        """The time goes on, with a halt after everything that it brings.

        So each of these comes at its own tick, as it does in reality. The halt is a microsecond
        late: beanstalkd misses a ttr that ends in exactly the microsecond of its tick.
        """
        end = self.clock() + nanoseconds + PAUSE
        while (due := self.broker.due) is not None and due < end:
            self._set_clock(max(self.clock(), due + MICROSECOND))
        self._set_clock(end)

    def _pause(self) -> None:
        self.let_pass(0)

    def _set_clock(self, now: int) -> None:
        self.clock.advance_to(now)
        self.original.set_clock(now)
        self._settle("time went on")

    # What they say:

    def _settle(self, what: str, turns: int = 2, parted: Client | None = None) -> None:
        """Let both do all there is to do now, and compare what they said."""
        present = [*self.clients, parted] if parted else list(self.clients)
        self._let_demo_work(present)
        turns += sum(client.heard.count(b"\r\n") for client in present)
        self.original.settle(turns)
        for client in present:
            ours, client.heard = client.heard, b""
            theirs, is_over = self._hear(client, ours)
            heard = (
                f"{what}: client {client.number} heard\n"
                f"{theirs!r} and {is_over=} from the original, but\n"
                f"{ours!r} and {client.conversation.is_over=} from the demo"
            )
            assert self._is_same(theirs, ours), heard
            assert is_over == client.conversation.is_over, heard
            if is_over:
                client.socket.close()

    def _let_demo_work(self, present: list[Client]) -> None:
        heard = None
        while heard != (heard := sum(len(client.heard) for client in present)):
            for client in list(self.clients):
                client.conversation.work()
                if client.conversation.is_over:
                    self._part(client)
            self.broker.tick()

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
