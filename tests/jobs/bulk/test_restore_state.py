"""Undoing actions: jobs get back what they had, and nobody else's work is undone."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beantop.beanstalk import Client
from beantop.jobs.bulk import restore_state
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.restore_state import AsLeft, Noted, Restore, Step, to_former_tubes
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.simple import Bury, Kick, Reprioritize, Simple
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.records import SavedJob
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, jobs_in, look
from tests.jobs.bulk.kills import STATES
from tests.jobs.bulk.meddling import MeddledConnection, Workers
from tests.jobs.bulk.running import became, do, jobs_of, one_of_each
from tests.variants import rest_is_slow

numbers = itertools.count(1)


def noted(server: Beanstalkd, act: Act[JobInfo], jobs: Sequence[JobInfo]) -> list[Step]:
    """What an action did to jobs, all of which it was done to."""
    each = Noted(act)
    assert do(server, each, jobs).done == len(jobs)
    return each.steps


def undone(server: Beanstalkd, steps: Sequence[Step]) -> Tally:
    return do(server, AsLeft(Restore(steps), steps), [step.after for step in steps])


@pytest.mark.parametrize(("most", "remembered"), [(5, 5), (4, 0)])
def test_all_jobs_of_an_action_are_remembered_or_none(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch, most: int, remembered: int
) -> None:
    monkeypatch.setattr(restore_state, "MAX_JOBS", most)
    monkeypatch.setattr(restore_state, "PARKED_AT_ONCE", 2)
    with server.client(use=tube) as client:
        for _ in range(5):
            client.put("")
        act = Noted(Bury())
        assert do(server, act, free_jobs(server, tube)).done == 5
        assert jobs_in(client, tube) == {"buried": 5}
    assert (len(act.steps), act.has_too_many) == (remembered, not remembered)


def free_jobs(server: Beanstalkd, tube: str) -> list[JobInfo]:
    return [job for job in jobs_of(server, tube).values() if job.state != "reserved"]


@pytest.mark.parametrize(
    ("make", "states"),
    [
        (Bury, {"ready", "delayed"}),
        (Kick, {"delayed", "buried"}),
        (lambda: Reprioritize(5), {"ready", "delayed", "buried"}),
        (lambda: Reprioritize(5, 60), {"ready", "delayed"}),
        (lambda: Reprioritize(5, 0), {"ready", "delayed"}),
    ],
)
def test_jobs_get_back_their_state_their_priority_and_the_rest_of_their_delay(
    server: Beanstalkd, tube: str, make: Callable[[], Simple], states: set[str]
) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = one_of_each(client)
        before = [job for job in free_jobs(server, tube) if job.state in states]
        assert {job.id for job in before} == {ids[state] for state in states}
        act = make()
        steps = noted(server, act, before)
        assert {step.after.id: step.after.state for step in steps} == {
            job.id: act.state_after(job) for job in before
        }
        assert undone(server, steps) == Tally(len(before), done=len(before))
    for job in before:
        now = look(server.address, job.id).listed
        assert (now.state, now.priority) == (job.state, job.priority)
        assert job.state != "delayed" or 900 < now.waits <= job.waits


def held(client: Client[str], id: int) -> None:
    client.reserve_job(id)


def deleted(client: Client[str], id: int) -> None:
    client.delete(client.reserve_job(id))


def released(client: Client[str], id: int) -> None:
    client.release(client.reserve_job(id))


def buried(client: Client[str], id: int) -> None:
    client.bury(client.reserve_job(id))


@pytest.mark.parametrize(
    ("worker", "reason"),
    [
        (held, Reason(Outcome.HELD)),
        (deleted, Reason(Outcome.GONE)),
        (released, Reason(Outcome.CHANGED)),
        (buried, Reason(Outcome.CHANGED)),
    ],
)
def test_what_a_worker_has_taken_meanwhile_is_left_to_it(
    server: Beanstalkd,
    tube: str,
    worker: Callable[[Client[str], int], None],
    reason: Reason,
) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = [client.put("", delay=1000), client.put("", delay=1000)]
        steps = noted(server, Kick(), free_jobs(server, tube))
        worker(client, ids[0])
        before = jobs_of(server, tube).get(ids[0])
        tally = undone(server, steps)
        assert tally.others == Counter({reason: 1})
        assert tally.done_ids == {ids[1]}
        after = jobs_of(server, tube)
        assert after[ids[1]].state == "delayed"
        assert (after[ids[0]].state if before else None) == (before.state if before else None)


def test_a_job_that_was_taken_at_once_is_not_offered_back(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        first, second = client.put("", delay=1000), client.put("", delay=1000)

        class Takes(Kick):
            async def apply(self, turn, jobs, tally):  # type: ignore[no-untyped-def]
                checked = await super().apply(turn, jobs, tally)
                client.reserve_job(first)
                return checked

        steps = noted(server, Takes(), free_jobs(server, tube))
        assert [step.after.id for step in steps] == [second]


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Beanstalkd]:
    """A server that keeps its jobs in a binlog."""
    server = Beanstalkd("-b", str(tmp_path))
    yield server
    server.stop()


@pytest.mark.long
@pytest.mark.parametrize(
    ("act", "states", "taken_back"),
    [
        (Bury(), {"ready", "delayed"}, 0),
        (Kick(), {"delayed", "buried"}, 0),
        (Reprioritize(5), {"delayed", "buried"}, 0),
        (Reprioritize(5), {"ready"}, 3),  # by the restart itself
        (Reprioritize(5, 60), {"ready", "delayed"}, 0),
        (Move(to_tube("there")), {"ready", "delayed", "buried"}, 0),
    ],
)
def test_jobs_that_a_binlog_kept_over_a_restart_are_unchanged(
    keeper: Beanstalkd, act: Act[JobInfo], states: set[str], taken_back: int
) -> None:
    with keeper.client(use="here", watch="here") as client:
        client.release(one_of_each(client)["reserved"])
        client.release(client.reserve_job(client.put("order 4711")))
    before = bodies_by_place(keeper, "here")
    jobs = [job for job in free_jobs(keeper, "here") if job.state in states]
    steps = noted(keeper, act, jobs)
    keeper.stop()
    keeper.start()
    for step in steps:
        again = step.after.state == "buried"
        assert look(keeper.address, step.after.id).listed.buries == (step.after.buries or 0) + again
    back = Move(to_former_tubes(steps)) if isinstance(act, Move) else Restore(steps)
    tally = do(keeper, AsLeft(back, steps), [step.after for step in steps])
    assert tally.done == len(jobs) - taken_back
    assert tally.others == (became(Outcome.ALREADY, taken_back, "ready") if taken_back else {})
    assert bodies_by_place(keeper, "here") == before


def test_a_job_that_was_buried_again_after_a_restart_is_left_alone(keeper: Beanstalkd) -> None:
    with keeper.client(use="here") as client:
        client.put("order 4711")
    steps = noted(keeper, Bury(), free_jobs(keeper, "here"))
    keeper.stop()
    keeper.start()
    with keeper.client(watch="here") as worker:
        buried(worker, steps[0].after.id)
    assert undone(keeper, steps).others == became(Outcome.CHANGED)


def test_a_parked_job_is_not_parked_again(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("", delay=2**32 - 1)
        assert noted(server, Kick(), free_jobs(server, tube)) == []


def test_a_delay_that_has_passed_is_not_given_again(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("", delay=1000)
        kicked = noted(server, Kick(), free_jobs(server, tube))
        restore = Restore(kicked, now=lambda: time.monotonic() + 1001)
        tally = do(server, restore, [step.after for step in kicked])
        assert tally.others == became(Outcome.ALREADY, detail="ready")
        steps = noted(server, Bury(), free_jobs(server, tube))
        later = [step._replace(before=kicked[0].before) for step in steps]
        restore = Restore(later, now=lambda: time.monotonic() + 1001)
        assert do(server, restore, [step.after for step in later]).done == 1
        assert jobs_in(client, tube) == {"ready": 1}


def test_moved_jobs_go_back_to_their_own_tubes(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        one_of_each(client)
        client.use(f"{tube}-2")
        client.put("of another tube")
        jobs = [*free_jobs(server, tube), *free_jobs(server, f"{tube}-2")]
        before = bodies_by_place(server, tube, f"{tube}-2")
        steps = noted(server, Move(to_tube(f"{tube}-3")), jobs)
        assert {step.after.tube for step in steps} == {f"{tube}-3"}
        back = AsLeft(Move(to_former_tubes(steps)), steps)
        assert do(server, back, [step.after for step in steps]).done == 4
        assert bodies_by_place(server, tube, f"{tube}-2") == before
        assert f"{tube}-3" not in client.tubes()


def bodies_by_place(server: Beanstalkd, *tubes: str) -> Counter[tuple[object, ...]]:
    """The bodies of all jobs, with all that an undone move must not change."""
    return Counter(
        (tube, job.state, job.priority, job.ttr, look(server.address, job.id).body)
        for tube in tubes
        for job in jobs_of(server, tube).values()
    )


def test_jobs_that_were_moved_to_another_server_come_back(
    server: Beanstalkd, own_server: Beanstalkd, tube: str
) -> None:
    async def story(here: ActingConnection) -> None:
        there = ActingConnection(own_server.address)
        each = Noted(Move(to_tube("other"), there), there)
        assert (await Bulk(here, each, jobs).run()).done == 3
        assert jobs_in(other, "other") == {"ready": 1, "delayed": 1, "buried": 1}
        there = ActingConnection(own_server.address)
        back = AsLeft(Move(to_former_tubes(each.steps), here, owns=False), each.steps)
        items = [step.after for step in each.steps]
        assert (await Bulk(there, back, items).run()).done == 3
        assert here.is_open  # it was lent
        there.close()

    with server.client(use=tube, watch=tube) as client, own_server.client() as other:
        one_of_each(client)
        before = bodies_by_place(server, tube)
        jobs = free_jobs(server, tube)
        acting(server.address, story)
        assert bodies_by_place(server, tube) == before
        assert "other" not in other.tubes()


@pytest.mark.long
@pytest.mark.parametrize("action", ["move", *rest_is_slow("bury", "kick", "change")])
@settings(max_examples=8)
@given(count=st.integers(1, 30), steps=st.lists(st.sampled_from("dhrpbk"), max_size=90))
def test_no_job_is_lost_or_doubled_while_workers_run(
    server: Beanstalkd, action: str, count: int, steps: list[str]
) -> None:
    tube = f"undone-{next(numbers)}"
    saved = [
        SavedJob(tube, f"{at}".encode(), state=STATES[at % 3], delay=9000 * (at % 3 == 1))
        for at in range(count)
    ]
    do(server, Import(), saved)
    with server.client(use=tube, watch=tube) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(restore_state, "PARKED_AT_ONCE", 7)
        client.watch(f"{tube}-b")
        workers = Workers(client, steps)
        jobs = list(jobs_of(server, tube).values())
        asyncio.run(_do_and_undo(server, action, tube, jobs, workers))
        here = [job for each in (tube, f"{tube}-b") for job in jobs_of(server, each).values()]
    bodies = Counter(look(server.address, job.id).body for job in here)
    new = bodies.pop(b"put meanwhile", 0)
    assert all(number == 1 for number in bodies.values())
    assert bodies.keys() <= {job.body for job in saved}
    assert len(bodies) + new == count + workers.put - workers.deleted


async def _do_and_undo(
    server: Beanstalkd, action: str, tube: str, jobs: Sequence[JobInfo], workers: Workers
) -> None:
    connection = MeddledConnection(server.address, workers.step)
    acts: dict[str, Act[JobInfo]] = {
        "kick": Kick(),
        "bury": Bury(),
        "change": Reprioritize(5),
        "move": Move(to_tube(f"{tube}-b")),
    }
    try:
        each = Noted(acts[action])
        done = await Bulk(connection, each, jobs).run()
        assert (done.ended, done.tried) == ("", len(jobs))
        steps, items = each.steps, [step.after for step in each.steps]
        back = Move(to_former_tubes(steps)) if action == "move" else Restore(steps)
        tally = await Bulk(connection, AsLeft(back, steps), items).run()
        assert (tally.is_settled, tally.ended, tally.tried) == (True, "", len(items))
    finally:
        connection.close()
