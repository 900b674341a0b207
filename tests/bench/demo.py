"""The demo server, asked by one client that pipelines, beside the original."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from beantop.beanstalk import Command, commands
from tests.beanstalkd import Beanstalkd
from tests.bench.poll import exchange
from tests.bench.row import Row, Sizes, seconds
from tests.demo.process import DemoProcess


def demo_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """beanstalkd does about 96,000 `stats-job` a second, and 20,000 are enough for the demo."""
    servers = DemoProcess(), Beanstalkd()
    ours, other = (_connect(server, stack) for server in servers)
    asked = [commands.stats_job(1)] * sizes.asked
    yield Row(
        f"demo server, {sizes.asked:,} stats-job",
        "beanstalkd",
        96_000 / 20_000,
        lambda: _ask(ours, asked),
        lambda: _ask(other, asked),
    )


def _connect(server: Beanstalkd, stack: ExitStack) -> socket.socket:
    stack.callback(server.stop)
    with server.client() as client:
        client.put("")
    return stack.enter_context(server.raw())


def _ask(connection: socket.socket, asked: Sequence[Command[object]]) -> float:
    return seconds(lambda: exchange(connection, asked))
