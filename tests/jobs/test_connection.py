import asyncio

import pytest

from beantop.beanstalk import ConnectionLostError, commands
from beantop.jobs.connection import ActingConnection
from tests.beanstalkd import Beanstalkd, free_port, wait_until
from tests.jobs.acting import acting, call, call_in, pipeline_in
from tests.monitor.peer import HANG_UP, LastWords, peer


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
            await call(connection, commands.using())
        assert other.open_connections == 1

    with peer(answer) as other:
        acting(other.address, story)
    assert other.received == ["list-tube-used"] * 3


def test_it_goes_to_the_server_that_is_watched_also_when_that_becomes_another_one() -> None:
    async def story() -> None:
        watched = [first.address]
        connection = ActingConnection(("a name that leads to both", 1), peer=lambda: watched[-1])
        for server, connects in ((first, 1), (first, 1), (second, 2)):
            watched.append(server.address)
            await call(connection, commands.using())
            assert connection.connects == connects
        connection.close()

    with peer(answer) as first, peer(answer) as second:
        asyncio.run(story())
    assert (len(first.received), len(second.received)) == (2, 1)


def test_one_that_was_never_needed_can_be_closed() -> None:
    ActingConnection(("127.0.0.1", free_port())).close()


def test_a_used_tube_is_given_back_even_if_the_command_fails() -> None:
    with peer(answer) as other:
        kicked = acting(other.address, lambda it: call_in(it, "a", commands.kick(5)))
        found = acting(other.address, lambda it: pipeline_in(it, "a", [commands.peek_ready()]))
    assert (kicked, [str(error) for error in found]) == (
        1,
        ["peek-ready: no job of the used tube is ready"],
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
            call_in(connection, "a", commands.kick(1)),
            call(connection, commands.using()),
            call_in(connection, "b", commands.kick(2)),
        )

    with peer(answer) as other:
        acting(other.address, story)
    kick_a, kick_b = ["use a", "kick 1", "use default"], ["use b", "kick 2", "use default"]
    assert other.received == [*kick_a, "list-tube-used", *kick_b]


def test_a_turn_is_ended_before_the_next_one_begins() -> None:
    async def twice(connection: ActingConnection, tube: str) -> None:
        async with connection.turn() as turn:
            await turn.call(commands.using())
            await asyncio.sleep(0.01)
            await turn.call_in(tube, commands.kick(1))

    async def story(connection: ActingConnection) -> None:
        await asyncio.gather(twice(connection, "a"), twice(connection, "b"))

    with peer(answer) as other:
        acting(other.address, story)
    turn_a = ["list-tube-used", "use a", "kick 1", "use default"]
    assert other.received == [*turn_a, *(line.replace("use a", "use b") for line in turn_a)]
    assert other.connections == 1


def test_a_turn_that_failed_is_over() -> None:
    async def story(connection: ActingConnection) -> None:
        with pytest.raises(ZeroDivisionError):
            async with connection.turn():
                raise ZeroDivisionError
        assert await call(connection, commands.using()) == "default"

    with peer(answer) as other:
        acting(other.address, story)
    assert other.connections == 1


def test_a_turn_stays_with_the_connection_it_began_with() -> None:
    async def story(connection: ActingConnection) -> None:
        async with connection.turn() as turn:
            assert await turn.call(commands.using()) == "default"
            for _ in range(2):
                with pytest.raises(ConnectionError):
                    await turn.call(commands.kick(1))
        assert (other.connections, connection.is_open) == (1, False)
        await call(connection, commands.using())
        assert other.connections == 2

    with peer(lambda line: LastWords(answer(line))) as other:
        acting(other.address, story)
    assert other.received == ["list-tube-used"] * 2


def test_it_is_open_from_the_first_turn_until_it_is_closed(server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> list[bool]:
        opened = [connection.is_open]
        async with connection.turn():
            opened.append(connection.is_open)
        opened.append(connection.is_open)
        connection.close()
        return [*opened, connection.is_open]

    assert acting(server.address, story) == [False, True, True, False]


def test_it_is_no_longer_open_once_the_server_has_gone(own_server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> None:
        await call(connection, commands.using())
        own_server.stop()
        await asyncio.to_thread(wait_until, lambda: not connection.is_open, "the loss is seen")

    acting(own_server.address, story)


def test_it_is_not_open_where_there_is_no_server() -> None:
    async def story(connection: ActingConnection) -> bool:
        with pytest.raises(ConnectionLostError, match="connection refused"):
            await call(connection, commands.using())
        return connection.is_open

    assert acting(("127.0.0.1", free_port()), story) is False


def test_after_a_loss_it_connects_again(own_server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> None:
        await call(connection, commands.using())
        own_server.stop()
        with pytest.raises(ConnectionError):
            await call(connection, commands.using())
        own_server.start()
        assert await call(connection, commands.using()) == "default"

    acting(own_server.address, story)


def test_after_it_was_closed_it_connects_again(server: Beanstalkd) -> None:
    async def story(connection: ActingConnection) -> None:
        await call(connection, commands.using())
        connection.close()
        assert await call(connection, commands.using()) == "default"

    acting(server.address, story)


@pytest.mark.parametrize("lost", ["use a", "kick 5"])
def test_a_command_whose_reply_was_lost_is_not_sent_again(lost: str) -> None:
    with peer(lambda line: HANG_UP if line == lost else answer(line)) as other:
        with pytest.raises(ConnectionError):
            acting(other.address, lambda it: call_in(it, "a", commands.kick(5)))
        sent = ["use a", "kick 5", "use default"]
        assert other.received == sent[: sent.index(lost) + 1]
