"""One poll of a server and all its tubes: ours, greenstalk's, and the floor that a socket sets."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import greenstalk

from beantop.beanstalk import AsyncClient, Command, commands
from beantop.beanstalk.commands import DEPTH
from beantop.monitor.snapshot import take_snapshot
from tests.beanstalkd import Beanstalkd
from tests.bench.relay import ROUND_TRIP, relayed
from tests.bench.row import Row, Sizes, seconds

TIMEOUT = 60.0  # seconds


def poll_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """A server with tubes, near and far, polled by each side over a connection that stays open."""
    server = Beanstalkd()
    stack.callback(server.stop)
    address = server.address
    assert isinstance(address, tuple)
    names = make_tubes(server, sizes.polled)
    far_address = relayed(address[1], stack)

    poll = f"poll {sizes.polled:,} tubes"
    far = f"{poll}, {ROUND_TRIP * 1000:.0f} ms round trip"
    ours, greenstalks, raw = _polls(address, names, stack)
    yield Row(poll, "greenstalk", 0.45, ours, greenstalks)
    ours_far, greenstalks_far, raw_far = _polls(far_address, names, stack)
    yield Row(far, "greenstalk", 0.03, ours_far, greenstalks_far)
    yield Row(poll, f"raw socket, {DEPTH} in flight", 1.15, ours, raw)
    yield Row(far, f"raw socket, {DEPTH} in flight", 1.15, ours_far, raw_far)


def make_tubes(server: Beanstalkd, count: int) -> list[str]:
    """This many tubes, counting `default`, and their names."""
    with server.client() as client:
        for number in range(count - 1):
            client.use(f"tube-{number:04}")
            client.put("a tube lives as long as there is something in it")
        return client.tubes()


def _polls(
    address: tuple[str, int], names: Sequence[str], stack: ExitStack
) -> tuple[Callable[[], float], Callable[[], float], Callable[[], float]]:
    """The three ways to poll, each as a function that returns its seconds."""
    runner = stack.enter_context(asyncio.Runner())
    loop = runner.get_loop()
    client = runner.run(AsyncClient.connect(address))
    stack.callback(runner.run, _close(client))
    other = stack.enter_context(greenstalk.Client(address))
    raw = stack.enter_context(socket.create_connection(address))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _poll_by_greenstalk(other)  # whatever is slow the first time
    return (
        lambda: seconds(lambda: loop.run_until_complete(take_snapshot(client, TIMEOUT))),
        lambda: seconds(lambda: _poll_by_greenstalk(other)),
        lambda: seconds(lambda: _poll_by_socket(raw, names)),
    )


async def _close(client: AsyncClient) -> None:
    client.close()


def _poll_by_greenstalk(client: greenstalk.Client[str]) -> None:
    client.stats()
    for name in client.tubes():
        client.stats_tube(name)


def _poll_by_socket(connection: socket.socket, names: Sequence[str]) -> None:
    exchange(connection, [commands.stats()])
    exchange(connection, [commands.tubes()])
    exchange(connection, [commands.stats_tube(name) for name in names])


def exchange(connection: socket.socket, asked: Sequence[Command[object]]) -> None:
    """Send these commands and count the replies, unread.

    As many are in flight as `AsyncClient` allows itself: the server does the same work for both, and
    with at most 28 KB of commands under way neither side ever waits for room in a buffer.
    """
    sent = returns = 0
    while returns < 2 * len(asked):  # a reply has one after its line and one after its body
        if wires := [command.wire for command in asked[sent : returns // 2 + DEPTH]]:
            connection.sendall(b"".join(wires))
            sent += len(wires)
        data = connection.recv(2**18)
        assert data, "the server closed the connection"
        returns += data.count(b"\r")
