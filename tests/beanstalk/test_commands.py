import enum
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import BuriedError, Error, ProtocolError, UnknownResponseError, commands
from beantop.beanstalk.commands import MAX_UINT32, Command
from beantop.beanstalk.errors import ERROR_WORDS
from beantop.beanstalk.replies import BODY_LIMIT, Reply
from tests.beanstalk.arguments import (
    NO_NAMES,
    TAKING_A_NUMBER,
    TAKING_A_TUBE,
    TAKING_AN_ID,
    X,
    fill,
)
from tests.beanstalk.exchanges import EXCHANGES, Exchange
from tests.beanstalk.readers import WORDS, read_whole

NAME_CHARACTERS = string.ascii_letters + string.digits + "-+/;.$_()"


def make(name: str, arguments: list[object], value: object) -> object:
    """The command, with the value in its place."""
    arguments = [b"" if argument == "" else argument for argument in arguments]
    return getattr(commands, name)(*fill(arguments, value))


def outcome(command: Command[object], reply: Reply) -> object:
    """The result of the command, or the error it is."""
    try:
        return command.result(reply)
    except Error as error:
        return error


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_a_command_is_these_bytes(exchange: Exchange) -> None:
    assert exchange.command.wire == exchange.wire


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_its_answer_means_that(exchange: Exchange) -> None:
    replies, _ = read_whole(exchange.answer)
    assert [exchange.command.result(reply) for reply in replies] == [exchange.result]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_its_line_is_without_the_body(exchange: Exchange) -> None:
    assert exchange.command.line == exchange.wire.decode().splitlines()[0]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_any_error_word_is_an_error_that_names_the_command(exchange: Exchange) -> None:
    for word in set(ERROR_WORDS) - {exchange.command.success}:
        with pytest.raises(ERROR_WORDS[word]) as caught:
            exchange.command.result(Reply(word, []))
        assert str(caught.value).startswith(exchange.command.line + ": ")


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_any_other_word_is_an_unknown_response(exchange: Exchange) -> None:
    with pytest.raises(UnknownResponseError) as caught:
        exchange.command.result(Reply(b"SOME_ERROR", [b"1", b"2"]))
    assert (caught.value.status, caught.value.values) == (b"SOME_ERROR", [b"1", b"2"])


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_more_values_than_asked_for_are_left_alone(exchange: Exchange) -> None:
    (reply,), _ = read_whole(exchange.answer)
    more = reply._replace(values=[*reply.values, b"READY"])
    assert exchange.command.result(more) == exchange.result


@pytest.mark.parametrize(
    "command", [commands.put(b""), commands.watch("a"), commands.kick(1), commands.peek(1)]
)
@pytest.mark.parametrize("values", [[], [b""], [b"x"], [b"-1"], [b"1_0"], [b"\xb2"]])
def test_a_success_without_its_number_is_an_unknown_response(
    command: Command[object], values: list[bytes]
) -> None:
    with pytest.raises(UnknownResponseError, match=command.line):
        command.result(Reply(command.success, values))


@pytest.mark.parametrize("values", [[], [b"\xff"]])
def test_a_tube_without_a_readable_name_is_an_unknown_response(values: list[bytes]) -> None:
    with pytest.raises(UnknownResponseError):
        commands.using().result(Reply(b"USING", values))


def test_buried_is_what_bury_asks_for_and_an_error_elsewhere() -> None:
    commands.bury(1).result(Reply(b"BURIED", []))
    with pytest.raises(BuriedError) as put:
        commands.put(b"").result(Reply(b"BURIED", [b"7"]))
    with pytest.raises(BuriedError) as release:
        commands.release(1).result(Reply(b"BURIED", []))
    assert (put.value.id, release.value.id) == (7, None)


@given(
    st.sampled_from([exchange.command for exchange in EXCHANGES]),
    st.sampled_from(WORDS) | st.binary(),
    st.lists(st.binary(max_size=30) | st.integers(0).map(lambda number: b"%d" % number)),
    st.binary(),
)
def test_any_reply_is_a_result_or_an_error(
    command: Command[object], word: bytes, values: list[bytes], body: bytes
) -> None:
    result = outcome(command, Reply(word, values, body))
    assert isinstance(result, Error) == (word != command.success) or isinstance(
        result, UnknownResponseError
    )


@pytest.mark.parametrize("character", NAME_CHARACTERS)
def test_a_name_may_have_each_of_these_characters(character: str) -> None:
    assert commands.use(f"a{character}").wire == f"use a{character}\r\n".encode()


@pytest.mark.parametrize(("command", "arguments"), TAKING_A_TUBE)
def test_a_name_has_no_other_character(command: str, arguments: list[object]) -> None:
    for character in sorted(set(map(chr, range(256))) - set(NAME_CHARACTERS)):
        with pytest.raises(ValueError, match="is not a tube name"):
            make(command, arguments, f"a{character}b")


