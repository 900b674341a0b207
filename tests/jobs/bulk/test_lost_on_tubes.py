"""The report on an action when the server is lost before, during and after it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from beantop.beanstalk import Address
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.bulk.tubes import KickTubes, PauseTubes
from tests.beanstalkd import free_port
from tests.jobs.acting import acting
from tests.jobs.bulk.running import became
from tests.monitor.peer import HANG_UP, SILENCE, SILENT_SECONDS, LastWords, body, peer

Make = Callable[[], Act[Any]]

ACTIONS: list[tuple[str, Make]] = [
    ("kick 5", lambda: KickTubes("buried", {"a": 5})),
    ("pause-tube a 60", lambda: PauseTubes(60)),
]

LOSSES = [
    (HANG_UP, "the server closed the connection"),
    (SILENCE, f"the server did not answer within {SILENT_SECONDS:g} s"),
    (b"HELLO you\r\n", "it answers, but not like beanstalkd: 'HELLO you'"),
]


HUNG_UP = {
    f"{start}{words}"
    for start in ("", "not sent: ")
    for words in ("the server closed the connection", "connection reset by peer", "broken pipe")
}
"""The outcome depends on how far the action came."""


def answer(line: str) -> bytes:
    """A server with one buried job."""
    return {
        "stats-tube a": body("name: a\ncurrent-jobs-buried: 1\n"),
        "use a": b"USING a\r\n",
        "use default": b"USING default\r\n",
    }.get(line, b"INTERNAL_ERROR\r\n")


def tally_at(address: Address, act: Act[Any]) -> Tally:
    return acting(
        address,
        lambda connection: Bulk(connection, act, ["a"]).run(),
        timeout=SILENT_SECONDS,
    )


@pytest.mark.parametrize(("command", "make"), ACTIONS)
@pytest.mark.parametrize(("said", "reason"), LOSSES)
def test_if_the_reply_is_lost_the_outcome_is_unknown_and_nothing_is_sent_again(
    command: str, make: Make, said: bytes | None, reason: str
) -> None:
    with peer(lambda line: said if line == command else answer(line)) as other:
        tally = tally_at(other.address, make())
    assert tally == Tally(1, others=became(Outcome.UNKNOWN), ended=reason)
    assert tally.verb("Kicked") == "Maybe kicked"
    assert other.received.count(command) == 1
    assert other.received[-1] == command


@pytest.mark.parametrize(("command", "make"), ACTIONS)
@pytest.mark.parametrize(("said", "reason"), LOSSES)
def test_if_the_server_is_lost_before_nothing_was_changed(
    command: str, make: Make, said: bytes | None, reason: str
) -> None:
    with peer(lambda _: said) as other:
        tally = tally_at(other.address, make())
    assert tally == Tally(1, ended=reason)
    assert len(other.received) == 1
    assert command not in other.received


@pytest.mark.parametrize(("command", "make"), ACTIONS)
def test_if_the_server_hangs_up_after_the_check_no_other_is_told_to_act(
    command: str, make: Make
) -> None:
    check = "stats-tube a"
    with peer(lambda line: LastWords(answer(line)) if line == check else answer(line)) as other:
        tally = tally_at(other.address, make())
    assert tally.others in (became(Outcome.UNKNOWN), Counter())  # it may not have been sent
    assert tally.ended in HUNG_UP
    assert other.connections == 1
    assert other.received[-1] == check


@pytest.mark.parametrize(("command", "make"), ACTIONS)
def test_if_there_is_no_server_nothing_was_changed(command: str, make: Make) -> None:
    tally = tally_at(("127.0.0.1", free_port()), make())
    assert tally == Tally(1, ended="connection refused")
    assert tally.verb("Kicked") == "Not kicked"


@pytest.mark.parametrize(("command", "make"), ACTIONS)
def test_if_the_server_refuses_its_reason_is_told(command: str, make: Make) -> None:
    with peer(answer) as other:
        tally = tally_at(other.address, make())
    word = command.partition(" ")[0]
    assert tally.parts == [f"a was refused ({word}): the server reports an internal error"]


@pytest.mark.parametrize("said", [HANG_UP, SILENCE, b"OUT_OF_MEMORY\r\n", b"HELLO\r\n"])
def test_what_was_done_is_told_whatever_happens_on_the_way_back(said: bytes | None) -> None:
    replies: dict[str, bytes | None] = {"kick 5": b"KICKED 1\r\n", "use default": said}
    with peer(lambda line: replies.get(line, answer(line))) as other:
        tally = tally_at(other.address, ACTIONS[0][1]())
    assert tally == Tally(1, done=1)
    assert tally.jobs == 1
    assert other.received.count("kick 5") == 1
