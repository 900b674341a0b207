"""A relay that makes a near server far: each direction is late by half of a round trip.

It is a process of its own, which ends when its standard input does. Only time is added: what
arrives is taken at once, however much it is, and is sent on when its time has come.
"""

import select
import socket
import subprocess
import sys
import time
from collections import deque
from contextlib import ExitStack

ROUND_TRIP = 0.001
"""Seconds."""

CHUNK = 2**18


def relayed(port: int, stack: ExitStack, round_trip: float = ROUND_TRIP) -> tuple[str, int]:
    """The address of a relay to that port of this machine, until the stack is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.relay", str(number), str(port), str(round_trip)],
            stdin=subprocess.PIPE,
            pass_fds=[number],
        )
        stack.enter_context(process)  # closes its standard input, and waits for its end
        host, listening = listener.getsockname()
        return host, listening


class Relay:
    """The connections to a server, and what is under way on them."""

    def __init__(self, listener: socket.socket, port: int, round_trip: float) -> None:
        self._listener = listener
        self._port = port
        self._round_trip = round_trip
        self._peers: dict[socket.socket, socket.socket] = {}
        self._under_way: deque[tuple[float, socket.socket, bytes]] = deque()

    def run(self) -> None:
        """Relay until standard input ends."""
        while True:
            # select knows microseconds; epoll, and so asyncio, rounds up to whole milliseconds.
            wait = max(0.0, self._under_way[0][0] - time.monotonic()) if self._under_way else None
            sources = [self._listener, *self._peers]
            ready, _, _ = select.select([sys.stdin, *sources], [], [], wait)
            if sys.stdin in ready:
                return
            for source in sources:
                if source in ready:
                    self._take(source)
            self._send_on()

    def _take(self, source: socket.socket) -> None:
        if source is self._listener:
            self._accept()
        elif source in self._peers:
            if data := source.recv(CHUNK):
                due = time.monotonic() + self._round_trip / 2
                self._under_way.append((due, self._peers[source], data))
            else:
                self._hang_up(source)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._port))
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peers[one] = other

    def _hang_up(self, source: socket.socket) -> None:
        peer = self._peers.pop(source)
        del self._peers[peer]
        source.close()
        peer.close()

    def _send_on(self) -> None:
        while self._under_way and self._under_way[0][0] <= time.monotonic():
            _, target, data = self._under_way.popleft()
            if target in self._peers:
                target.sendall(data)


if __name__ == "__main__":
    Relay(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), float(sys.argv[3])).run()
