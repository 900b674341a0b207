"""Actions while workers run on the same tube: every job is accounted for, whatever comes between."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

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
from beantop.jobs.listed import ListedJob
from beantop.jobs.saved import SavedJob
from beantop.jobs.trash import Trash
from tests.beanstalkd import Beanstalkd
from tests.demo.process import DemoProcess
from tests.jobs.acting import jobs_in
from tests.jobs.bulk.kills import STATES
from tests.jobs.bulk.meddling import MeddledConnection, Workers
from tests.jobs.bulk.running import bodies_in_trash, do, jobs_of

numbers = itertools.count(1)
letters = st.lists(st.sampled_from("dhrpbk"), max_size=60)
sizes = st.integers(1, 40)


@pytest.fixture(scope="module", params=[DemoProcess, Beanstalkd], ids=["demo", "original"])
def either(request: pytest.FixtureRequest) -> Iterator[Beanstalkd]:
    server = request.param()
    yield server
    server.stop()


def run_meddled(
    server: Beanstalkd, action: str, count: int, letters: list[str]
) -> tuple[Tally, dict[str, int], dict[str, int], Workers, int]:
    """The tally, both tubes before the workers leave, the workers, and how many are in the trash."""
    tube = f"meddled-{next(numbers)}"
    before = [
        SavedJob(
            tube, f"{number}".encode(), state=STATES[number % 3], delay=9000 * (number % 3 == 1)
        )
        for number in range(count)
    ]
    do(server, Import(), before)
    jobs = [*jobs_of(server, tube).values()]
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
        here, there = _jobs_in(client, tube), _jobs_in(client, f"{tube}-b")
        return tally, here, there, workers, bodies_in_trash(Path(directory)).total()


def _act(action: str, tube: str, directory: Path) -> Act[ListedJob]:
    if action == "delete":
        return Delete(Trash(directory).begin("queue", "jobs"))
    if action == "move":
        return Move(to_tube(f"{tube}-b"))
    return Bury() if action == "bury" else Kick()


def _jobs_in(client: Client[str], tube: str) -> dict[str, int]:
    return jobs_in(client, tube) if tube in client.tubes() else {}


@pytest.mark.parametrize("action", ["delete", "move", "bury", "kick"])
@settings(max_examples=12)
@given(count=sizes, steps=letters)
def test_totals_add_up_to_the_last_job(
    either: Beanstalkd, action: str, count: int, steps: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "BATCH", 7)
        tally, here, there, workers, saved = run_meddled(either, action, count, steps)
    assert tally.tried == tally.total == count
    assert not tally.unknown
    assert not tally.ended
    there_now = sum(here.values()) + sum(there.values())
    taken = tally.done if action == "delete" else 0
    assert there_now == count + workers.put - workers.deleted - taken
    if action == "delete":
        assert saved == tally.done
    if action == "move":
        assert sum(there.values()) == tally.done
    if action == "bury":
        before = sum(STATES[number % 3] == "buried" for number in range(count))
        assert here.get("buried", 0) == before + tally.done + workers.buried
