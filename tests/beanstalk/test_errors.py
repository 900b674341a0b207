import pytest

from beantop import beanstalk
from beantop.beanstalk import (
    BeanstalkdError,
    BuriedError,
    ConnectionLostError,
    Error,
    NoAnswerError,
    NotFoundError,
    ProtocolError,
    UndecodableBodyError,
    UnknownResponseError,
)
from beantop.beanstalk.errors import ERROR_WORDS


@pytest.mark.parametrize("word", ERROR_WORDS)
def test_every_error_word_has_a_class_of_its_own_that_is_exported(word: bytes) -> None:
    error = ERROR_WORDS[word]
    assert issubclass(error, BeanstalkdError)
    assert error.__name__ in beanstalk.__all__
    assert list(ERROR_WORDS.values()).count(error) == 1


@pytest.mark.parametrize("error", ERROR_WORDS.values())
def test_every_error_reads_as_a_sentence(error: type[BeanstalkdError]) -> None:
    assert " " in str(error())
    assert error.sentence != BeanstalkdError.sentence
    assert str(error([b"7"], "delete 7")) == f"delete 7: {error.sentence}"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("peek 9", "peek 9: the job does not exist"),
        ("stats-job 9", "stats-job 9: the job does not exist"),
        ("peek-ready", "peek-ready: no job of the used tube is ready"),
        ("peek-delayed", "peek-delayed: no job of the used tube is delayed"),
        ("peek-buried", "peek-buried: no job of the used tube is buried"),
        ("stats-tube x", "stats-tube x: the tube does not exist"),
        ("pause-tube x 60", "pause-tube x 60: the tube does not exist"),
        ("kick-job 9", f"kick-job 9: {NotFoundError.sentence}"),
        ("", NotFoundError.sentence),
    ],
)
def test_what_is_not_found_depends_on_what_was_looked_for(command: str, sentence: str) -> None:
    assert str(NotFoundError([], command)) == sentence


def test_an_error_knows_the_command_that_was_refused() -> None:
    assert BeanstalkdError([], "delete 7").command == "delete 7"
    assert BeanstalkdError().command == ""


def test_a_buried_job_has_an_id_if_the_server_told_it() -> None:
    assert BuriedError([b"7"]).id == 7
    assert BuriedError([]).id is BuriedError().id is BuriedError([b"x"]).id is None


def test_an_unknown_response_keeps_its_words() -> None:
    error = UnknownResponseError(b"SOME_ERROR", [b"1", b"2"])
    assert (error.status, error.values) == (b"SOME_ERROR", [b"1", b"2"])
    assert (
        str(error) == "the server answered 'SOME_ERROR 1 2', which is not a reply to this command"
    )


def test_an_unknown_response_is_shown_short_and_without_control_characters() -> None:
    error = UnknownResponseError(b"\x1b[2J\xff", [b"x" * 70], "stats")
    assert str(error).startswith(r"stats: the server answered '\x1b[2J")
    assert str(error).isprintable()
    assert str(error).count("x") < 60
    assert "…" in str(error)


def test_an_undecodable_body_is_an_error_of_ours_and_of_python() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"caf\xe9".decode()
    error = UndecodableBodyError(7, caught.value)
    assert isinstance(error, Error)
    assert isinstance(error, UnicodeDecodeError)
    assert str(error) == "the body of job 7 is not utf-8 (unexpected end of data at byte 3)"
    assert (error.id, error.object) == (7, b"caf\xe9")


def test_broken_bytes_are_about_the_connection_and_not_the_command() -> None:
    assert issubclass(ProtocolError, ConnectionError)
    assert not issubclass(ProtocolError, Error)


def test_what_the_async_client_raises_is_caught_as_an_error_or_by_its_built_in_class() -> None:
    assert issubclass(ConnectionLostError, Error)
    assert issubclass(ConnectionLostError, ConnectionError)
    assert issubclass(NoAnswerError, ConnectionLostError)
    assert issubclass(NoAnswerError, TimeoutError)
