"""Actions while workers run on the same tube: every job is accounted for, whatever comes between."""

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beantop.beanstalk import Client
from beantop.jobs.bulk import runner
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.simple import Bury, Kick
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_info import JobInfo
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd
from tests.demo.process import DemoProcess
from tests.jobs.acting import jobs_in
from tests.jobs.bulk.kills import STATES
from tests.jobs.bulk.meddling import MeddledConnection, Workers
from tests.jobs.bulk.running import bodies_in_trash, do, jobs_of
from tests.variants import rest_is_slow

numbers = itertools.count(1)
letters = st.lists(st.sampled_from("dhrpbk"), max_size=60)
sizes = st.integers(1, 40)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(DemoProcess, marks=pytest.mark.slow, id="demo"),
        pytest.param(Beanstalkd, id="original"),
    ],
)
def either(request: pytest.FixtureRequest) -> Iterator[Beanstalkd]:
    server = request.param()
    yield server
    server.stop()


class Meddled(NamedTuple):
    """The outcome of an action, before the workers leave."""

    tally: Tally
    workers: Workers
    here: dict[str, int]
    there: dict[str, int]
    """Jobs in the tube that jobs are moved to."""
    buried_before: set[int]
    buried: set[int]
    in_trash: int


def run_meddled(server: Beanstalkd, action: str, count: int, letters: list[str]) -> Meddled:
    tube = f"meddled-{next(numbers)}"
    before = [
        SavedJob(
            tube, f"{number}".encode(), state=STATES[number % 3], delay=9000 * (number % 3 == 1)
        )
        for number in range(count)
    ]
    do(server, Import(), before)
    jobs = [*jobs_of(server, tube).values()]
    buried_before = _buried(jobs)
    with server.client(use=tube, watch=tube) as client, TemporaryDirectory() as directory:
        workers = Workers(client, letters)
        act = _act(action, tube, Path(directory))

        async def story() -> Tally:
            connection = MeddledConnection(server.address, workers.step)
            try:
                return await Bulk(connection, act, jobs).run()
            finally:
                connection.close()

        tally = asyncio.run(story())
        return Meddled(
            tally,
            workers,
            _jobs_in(client, tube),
            _jobs_in(client, f"{tube}-b"),
            buried_before,
            _buried(jobs_of(server, tube).values()),
            bodies_in_trash(Path(directory)).total(),
        )


def _buried(jobs: Iterable[JobInfo]) -> set[int]:
    return {job.id for job in jobs if job.state == "buried"}


def _act(action: str, tube: str, directory: Path) -> Act[JobInfo]:
    if action == "delete":
        return Delete(Trash(directory).begin("queue", "jobs"))
    if action == "move":
        return Move(to_tube(f"{tube}-b"))
    return Bury() if action == "bury" else Kick()


def _jobs_in(client: Client[str], tube: str) -> dict[str, int]:
    return jobs_in(client, tube) if tube in client.tubes() else {}


@pytest.mark.parametrize("action", ["delete", "move", *rest_is_slow("bury", "kick")])
@settings(max_examples=8)
@given(count=sizes, steps=letters)
def test_totals_add_up_to_the_last_job(
    either: Beanstalkd, action: str, count: int, steps: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "BATCH", 7)
        told = run_meddled(either, action, count, steps)
    tally, workers = told.tally, told.workers
    assert tally.tried == tally.total == count
    assert (tally.is_settled, tally.ended) == (True, "")
    there = sum(told.there.values())
    taken = tally.done if action == "delete" else 0
    assert sum(told.here.values()) + there == count + workers.put - workers.deleted - taken
    if action == "delete":
        assert told.in_trash == tally.done
    if action == "move":
        assert there == tally.done
    if action == "bury":
        assert tally.done_ids - workers.kicked <= told.buried
        assert told.buried <= told.buried_before | tally.done_ids | workers.buried
