import asyncio

import pytest

from beantop.beanstalk import commands
from beantop.jobs.connection import ActingConnection
from tests.beanstalkd import Beanstalkd, free_port
from tests.jobs.acting import acting
from tests.monitor.peer import HANG_UP, peer


def answer(line: str) -> bytes:
    command, _, tube = line.partition(" ")
    return {
        "use": b"USING %b\r\n" % tube.encode(),
        "list-tube-used": b"USING default\r\n",
        "kick": b"KICKED 1\r\n",
    }.get(command, b"NOT_FOUND\r\n")


def test_it_connects_when_it_is_first_needed_and_once() -> None:
    async def story(connection: ActingConnection) -> None:
        assert other.open_connections == 0
        for _ in range(3):
            await connection.call(commands.using())
        assert other.open_connections == 1

    with peer(answer) as other:
        acting(other.address, story)
    assert other.received == ["list-tube-used"] * 3


def test_one_that_was_never_needed_can_be_closed() -> None:
    ActingConnection(("127.0.0.1", free_port())).close()


def test_a_used_tube_is_given_back_even_if_the_command_fails() -> None:
    with peer(answer) as other:
        kicked = acting(other.address, lambda it: it.call_in("a", commands.kick(5)))
        found = acting(other.address, lambda it: it.pipeline_in("a", [commands.peek_ready()]))
    assert (kicked, [str(error) for error in found]) == (
        1,
        ["peek-ready: not found: it is gone, in another state, or held by a worker"],
    )
    assert other.received == [
        "use a",
        "kick 5",
        "use default",
        "use a",
        "peek-ready",
        "use default",
    ]


def test_calls_at_the_same_time_wait_for_their_turn() -> None:
    async def story(connection: ActingConnection) -> None:
        await asyncio.gather(
            connection.call_in("a", commands.kick(1)),
            connection.call(commands.using()),
            connection.call_in("b", commands.kick(2)),
        )

    with peer(answer) as other:
        acting(other.address, story)
    kick_a, kick_b = ["use a", "kick 1", "use default"], ["use b", "kick 2", "use default"]
    assert other.received == [*kick_a, "list-tube-used", *kick_b]


def test_after_a_loss_it_connects_again(own_server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> None:
        await connection.call(commands.using())
        own_server.stop()
        with pytest.raises(ConnectionError):
            await connection.call(commands.using())
        own_server.start()
        assert await connection.call(commands.using()) == "default"

    acting(own_server.address, story)


def test_after_it_was_closed_it_connects_again(server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> None:
        await connection.call(commands.using())
        connection.close()
        assert await connection.call(commands.using()) == "default"

    acting(server.address, story)


@pytest.mark.parametrize("lost", ["use a", "kick 5", "use default"])
def test_a_command_whose_reply_was_lost_is_not_sent_again(lost: str) -> None:
    with peer(lambda line: HANG_UP if line == lost else answer(line)) as other:
        with pytest.raises(ConnectionError):
            acting(other.address, lambda it: it.call_in("a", commands.kick(5)))
        sent = ["use a", "kick 5", "use default"]
        assert other.received == sent[: sent.index(lost) + 1]
