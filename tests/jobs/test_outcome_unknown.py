"""What is said of an action when the server is lost before, in and after it."""

from collections.abc import Awaitable, Callable

import pytest

from beantop.beanstalk import Address
from beantop.jobs.actions import Outcome, kick, pause_tube
from beantop.jobs.connection import ActingConnection
from tests.beanstalkd import free_port
from tests.jobs.acting import acting
from tests.monitor.peer import HANG_UP, SILENCE, SILENT_SECONDS, LastWords, body, peer

Action = Callable[[ActingConnection], Awaitable[Outcome]]

ACTIONS: list[tuple[str, Action]] = [
    ("kick 5", lambda connection: kick(connection, "a", "buried", 5)),
    ("pause-tube a 60", lambda connection: pause_tube(connection, "a", 60)),
]

LOSSES = [
    (HANG_UP, "the server closed the connection"),
    (SILENCE, f"the server did not answer within {SILENT_SECONDS:g} s"),
    (b"HELLO you\r\n", "it answers, but not like beanstalkd: 'HELLO you'"),
]


HUNG_UP = [
    f"Outcome unknown: {words}."
    for words in ("the server closed the connection", "connection reset by peer", "broken pipe")
]
"""It depends on how far the act came."""


def answer(line: str) -> bytes:
    """A server with one buried job."""
    return {
        "stats-tube a": body("name: a\ncurrent-jobs-buried: 1\n"),
        "use a": b"USING a\r\n",
        "use default": b"USING default\r\n",
    }.get(line, b"INTERNAL_ERROR\r\n")


def outcome_at(address: Address, action: Action) -> Outcome:
    return acting(address, action, timeout=SILENT_SECONDS)


@pytest.mark.parametrize(("command", "action"), ACTIONS)
@pytest.mark.parametrize(("said", "reason"), LOSSES)
def test_if_the_reply_is_lost_the_outcome_is_unknown_and_nothing_is_sent_again(
    command: str, action: Action, said: bytes | None, reason: str
) -> None:
    with peer(lambda line: said if line == command else answer(line)) as other:
        outcome = outcome_at(other.address, action)
    assert outcome == Outcome("unknown", f"Outcome unknown: {reason}.")
    assert outcome.verb.startswith("Maybe ")
    assert other.received.count(command) == 1
    assert other.received[-1] == command


@pytest.mark.parametrize(("command", "action"), ACTIONS)
@pytest.mark.parametrize(("said", "reason"), LOSSES)
def test_if_the_server_is_lost_before_nothing_was_changed(
    command: str, action: Action, said: bytes | None, reason: str
) -> None:
    with peer(lambda _: said) as other:
        outcome = outcome_at(other.address, action)
    assert outcome == Outcome("refused", f"Nothing was changed: {reason}.")
    assert len(other.received) == 1
    assert command not in other.received


@pytest.mark.parametrize(("command", "action"), ACTIONS)
def test_if_the_server_hangs_up_after_the_check_no_other_is_told_to_act(
    command: str, action: Action
) -> None:
    check = "stats-tube a"
    with peer(lambda line: LastWords(answer(line)) if line == check else answer(line)) as other:
        outcome = outcome_at(other.address, action)
    assert outcome.result == "unknown"
    assert outcome.sentence in HUNG_UP
    assert other.connections == 1
    assert other.received[-1] == check


@pytest.mark.parametrize(("command", "action"), ACTIONS)
def test_if_there_is_no_server_nothing_was_changed(command: str, action: Action) -> None:
    outcome = outcome_at(("127.0.0.1", free_port()), action)
    assert outcome == Outcome("refused", "Nothing was changed: connection refused.")
    assert outcome.verb.startswith("Not ")


@pytest.mark.parametrize(("command", "action"), ACTIONS)
def test_if_the_server_refuses_its_reason_is_told(command: str, action: Action) -> None:
    with peer(answer) as other:
        outcome = outcome_at(other.address, action)
    sentence = f"The server refused. {command}: the server reports an internal error."
    assert outcome == Outcome("refused", sentence)


@pytest.mark.parametrize("said", [HANG_UP, SILENCE, b"OUT_OF_MEMORY\r\n", b"HELLO\r\n"])
def test_what_was_done_is_told_whatever_happens_on_the_way_back(said: bytes | None) -> None:
    replies: dict[str, bytes | None] = {"kick 5": b"KICKED 1\r\n", "use default": said}
    with peer(lambda line: replies.get(line, answer(line))) as other:
        outcome = outcome_at(other.address, ACTIONS[0][1])
    assert outcome == Outcome("done", "Kicked 1 buried job of a.")
    assert other.received.count("kick 5") == 1
