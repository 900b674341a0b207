"""A broker behind a socket, for any beanstalkd client."""

import asyncio
import os
import select
from typing import cast

from beantop.beanstalk import Address
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND
from beantop.demo.conversation import Conversation

TURN = 0.001
"""Maximum seconds of work for one client before others get their turn."""

MAX_ANSWERS = 2**16
"""Bytes of replies that end a turn early."""

MAX_AHEAD = 2**16
"""Maximum bytes to read after a waiting reserve. beanstalkd reads none."""

LOOK_EVERY = 1.0
"""Seconds between checks whether a client that is not being read has disconnected."""

SHORTEST_WAIT = 0.001
"""Minimum seconds until the next tick of the broker."""


class Server:
    """Serves a broker. Must be used inside one event loop."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.clients: set[_Client] = set()
        self._listener: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def is_listening(self) -> bool:
        """Whether clients can connect."""
        return self._listener is not None

    async def listen(self, address: Address) -> Address:
        """Accept clients. Return the actual address: port 0 means any free one. Raises `OSError`."""
        if isinstance(address, str):
            self._listener = await self._loop.create_unix_server(lambda: _Client(self), address)
            return address
        host, port = address
        self._listener = await self._loop.create_server(lambda: _Client(self), host, port)
        return host, self._listener.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop accepting clients and drop the connected ones. The jobs of the broker stay."""
        if self._listener:
            self._remove_socket_file(self._listener)
            self._listener.close()
            self._listener = None
        for client in list(self.clients):
            client.drop()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def set_timer(self) -> None:
        """Schedule the next tick of the broker."""
        if (due := self.broker.due) is None:
            return
        wait = max(SHORTEST_WAIT, (due - self.broker.now()) / SECOND)
        if self._timer:
            if self._timer.when() <= self._loop.time() + wait:
                return
            self._timer.cancel()
        self._timer = self._loop.call_later(wait, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.broker.tick()
        self.set_timer()

    @staticmethod
    def _remove_socket_file(listener: asyncio.Server) -> None:
        for socket in listener.sockets:
            if isinstance(path := socket.getsockname(), str) and os.path.exists(path):
                os.unlink(path)


class _Client(asyncio.Protocol):
    """The connection of one client."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._has_ended = False  # the client will send nothing more
        self._is_clogged = False  # the client does not read its replies
        self._answers = bytearray()
        self._turn: asyncio.Handle | None = None
        self._check: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._conversation = Conversation(self._server.broker, self._send)
        self._server.clients.add(self)
        if not self._server.is_listening:
            self.drop()  # accepted just before the server closed

    def connection_lost(self, error: Exception | None) -> None:
        for planned in (self._turn, self._check):
            if planned:
                planned.cancel()
        self._server.clients.discard(self)
        self._conversation.close()

    def data_received(self, data: bytes) -> None:
        self._conversation.receive(data)
        self._plan_turn()

    def eof_received(self) -> bool:
        self._has_ended = True
        self._plan_turn()
        return True  # stay open: earlier commands still need replies

    def pause_writing(self) -> None:
        self._is_clogged = True

    def resume_writing(self) -> None:
        self._is_clogged = False
        self._plan_turn()

    def drop(self) -> None:
        """Disconnect the client at once."""
        self._transport.abort()

    def _send(self, data: bytes) -> None:
        self._answers += data
        self._plan_turn()

    def _plan_turn(self) -> None:
        if not self._turn:
            self._turn = self._loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        if self._is_clogged or self._transport.is_closing():
            self._transport.pause_reading()
            return
        if self._work():
            self._transport.pause_reading()  # first process the data received already
            self._plan_turn()
        elif self._conversation.is_over:
            self._transport.close()
        elif self._has_ended:
            self._conversation.no_more()  # may send a reply, which plans another turn
            if not self._turn:
                self._transport.close()
        elif self._conversation.ahead > MAX_AHEAD:
            self._transport.pause_reading()
            self._check_for_end()
        else:
            self._transport.resume_reading()
        self._server.set_timer()

    def _work(self) -> bool:
        """Run commands of the client for one turn. Return whether more can be run at once."""
        end = self._loop.time() + TURN
        while has_more := self._conversation.work(1):
            if len(self._answers) > MAX_ANSWERS or self._loop.time() > end:
                break
        if self._answers:
            answers, self._answers = self._answers, bytearray()
            self._transport.write(answers)
        return has_more

    def _check_for_end(self) -> None:
        """Detect that the client disconnected while it is not being read, or check again later."""
        if _has_hung_up(self._transport.get_extra_info("socket").fileno()):
            self._conversation.no_more()  # the remaining commands are still processed
        elif not self._check:
            self._check = self._loop.call_later(LOOK_EVERY, self._check_again)

    def _check_again(self) -> None:
        self._check = None
        self._plan_turn()


def _has_hung_up(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(
        descriptor, getattr(select, "POLLRDHUP", 0)
    )  # Linux only; POLLHUP is always reported
    return bool(poll.poll(0))
