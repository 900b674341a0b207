"""Peers that send what no real server would, for the blocking and the async client."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from beantop.beanstalk import AsyncClient, Client
from beantop.beanstalk.aio import TIMEOUT
from beantop.beanstalk.commands import DEPTH

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""One side of a conversation."""


@contextmanager
def fake_peer(answers: bytes = b"") -> Iterator[tuple[Client[str], socket.socket]]:
    """A client, and the other end of its connection, where these answers already wait."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    with theirs, Client(ours) as client:
        theirs.sendall(answers)
        yield client, theirs


@asynccontextmanager
async def talking(
    talk: Talk, *, depth: int = DEPTH, timeout: float = TIMEOUT
) -> AsyncIterator[AsyncClient]:
    """An async client of a peer that talks like that; what the peer raises is raised here."""
    ended: asyncio.Queue[BaseException | None] = asyncio.Queue()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError):
                await talk(reader, writer)
        except Exception as error:
            ended.put_nowait(error)
            raise
        else:
            ended.put_nowait(None)
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        address = server.sockets[0].getsockname()
        client = await AsyncClient.connect(address, depth=depth, timeout=timeout)
        try:
            yield client
        finally:
            client.close()
            await ended.get()


def saying(answers: bytes) -> Talk:
    """A peer that waits for the first command, sends this, and hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answers)
        await writer.drain()

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A peer that listens until the client leaves, and never answers."""
    await reader.read(-1)


class Wire(asyncio.Transport):
    """A transport that keeps what it should send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.unsent = 0
        """Number of bytes reported as not accepted by the other side yet."""
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborted = True
