"""Jobs for which only the first of two steps succeeded."""

from collections.abc import Callable

import pytest

from beantop.beanstalk import Address
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.simple import Bury, Reprioritize
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_info import JobInfo, listed
from tests.jobs.acting import acting
from tests.jobs.bulk.running import became
from tests.jobs.bulk.test_losses import server_with, tally_at
from tests.monitor.peer import HANG_UP, body, peer

NO_MEMORY = b"OUT_OF_MEMORY\r\n"
LOST = "the server closed the connection"
TWICE = "may exist twice: deleting the copy failed"


def but(answer: Callable[[str], bytes], **replies: bytes | None) -> Callable[[str], bytes | None]:
    """The same replies, except for commands with that first word."""
    return lambda line: replies.get(line.partition(" ")[0].replace("-", "_"), answer(line))


def test_a_move_that_is_lost_after_the_put_says_that_the_job_may_be_there_twice() -> None:
    answer = server_with("delayed")
    with peer(lambda line: HANG_UP if line == "use default" else answer(line)) as other:
        tally = tally_at(other.address, Move(to_tube("b")), "delayed")
    assert (tally.left, tally.others) == (0, became(Outcome.TWICE))
    assert tally.sentence_of_one("Moved", "job 1") == f"Job 1 {TWICE}. Ended: not sent: {LOST}."


@pytest.mark.long
def test_a_move_of_many_counts_the_copies_that_stay() -> None:
    puts: list[str] = []

    def answer(line: str) -> bytes | None:
        word, _, id = line.partition(" ")
        if word == "stats-job":
            return body(f"id: {id}\ntube: a\nstate: delayed\npri: 5\nttr: 60\ntime-left: 9\n")
        if word == "peek":
            return b"FOUND %b 1\r\nx\r\n" % id.encode()
        if word == "put":
            puts.append(line)
            return b"INSERTED 9\r\n" if len(puts) <= 150 else HANG_UP
        return b"USING %b\r\n" % id.encode() if word == "use" else b""

    jobs = [listed(id, {"tube": "a", "state": "delayed", "ttr": 60}, 0.0) for id in range(1, 401)]
    with peer(answer) as other:
        tally = bulk_at(other.address, Move(to_tube("b")), jobs)
    assert tally.of(Outcome.TWICE) == 150
    assert tally.of(Outcome.UNKNOWN) > 0
    assert tally.left == 400 - 150 - tally.of(Outcome.UNKNOWN)
    assert tally.parts[1] == f"150 {TWICE}"


def bulk_at(address: Address, act: Act[JobInfo], jobs: list[JobInfo]) -> Tally:
    tally = acting(address, lambda connection: Bulk(connection, act, jobs).run())
    assert tally.tried + tally.left == len(jobs)
    return tally


def test_a_copy_that_a_worker_took_is_not_said_to_be_taken_back() -> None:
    answer = server_with("delayed")
    with peer(but(answer, delete=b"NOT_FOUND\r\n")) as other:
        tally = tally_at(other.address, Move(to_tube("b")), "delayed")
    assert tally.others == became(Outcome.TWICE)
    assert other.received.count("delete 2") == 1


def test_a_ready_source_that_cannot_be_deleted_is_given_back() -> None:
    answer = server_with("ready")
    replies = {"delete 1": NO_MEMORY, "release 1 5 0": b"RELEASED\r\n"}
    with peer(lambda line: replies.get(line) or answer(line)) as other:
        tally = tally_at(other.address, Move(to_tube("b")), "ready")
    assert tally.parts == ["1 was refused (delete): the server is out of memory"]
    assert other.received[-1] == "release 1 5 0"


@pytest.mark.parametrize(
    ("state", "given_back"),
    [("ready", "release 1 5 0"), ("delayed", "release 1 5 70"), ("buried", "bury 1 5")],
)
def test_a_job_that_was_taken_and_cannot_be_changed_is_given_back_as_it_was(
    state: str, given_back: str
) -> None:
    answer = server_with(state)
    there = body(f"id: 1\ntube: a\nstate: {state}\npri: 5\nttr: 60\ntime-left: 70\n")
    replies = {"stats-job 1": there, given_back: b"RELEASED\r\n"}
    if state == "buried":
        replies[given_back] = b"BURIED\r\n"
    with peer(
        lambda line: replies.get(line) or but(answer, release=NO_MEMORY, bury=NO_MEMORY)(line)
    ) as other:
        tally = tally_at(other.address, Reprioritize(7), state)
    word = given_back.partition(" ")[0]
    assert tally.parts == [f"1 was refused ({word}): the server is out of memory"]
    assert other.received[-1] == given_back


@pytest.mark.parametrize(
    ("refusal", "what"),
    [
        (NO_MEMORY, "is reserved by beantop until the ttr ends: the server refused to undo that"),
        (b"BURIED\r\n", "was buried: the server is out of memory"),
        (b"NOT_FOUND\r\n", "was reserved by beantop, but the reservation was lost"),
    ],
)
def test_a_job_that_cannot_be_given_back_either_is_not_said_to_be_unchanged(
    refusal: bytes, what: str
) -> None:
    with peer(but(server_with("delayed"), bury=NO_MEMORY, release=refusal)) as other:
        tally = tally_at(other.address, Bury(), "delayed")
    assert tally.sentence_of_one("Buried", "job 1") == f"Job 1 {what}."
    assert tally.left == 0


def test_if_the_connection_is_lost_when_a_job_is_given_back_its_outcome_is_unknown() -> None:
    with peer(but(server_with("delayed"), bury=NO_MEMORY, release=HANG_UP)) as other:
        tally = tally_at(other.address, Bury(), "delayed")
    assert tally == Tally(1, others=became(Outcome.UNKNOWN), ended=LOST)
