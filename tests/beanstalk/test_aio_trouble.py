"""The async client, its deadlines and cancelled callers, and peers that are no good beanstalkd."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import (
    AsyncClient,
    BuriedError,
    InternalError,
    OutOfMemoryError,
    UnknownResponseError,
    commands,
)
from beantop.beanstalk.aio import ARRIVING, MIN_MOVED
from beantop.beanstalk.commands import Command
from tests.beanstalk.exchanges import EXCHANGES
from tests.beanstalk.peers import Wire, saying, silent, talking
from tests.beanstalk.readers import NONSENSE

USING = commands.using()


def test_a_server_without_memory_fails_the_commands_that_need_it() -> None:
    async def story() -> None:
        answers = b"INSERTED 1\r\nOUT_OF_MEMORY\r\nBURIED 2\r\nINTERNAL_ERROR\r\n"
        async with talking(saying(answers)) as client:
            id, *errors = await client.pipeline([commands.put(b"")] * 4)
            assert id == 1
            assert list(map(type, errors)) == [OutOfMemoryError, BuriedError, InternalError]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (b"", "the server closed the connection"),
        (b"USING a\r\n", "the server closed the connection"),
        (b"USING a\r\nUSI", "the server closed the connection in the middle of a reply"),
        (b"USING a\r\nOK x\r\n", "the server announced a body of x bytes"),
        (b"USING a\r\n\r\n", "the server sent a line without a word"),
    ],
)
def test_a_lost_connection_fails_the_pipeline_and_says_why_from_then_on(
    answers: bytes, why: str
) -> None:
    async def story() -> None:
        async with talking(saying(answers)) as client:
            with pytest.raises(ConnectionError, match=why):
                await client.pipeline([USING, USING])
            for _ in range(2):
                with pytest.raises(ConnectionError, match="not sent: .*" + why):
                    await client.call(USING)
            assert why in client.closed

    asyncio.run(story())


def test_an_unknown_response_closes_the_connection() -> None:
    async def story() -> None:
        async with talking(saying(b"SOME_ERROR 1\r\n")) as client:
            with pytest.raises(UnknownResponseError, match="list-tube-used: the server answered"):
                await client.call(USING)
            with pytest.raises(ConnectionError, match="not sent: list-tube-used: the server"):
                await client.call(USING)

    asyncio.run(story())


def test_a_success_of_another_command_is_an_unknown_response() -> None:
    async def story() -> None:
        async with talking(saying(b"USING a\r\nDELETED\r\n")) as client:
            with pytest.raises(UnknownResponseError) as caught:
                await client.pipeline([USING, USING])
            assert caught.value.status == b"DELETED"

    asyncio.run(story())


def test_a_deadline_that_passes_closes_the_connection() -> None:
    async def story() -> None:
        async with talking(silent) as client:
            with pytest.raises(TimeoutError, match=r"the server did not answer within 0\.01 s"):
                await client.call(USING, timeout=0.01)
            with pytest.raises(ConnectionError, match="not sent: an earlier call was cut off"):
                await client.call(USING)

    asyncio.run(story())


def test_a_client_has_a_deadline_for_all_calls() -> None:
    async def story() -> None:
        async with talking(silent, timeout=0.01) as client:
            with pytest.raises(TimeoutError, match=r"within 0\.01 s"):
                await client.pipeline([USING])

    asyncio.run(story())


def test_a_pipeline_that_is_half_answered_in_time_has_no_result() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline() and b"USING a\r\n")
        await reader.read(-1)

    async def story() -> None:
        async with talking(talk) as client:
            with pytest.raises(TimeoutError):
                await client.pipeline([USING, USING], timeout=0.05)
            assert "cut off" in client.closed

    asyncio.run(story())


@pytest.mark.long
def test_a_slow_server_is_waited_for_as_long_as_it_goes_on() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(9):
            await asyncio.sleep(0.1)
            writer.write(await reader.readline() and b"USING a\r\n")

    async def story() -> None:
        async with talking(talk, timeout=0.6) as client:
            assert await client.pipeline([USING] * 9) == ["a"] * 9

    asyncio.run(story())


@pytest.mark.long
def test_one_large_body_may_come_slowly() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        for piece in (b"FOUND 1 9216\r\n", *[b"x" * MIN_MOVED] * 9, b"\r\n"):
            await asyncio.sleep(0.1)
            writer.write(piece)

    async def story() -> None:
        async with talking(talk, timeout=0.6) as client:
            assert (await client.call(commands.peek(1))).body == b"x" * 9 * MIN_MOVED

    asyncio.run(story())


def test_a_server_that_answers_a_byte_at_a_time_stands_still() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"OK 1000000\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    async def story() -> None:
        async with talking(talk, timeout=0.2) as client:
            with pytest.raises(TimeoutError, match=r"did not answer within 0\.2 s"):
                await client.pipeline([commands.stats()])

    asyncio.run(story())


@pytest.mark.long
def test_a_server_that_takes_what_is_sent_is_not_standing_still() -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        client.timeout = 0.4
        wire.unsent = 9 * MIN_MOVED
        call = asyncio.create_task(client.call(USING))
        while wire.unsent:
            await asyncio.sleep(0.1)
            wire.unsent -= MIN_MOVED
        _receive(client, b"USING a\r\n")
        assert await call == "a"

    asyncio.run(story())


def test_a_server_that_stands_still_in_the_middle_is_noticed() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline() and b"USING a\r\nUSI")
        await reader.read(-1)

    async def story() -> None:
        async with talking(talk, timeout=0.05) as client:
            with pytest.raises(TimeoutError, match=r"did not answer within 0\.05 s"):
                await client.pipeline([USING, USING])
            assert "cut off" in client.closed

    asyncio.run(story())


def test_a_deadline_of_a_call_is_not_moved_by_what_comes() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await asyncio.sleep(0.01)
            writer.write(b"USING a\r\n")

    async def story() -> None:
        async with talking(talk, depth=1) as client:
            with pytest.raises(TimeoutError, match=r"within 0\.2 s"):
                await client.pipeline([USING] * 10_000, timeout=0.2)

    asyncio.run(story())


def test_a_caller_that_is_cancelled_in_flight_closes_the_connection() -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        first = asyncio.create_task(client.call(USING))
        second = asyncio.create_task(client.call(USING))
        await _until_sent(wire, 1)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        with pytest.raises(ConnectionError, match="not sent: an earlier call was cut off"):
            await second
        assert wire.aborted

    asyncio.run(story())


def test_a_reply_that_comes_just_after_its_caller_was_cancelled_is_too_late() -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        call = asyncio.create_task(client.call(USING))
        await _until_sent(wire, 1)
        call.cancel()
        _receive(client, b"USING a\r\n")
        with pytest.raises(asyncio.CancelledError):
            await call
        assert "cut off" in client.closed

    asyncio.run(story())


def test_a_caller_that_is_cancelled_while_it_waits_for_its_turn_harms_nobody() -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        first, second, third = (asyncio.create_task(client.call(USING)) for _ in range(3))
        await _until_sent(wire, 1)
        second.cancel()
        _receive(client, b"USING a\r\n")
        assert await first == "a"
        await _until_sent(wire, 2)
        _receive(client, b"USING b\r\n")
        assert await third == "b"
        assert second.cancelled()

    asyncio.run(story())


def test_a_deadline_that_passes_while_a_caller_waits_for_its_turn_harms_nobody() -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        first = asyncio.create_task(client.call(USING))
        await _until_sent(wire, 1)
        with pytest.raises(TimeoutError):
            await client.call(USING, timeout=0.01)
        _receive(client, b"USING a\r\n")
        assert await first == "a"
        assert not client.closed

    asyncio.run(story())


def test_a_server_that_does_not_let_in_is_a_timeout_that_names_it() -> None:
    async def story() -> None:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            address = full.getsockname()
            with (
                socket.create_connection(address),
                pytest.raises(TimeoutError, match=str(address[1])),
            ):
                await AsyncClient.connect(address, timeout=0.05)

    asyncio.run(story())


@pytest.mark.parametrize("depth", [1, 3, 128])
def test_there_are_never_more_commands_in_flight_than_depth(depth: int) -> None:
    async def story() -> None:
        wire, client = _on_a_wire(depth)
        pipeline = asyncio.create_task(client.pipeline([USING] * 500))
        answered = 0
        while answered < 500:
            await asyncio.sleep(0)
            in_flight = _sent(wire) - answered
            assert 0 < in_flight <= depth
            batch = min(in_flight, 1 + answered % 5)
            _receive(client, b"USING a\r\n" * batch)
            answered += batch
        assert await pipeline == ["a"] * 500
        assert _sent(wire) == 500

    asyncio.run(story())


def test_depth_is_used_in_full() -> None:
    async def story() -> None:
        wire, client = _on_a_wire(depth=10)
        pipeline = asyncio.create_task(client.pipeline([USING] * 15))
        await _until_sent(wire, 10)
        _receive(client, b"USING a\r\n" * 4 + b"USI")
        assert _sent(wire) == 14
        _receive(client, b"NG a\r\n" + b"USING a\r\n" * 9)
        assert _sent(wire) == 15
        _receive(client, b"USING a\r\n")
        assert len(await pipeline) == 15

    asyncio.run(story())


def test_commands_are_sent_by_the_handful_and_the_last_ones_as_they_are() -> None:
    async def story() -> None:
        wire, client = _on_a_wire(depth=128)
        pipeline = asyncio.create_task(client.pipeline([USING] * 139))
        await _until_sent(wire, 128)
        _receive(client, b"USING a\r\n" * 7)
        assert _sent(wire) == 128
        _receive(client, b"USING a\r\n")
        assert _sent(wire) == 136
        _receive(client, b"USING a\r\n" * 3)
        assert _sent(wire) == 139
        _receive(client, b"USING a\r\n" * 128)
        assert await pipeline == ["a"] * 139

    asyncio.run(story())


def test_a_reply_that_nobody_asked_for_closes_the_connection() -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        _receive(client, b"USING a\r\n")
        assert wire.aborted
        with pytest.raises(ConnectionError, match="a reply that nobody had asked for"):
            await client.call(USING)

    asyncio.run(story())


def test_a_reply_too_many_closes_the_connection_behind_the_good_ones() -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        call = asyncio.create_task(client.call(USING))
        await _until_sent(wire, 1)
        _receive(client, b"USING a\r\nUSING b\r\n")
        assert await call == "a"
        assert "nobody had asked for" in client.closed

    asyncio.run(story())


@pytest.mark.parametrize("surplus", [b"OK 3\r\na", b"U"])
def test_a_part_of_a_reply_too_many_closes_the_connection_at_once(surplus: bytes) -> None:
    async def story() -> None:
        wire, client = _on_a_wire()
        call = asyncio.create_task(client.call(USING))
        await _until_sent(wire, 1)
        _receive(client, b"USING a\r\n" + surplus)
        assert await call == "a"
        assert "nobody had asked for" in client.closed

    asyncio.run(story())


def test_a_loss_without_a_word_still_closes_the_client() -> None:
    async def story() -> None:
        _, client = _on_a_wire()
        client.connection_lost(ConnectionResetError())
        with pytest.raises(ConnectionError, match="not sent: the connection was lost"):
            await client.call(USING)

    asyncio.run(story())


@given(
    st.lists(st.sampled_from([exchange.command for exchange in EXCHANGES]), min_size=1),
    st.lists(NONSENSE),
)
def test_any_answer_is_results_an_error_or_a_lost_connection(
    pipeline: list[Command[object]], answers: list[bytes]
) -> None:
    async def story() -> None:
        wire, client = _on_a_wire(depth=3)
        call = asyncio.create_task(client.pipeline(pipeline))
        await asyncio.sleep(0)
        for answer in answers:
            if not wire.aborted:
                _receive(client, answer)
        client.connection_lost(None)
        (result,) = await asyncio.gather(call, return_exceptions=True)
        if isinstance(result, BaseException):
            assert isinstance(result, ConnectionError | UnknownResponseError)
        else:
            assert len(result) == len(pipeline)
        assert client.closed

    asyncio.run(story())


def _on_a_wire(depth: int = 128) -> tuple[Wire, AsyncClient]:
    """A client whose replies come from the test itself."""
    wire, client = Wire(), AsyncClient(depth=depth)
    client.connection_made(wire)
    return wire, client


def _receive(client: AsyncClient, data: bytes) -> None:
    """Give the client these bytes as the event loop does."""
    for at in range(0, len(data), ARRIVING):
        piece = data[at : at + ARRIVING]
        client.get_buffer(-1)[: len(piece)] = piece
        client.buffer_updated(len(piece))


def _sent(wire: Wire) -> int:
    return wire.sent.count(b"\r\n")


async def _until_sent(wire: Wire, commands: int) -> None:
    for _ in range(100):
        await asyncio.sleep(0)
        if _sent(wire) == commands:
            return
    raise AssertionError(f"{_sent(wire)} commands were sent, not {commands}")
