"""The connection of commands that poll once: what it takes for replies."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from beantop.beanstalk import ConnectionLostError, commands
from beantop.beanstalk.blocking import BlockingPipeline

PATIENCE = 60.0  # seconds


@contextmanager
def answered(reply: bytes) -> Iterator[tuple[BlockingPipeline, socket.socket]]:
    """A connection, and its other end, which sends this when the first command arrives."""

    def talk() -> None:
        theirs.recv(1)
        theirs.sendall(reply)

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        BlockingPipeline(listener.getsockname(), PATIENCE) as ours,
        listener.accept()[0] as theirs,
    ):
        theirs.settimeout(PATIENCE)
        talking = Thread(target=talk, daemon=True)
        talking.start()
        yield ours, theirs
        talking.join()


@pytest.mark.parametrize("surplus", [b"OK 3\r\nabc\r\n", b"OK 3\r\na", b"U"])
def test_bytes_after_the_last_reply_are_an_error(surplus: bytes) -> None:
    with (
        answered(b"USING a\r\nUSING b\r\n" + surplus) as (ours, _),
        pytest.raises(ConnectionLostError, match="a reply that nobody had asked for"),
    ):
        ours.pipeline([commands.using()] * 2, PATIENCE)


def test_bytes_that_come_between_two_calls_are_an_error_before_anything_is_sent() -> None:
    with answered(b"USING a\r\n") as (ours, theirs):
        assert ours.call(commands.using(), PATIENCE) == "a"
        theirs.sendall(b"USING b\r\n")
        ours._socket.recv(1, socket.MSG_PEEK)  # wait until they are here
        with pytest.raises(ConnectionLostError, match="a reply that nobody had asked for"):
            ours.call(commands.using(), PATIENCE)
        assert theirs.recv(100) == b"ist-tube-used\r\n"


def test_a_server_that_is_gone_between_two_calls_is_said_to_be_gone() -> None:
    with answered(b"USING a\r\n") as (ours, theirs):
        assert ours.call(commands.using(), PATIENCE) == "a"
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionLostError, match="the server closed the connection"):
            ours.call(commands.using(), PATIENCE)
