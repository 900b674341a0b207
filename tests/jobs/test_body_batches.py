"""Bodies are taken by portions, however large they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from beantop.beanstalk import Job, OutOfMemoryError
from beantop.jobs import body_batches
from beantop.jobs.body_batches import FIRST, peek_some
from beantop.jobs.bulk import put_back
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.put_back import Import, PutBack
from beantop.jobs.bulk.runner import Act
from beantop.jobs.connection import ActingConnection
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.app.scripted_server import scripted_server
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting
from tests.jobs.bulk.running import do, jobs_of

LARGE = b"x" * 60_000


async def _peek(connection: ActingConnection, ids: list[int]) -> list[Job[bytes] | None]:
    async with connection.turn() as turn:
        return await peek_some(turn, ids)


def peeked(server: Beanstalkd, ids: list[int]) -> list[Job[bytes] | None]:
    return acting(server.address, lambda connection: _peek(connection, ids))


def put(server: Beanstalkd, tube: str, *bodies: bytes) -> list[int]:
    tally = do(server, Import(), [SavedJob(tube, body) for body in bodies])
    return list(tally.new_ids.values())


def test_small_bodies_are_one_portion(server: Beanstalkd, tube: str) -> None:
    ids = put(server, tube, *[b"%d" % number for number in range(500)])
    answers = peeked(server, [*ids, ids[-1] + 1])
    assert [job.body for job in answers if isinstance(job, Job)] == [b"%d" % n for n in range(500)]
    assert answers[-1] is None


def test_a_server_that_cannot_answer_is_no_server_without_the_job() -> None:
    with scripted_server({"peek 7": b"OUT_OF_MEMORY"}) as address, pytest.raises(OutOfMemoryError):
        acting(address, lambda connection: _peek(connection, [7]))


def test_a_portion_ends_where_the_largest_body_so_far_would_not_fit_any_more(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_batches, "MAX_BYTES", 1_000_000)
    ids = put(server, tube, b"small", LARGE, *[b"small"] * FIRST, *[LARGE] * 100)
    answers = peeked(server, ids)
    assert FIRST < len(answers) < len(ids)
    assert sum(len(job.body) for job in answers if isinstance(job, Job)) <= 1_000_000
    assert len(peeked(server, ids[len(answers) :])) >= FIRST


@pytest.fixture
def five_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five of the large bodies fill a batch."""
    for module in (body_batches, put_back):
        monkeypatch.setattr(module, "MAX_BYTES", 5 * len(LARGE))


def tried(server: Beanstalkd, act: Act[Any], items: Sequence[Any]) -> list[int]:
    """The number of jobs tried after each batch; all succeeded."""
    steps: list[int] = []
    tally = do(server, act, items, lambda tally: steps.append(tally.tried))
    assert tally.done == len(items), tally
    return steps


@pytest.mark.long
@pytest.mark.usefixtures("five_fit")
def test_an_action_has_few_large_bodies_at_once(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    trash, jobs = Trash(tmp_path), [SavedJob(tube, LARGE) for _ in range(20)]
    assert tried(server, Import(), jobs) == [5, 10, 15, 20]
    there = [*jobs_of(server, tube).values()]
    assert tried(server, Move(to_tube(f"{tube}-b")), there) == [8, 16, 20]
    moved = [*jobs_of(server, f"{tube}-b").values()]
    assert tried(server, Delete(trash.begin("queue", "jobs")), moved) == [8, 16, 20]
    deletion = trash.last("queue").deletion
    assert deletion
    back = PutBack(deletion, trash.open(deletion))
    assert tried(server, back, deletion.restorable) == [5, 10, 15, 20]
    assert len(jobs_of(server, f"{tube}-b")) == 20
