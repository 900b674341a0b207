"""The tally when the server is lost, or refuses, before, during and after an action."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from beantop.beanstalk import Address
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.simple import Bury, Kick, Reprioritize
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_info import JobInfo, listed
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import free_port
from tests.jobs.acting import acting
from tests.jobs.bulk.kills import STATES
from tests.jobs.bulk.running import became
from tests.monitor.peer import HANG_UP, SILENCE, SILENT_SECONDS, body, peer

ACTS: list[tuple[str, str, Callable[[], Act[Any]]]] = [
    ("delayed", "delete 1", lambda: Delete(None)),
    ("delayed", "kick-job 1", Kick),
    ("delayed", "bury 1 5", Bury),
    ("delayed", "release 1 7 0", lambda: Reprioritize(7)),
    ("delayed", "delete 1", lambda: Move(to_tube("b"))),
]

LOSSES = [
    (HANG_UP, "the server closed the connection"),
    (SILENCE, f"the server did not answer within {SILENT_SECONDS:g} s"),
    (b"HELLO you\r\n", "it answers, but not like beanstalkd: 'HELLO you'"),
]


def seen(state: str) -> JobInfo:
    return listed(1, {"tube": "a", "state": state, "pri": 5, "ttr": 60}, 0.0)  # type: ignore[typeddict-item]


def server_with(state: str) -> Callable[[str], bytes]:
    """A server with one job."""
    replies = {
        "stats-job 1": body(f"id: 1\ntube: a\nstate: {state}\npri: 5\nttr: 60\ntime-left: 0\n"),
        "peek 1": b"FOUND 1 1\r\nx\r\n",
        "use b": b"USING b\r\n",
        "use default": b"USING default\r\n",
        "put 5 0 60 1": b"INSERTED 2\r\n",
        "x": b"",
        "delete 2": b"DELETED\r\n",
        "reserve-job 1": b"RESERVED 1 1\r\nx\r\n",
        "release 1 5 0": b"RELEASED\r\n",
    }
    return lambda line: replies.get(line, b"INTERNAL_ERROR\r\n")


def tally_at(address: Address, act: Act[Any], state: str) -> Tally:
    tally = acting(
        address,
        lambda connection: Bulk(connection, act, [seen(state)]).run(),
        timeout=SILENT_SECONDS,
    )
    assert tally.tried + tally.left == 1
    return tally


@pytest.mark.parametrize(("state", "command", "act"), ACTS)
@pytest.mark.parametrize(("said", "reason"), LOSSES)
def test_if_the_reply_is_lost_the_outcome_is_unknown_and_nothing_is_sent_again(
    state: str, command: str, act: Callable[[], Act[Any]], said: bytes | None, reason: str
) -> None:
    answer = server_with(state)
    with peer(lambda line: said if line == command else answer(line)) as other:
        tally = tally_at(other.address, act(), state)
    assert tally == Tally(1, others=became(Outcome.UNKNOWN), ended=reason)
    assert other.received.count(command) == 1


@pytest.mark.parametrize(("state", "command", "act"), ACTS)
@pytest.mark.parametrize(("said", "reason"), LOSSES)
def test_if_the_server_is_lost_before_nothing_was_changed(
    state: str, command: str, act: Callable[[], Act[Any]], said: bytes | None, reason: str
) -> None:
    with peer(lambda _: said) as other:
        tally = tally_at(other.address, act(), state)
    assert tally == Tally(1, ended=reason)
    assert command not in other.received


@pytest.mark.parametrize(("state", "command", "act"), ACTS)
def test_if_there_is_no_server_nothing_was_changed(
    state: str, command: str, act: Callable[[], Act[Any]]
) -> None:
    tally = tally_at(("127.0.0.1", free_port()), act(), state)
    assert tally == Tally(1, ended="connection refused")


@pytest.mark.parametrize(("state", "command", "act"), ACTS)
def test_if_the_server_refuses_its_reason_is_told(
    state: str, command: str, act: Callable[[], Act[Any]]
) -> None:
    with peer(server_with(state)) as other:
        tally = tally_at(other.address, act(), state)
    assert tally.done == 0
    word = command.partition(" ")[0]
    assert tally.parts == [f"1 was refused ({word}): the server reports an internal error"]


def test_an_old_server_that_cannot_take_a_job_by_its_id_is_named() -> None:
    answer = server_with("ready")
    unknown = b"UNKNOWN_COMMAND\r\n"
    with peer(
        lambda line: unknown if line.startswith(("reserve-job", "bury")) else answer(line)
    ) as other:
        tally = tally_at(other.address, Bury(), "ready")
    assert tally.parts == [
        "1 was refused: this server does not know the command (beanstalkd 1.12 does)"
    ]


def test_a_copy_whose_source_stays_is_taken_away_again() -> None:
    answer = server_with("buried")
    replies = {
        "put 5 4294967295 60 1": b"INSERTED 2\r\n",
        "reserve-job 2": b"RESERVED 2 1\r\nx\r\n",
        "bury 2 5": b"BURIED\r\n",
        "delete 1": b"NOT_FOUND\r\n",
    }
    with peer(lambda line: replies.get(line, answer(line))) as other:
        tally = tally_at(other.address, Move(to_tube("b")), "buried")
    assert tally.parts == ["1 changed in the meantime"]
    assert [line for line in other.received if "delete" in line] == ["delete 1", "delete 2"]


def test_the_reason_of_a_loss_is_the_first_one() -> None:
    answer = server_with("ready")
    jobs = [SavedJob("b", b"x", priority=5, state=state) for state in STATES]
    with peer(lambda line: HANG_UP if line == "x" else answer(line)) as other:
        tally = acting(other.address, lambda connection: Bulk(connection, Import(), jobs).run())
    assert tally.ended == "the server closed the connection"


def test_a_job_that_went_before_it_was_deleted_is_noted_as_gone(tmp_path: Path) -> None:
    trash, deletes, answer = Trash(tmp_path), list[str](), server_with("ready")

    def reply(line: str) -> bytes:
        if line == "delete 1":
            deletes.append(line)
        return b"NOT_FOUND\r\n" if deletes else answer(line)

    with peer(reply) as other:
        tally = tally_at(other.address, Delete(trash.begin("queue", "a job")), "ready")
    assert tally == Tally(1, others=became(Outcome.GONE))
    deletion = trash.read(trash.deletions()[0])
    assert deletion
    assert deletion.gone == {1}
    assert deletion.restorable == []


@pytest.mark.parametrize(
    ("stats", "unknown"),
    [
        ("state: odd\npri: 5\nttr: 60\n", "state"),
        ("state: delayed\nttr: 60\ntime-left: 9\n", "priority"),
        ("state: delayed\npri: 5\nttr: 60\n", "delay"),
    ],
)
@pytest.mark.parametrize(
    "act",
    [lambda: Delete(None), lambda: Move(to_tube("b")), Kick, Bury, lambda: Reprioritize(7)],
)
def test_a_job_that_is_not_known_is_left_alone(
    stats: str, unknown: str, act: Callable[[], Act[Any]]
) -> None:
    there = body(f"id: 1\ntube: a\n{stats}")
    usual = server_with("delayed")
    with peer(lambda line: there if line == "stats-job 1" else usual(line)) as other:
        tally = tally_at(other.address, act(), "delayed")
    assert tally.sentence_of_one("Deleted", "job 1") == (
        f"Job 1 was skipped: unknown {unknown}. Nothing was changed."
    )
    changing = ("delete", "put", "kick", "reserve", "bury", "release")
    assert not [line for line in other.received if line.startswith(changing)]
