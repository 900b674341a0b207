"""The blocking client, and peers that are no good beanstalkd."""

import errno
import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import (
    BuriedError,
    Client,
    Error,
    InternalError,
    OutOfMemoryError,
    ProtocolError,
    UnknownResponseError,
)
from tests.beanstalk.peers import fake_peer
from tests.beanstalk.readers import NONSENSE


def test_a_server_without_memory_says_so_and_is_asked_again_later() -> None:
    with fake_peer(b"OUT_OF_MEMORY\r\n") as (client, peer):
        with pytest.raises(OutOfMemoryError, match="put 65536 0 60 5: the server is out of memory"):
            client.put("hello")
        peer.sendall(b"INSERTED 1\r\n")
        assert client.put("hello") == 1


def test_a_server_with_a_bug_says_so() -> None:
    with (
        fake_peer(b"INTERNAL_ERROR\r\n") as (client, _),
        pytest.raises(InternalError, match="delete 1: the server reports an internal error"),
    ):
        client.delete(1)


def test_a_job_that_was_put_and_buried_has_its_id() -> None:
    with (
        fake_peer(b"BURIED 7\r\n") as (client, _),
        pytest.raises(BuriedError, match="ran out of memory and buried") as caught,
    ):
        client.put("hello")
    assert caught.value.id == 7


def test_a_job_that_was_buried_instead_of_released_is_an_error() -> None:
    with (
        fake_peer(b"BURIED\r\n") as (client, _),
        pytest.raises(BuriedError, match="release 7 65536 0: "),
    ):
        client.release(7)


def test_an_unknown_response_has_its_words_and_leaves_the_client_usable() -> None:
    with fake_peer(b"SOME_ERROR 1 2 3\r\n") as (client, peer):
        with pytest.raises(UnknownResponseError, match="stats: the server answered") as caught:
            client.stats()
        assert caught.value.status == b"SOME_ERROR"
        assert caught.value.values == [b"1", b"2", b"3"]
        peer.sendall(b"USING a\r\n")
        assert client.using() == "a"


@pytest.mark.parametrize("answer", [b"", b"FOUND 1", b"FOUND 1 5\r\n", b"FOUND 1 5\r\nhello"])
def test_a_server_that_ends_in_the_middle_of_a_reply_is_lost(answer: bytes) -> None:
    with fake_peer(answer) as (client, peer):
        peer.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionError, match="the server closed the connection"):
            client.peek(1)
        for _ in range(2):
            with pytest.raises(ConnectionError, match=r"delete 1: not sent, the connection was"):
                client.delete(1)


def test_a_client_that_is_closed_after_a_loss_still_says_what_was_lost() -> None:
    with fake_peer(b"\r\n") as (client, _):
        with pytest.raises(ProtocolError):
            client.using()
        client.close()
        with pytest.raises(ConnectionError, match="a line without a word"):
            client.using()


def test_a_reply_that_is_cut_anywhere_is_put_together() -> None:
    with fake_peer(b"RESERVED 1 5\r\nhel") as (client, peer):
        peer.sendall(b"lo\r")
        peer.sendall(b"\n")
        assert client.reserve().body == "hello"


@pytest.mark.parametrize("answer", [b"\r\n", b"FOUND\r\n", b"OK 1\r\nab\r\n", b"x" * 2000])
def test_bytes_that_are_no_reply_end_the_connection(answer: bytes) -> None:
    with fake_peer(answer) as (client, peer):
        with pytest.raises(ProtocolError, match="the server"):
            client.stats()
        with pytest.raises(ConnectionError, match="list-tube-used: not sent"):
            client.using()
        assert _left_behind(peer) == b"stats\r\n"


def test_a_reply_too_many_ends_the_connection_before_it_answers_the_wrong_command() -> None:
    with fake_peer(b"DELETED\r\nDELETED\r\n") as (client, peer):
        client.delete(1)
        with pytest.raises(ProtocolError, match="a reply that nobody had asked for"):
            client.delete(2)
        assert _left_behind(peer) == b"delete 1\r\n"


class InterruptedSocket(socket.socket):
    """A socket where Ctrl+C is pressed while it waits for an answer."""

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        raise KeyboardInterrupt


def test_a_reply_about_another_job_ends_the_connection() -> None:
    with fake_peer(b"FOUND 7 1\r\na\r\n") as (client, _):
        with pytest.raises(ProtocolError, match="answered with job 7 when asked for job 8"):
            client.peek(8)
        with pytest.raises(ConnectionError, match="not sent, the connection was lost"):
            client.peek(8)


def test_a_call_that_is_interrupted_closes_the_client() -> None:
    ours, theirs = socket.socketpair()
    with theirs, Client(InterruptedSocket(fileno=ours.detach())) as client:
        with pytest.raises(KeyboardInterrupt):
            client.reserve()
        assert _left_behind(theirs) == b"reserve\r\n"
        for _ in range(2):
            with pytest.raises(ConnectionError, match="an earlier call was interrupted before"):
                client.reserve(0)


def test_the_timeout_of_a_socket_that_was_handed_in_stays_a_timeout_and_closes_the_client() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0.01)
    with theirs, Client(ours) as client:
        with pytest.raises(TimeoutError, match="timed out"):
            client.reserve()
        with pytest.raises(ConnectionError, match="not sent, the connection was lost"):
            client.using()


def test_a_timeout_while_the_first_commands_wait_is_a_timeout_and_leaves_nothing_open() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0.01)
    with theirs:
        with pytest.raises(TimeoutError):
            Client(ours, use="emails")
        assert _left_behind(theirs) == b"use emails\r\n"


class UnreachableSocket(socket.socket):
    """A socket whose keepalive finds that nobody is there."""

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))


def test_a_peer_that_the_network_no_longer_reaches_is_a_lost_connection() -> None:
    ours, theirs = socket.socketpair()
    with (
        theirs,
        Client(UnreachableSocket(fileno=ours.detach())) as client,
        pytest.raises(ConnectionError, match=os.strerror(errno.ETIMEDOUT)),
    ):
        client.reserve()


def test_a_client_whose_first_commands_fail_leaves_nothing_open() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(b"OUT_OF_MEMORY\r\n")
        with pytest.raises(OutOfMemoryError):
            Client(ours, use="emails")
        assert _left_behind(theirs) == b"use emails\r\n"


def _left_behind(peer: socket.socket) -> bytes:
    """All that the peer got, once the client has hung up."""
    return b"".join(iter(lambda: peer.recv(2**16), b""))


@pytest.mark.long
@given(NONSENSE, st.data())
def test_any_answer_is_a_result_an_error_or_a_lost_connection(
    answer: bytes, data: st.DataObject
) -> None:
    calls = [
        *("peek_ready", "peek_delayed", "stats", "tubes", "using", "watching", "reserve"),
    ]
    with fake_peer(answer) as (client, peer):
        peer.shutdown(socket.SHUT_WR)
        for call in data.draw(st.lists(st.sampled_from(calls), min_size=1)):
            _outcome(client, call)


def _outcome(client: Client[str], call: str) -> object:
    try:
        return getattr(client, call)()
    except (Error, ConnectionError) as error:
        return error