@pytest.mark.parametrize(("command", "arguments"), TAKING_A_TUBE)
@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_refused(command: str, arguments: list[object], name: str) -> None:
    with pytest.raises(ValueError, match="is not a tube name"):
        make(command, arguments, name)


@pytest.mark.parametrize(("command", "arguments"), TAKING_A_TUBE)
@pytest.mark.parametrize("name", [b"a", None, 1, ["a"], bytearray(b"a")])
def test_a_name_is_a_str(command: str, arguments: list[object], name: object) -> None:
    with pytest.raises(TypeError, match="the name of a tube is a str, not"):
        make(command, arguments, name)


def test_a_name_may_be_of_a_subclass_of_str() -> None:
    class Tube(enum.StrEnum):
        EMAILS = "emails"

    assert commands.use(Tube.EMAILS).wire == b"use emails\r\n"


def test_a_name_may_have_200_characters_in_the_longest_line_that_a_server_takes() -> None:
    assert len(commands.pause_tube("a" * 200, MAX_UINT32).wire) == 224


@pytest.mark.parametrize(("command", "arguments"), TAKING_A_NUMBER)
@pytest.mark.parametrize("number", [-1, 2**32, -(2**32), 10**30])
def test_a_number_has_32_bits(command: str, arguments: list[object], number: int) -> None:
    with pytest.raises(ValueError, match="is a number from 0 to 4,294,967,295, not"):
        make(command, arguments, number)


@pytest.mark.parametrize(("command", "arguments"), TAKING_AN_ID)
@pytest.mark.parametrize("number", [-1, 2**64])
def test_an_id_has_64_bits(command: str, arguments: list[object], number: int) -> None:
    with pytest.raises(ValueError, match="is a number from 0 to 18,446,744,073,709,551,615, not"):
        make(command, arguments, number)


@pytest.mark.parametrize(("command", "arguments"), [*TAKING_A_NUMBER, *TAKING_AN_ID])
@pytest.mark.parametrize("number", [True, 1.0, "1", b"1", float("nan"), 1j])
def test_a_number_is_an_int(command: str, arguments: list[object], number: object) -> None:
    with pytest.raises(TypeError, match="is an int, not"):
        make(command, arguments, number)


@pytest.mark.parametrize("body", ["a", None, 1, bytearray(b"a"), memoryview(b"a")])
def test_a_body_is_bytes(body: object) -> None:
    with pytest.raises(TypeError, match="a body is bytes here, not"):
        make("put", [X], body)


def test_a_body_that_no_server_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="1,073,741,825 bytes is more than any beanstalkd takes"):
        commands.put(bytes(BODY_LIMIT + 1))


@pytest.mark.long
@given(st.text() | st.from_regex(r"[a-z]+\r?\n?[a-z]*"), st.sampled_from(TAKING_A_TUBE))
def test_no_name_becomes_a_second_command(name: str, taking: tuple[str, list[object]]) -> None:
    try:
        command = make(*taking, name)
    except ValueError:
        return
    assert isinstance(command, Command)
    line = f"{taking[0].replace('_', '-')} {name}{' 1' * (len(taking[1]) - 1)}\r\n"
    assert command.wire == line.encode("ascii")
    assert len(line.splitlines()) == 1


UINT32 = st.integers(0, MAX_UINT32)


@given(st.binary() | st.just(b"\r\nlist-tubes\r\n"), UINT32, UINT32, UINT32)
def test_no_body_becomes_a_second_command(body: bytes, priority: int, delay: int, ttr: int) -> None:
    line, _, rest = commands.put(body, priority, delay, ttr).wire.partition(b"\r\n")
    assert line == b"put %d %d %d %d" % (priority, delay, ttr, len(body))
    assert rest == body + b"\r\n"


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (commands.peek(8), Reply(b"FOUND", [b"7", b"1"], b"a")),
        (commands.reserve_job(8), Reply(b"RESERVED", [b"7", b"1"], b"a")),
        (commands.stats_job(8), Reply(b"OK", [b"5"], b"---\nid: 7\n")),
    ],
    ids=["peek", "reserve-job", "stats-job"],
)
def test_a_reply_about_another_job_is_an_error(command: Command[object], reply: Reply) -> None:
    with pytest.raises(ProtocolError, match="answered with job 7 when asked for job 8"):
        command.result(reply)


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (commands.use("a"), Reply(b"USING", [b"b"])),
        (commands.stats_tube("a"), Reply(b"OK", [b"12"], b"---\nname: b\n")),
        (commands.stats_tube("a"), Reply(b"OK", [b"14"], b'---\nname: "b"\n')),
    ],
    ids=["use", "stats-tube", "quoted"],
)
def test_a_reply_about_another_tube_is_an_error(command: Command[object], reply: Reply) -> None:
    with pytest.raises(ProtocolError, match="answered with tube 'b' when asked for tube a"):
        command.result(reply)
