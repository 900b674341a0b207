import asyncio
from pathlib import Path

import pytest

from beantop.beanstalk import AsyncClient, Client, ConnectionLostError, NotFoundError, ProtocolError
from beantop.beanstalk.reason import describe_error


def test_a_socket_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Client(str(tmp_path / "nothing"))
    assert describe_error(caught.value) == "there is no such socket"


def test_a_path_of_something_else_is_said_to_be_no_socket(tmp_path: Path) -> None:
    for path in (str(tmp_path), __file__):
        with pytest.raises(OSError, match=path) as caught:
            Client(path)
        assert describe_error(caught.value) == "it is not a socket"
        with pytest.raises(ConnectionLostError, match="it is not a socket"):
            asyncio.run(AsyncClient.connect(path))


def test_bytes_that_are_no_reply_are_another_program() -> None:
    error = ProtocolError("the server sent a line without a word")
    assert describe_error(error) == f"it answers, but not like beanstalkd: {error}"


def test_an_error_word_is_said_in_its_own_sentence() -> None:
    error = NotFoundError([], "peek 1")
    assert describe_error(error) == str(error)


def test_an_error_number_hidden_in_the_text_is_put_in_words() -> None:
    error = ConnectionError("not sent: [Errno 32] Broken pipe")
    assert describe_error(error) == "broken pipe"
