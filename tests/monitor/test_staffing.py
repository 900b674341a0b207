"""How busy workers are, and how many it takes."""

import random

import pytest

from beantop.monitor.snapshot import Tube
from beantop.monitor.staffing import staffing, wait_p95, workers_for
from tests.monitor.queue import first_in_first_out, true_percentile


def polls(*, watching: int | None = 10, reserved: int | None = 9, waiting: int = 1, put: int = 20, out: int = 20) -> list[Tube]:  # fmt: skip
    return [
        Tube("a", float(at), watching=watching, reserved=reserved, waiting=waiting, total_jobs=put * at, deletes=out * at)
        for at in range(31)
    ]  # fmt: skip


def test_workers_are_busy_as_long_as_jobs_are_reserved() -> None:
    found = staffing(polls())
    assert found
    assert (found.workers, found.busy, found.have_other_work) == (10, 0.9, False)


def test_it_takes_more_workers_than_have_work_at_any_time() -> None:
    found = staffing(
        polls(put=30, reserved=10, waiting=0)
    )  # 30 jobs of half a second come each second
    assert found
    assert found.needed == 16


def test_workers_that_neither_wait_nor_have_a_job_of_the_tube_do_other_things() -> None:
    found = staffing(polls(reserved=3, waiting=2))
    assert found
    assert found.have_other_work
    assert found.needed is None


@pytest.mark.parametrize(
    "some",
    [polls(watching=0), polls(watching=None), polls(reserved=None), polls()[:10], []],
    ids=["none", "unknown", "no counts", "too short", "no polls"],
)
def test_too_little_tells_nothing(some: list[Tube]) -> None:
    assert staffing(some) is None


def test_the_number_of_workers_is_the_last_one() -> None:
    found = staffing([*polls(), polls()[-1]._replace(watching=30)])
    assert found
    assert found.workers == 30


def test_nobody_knows_how_many_it_takes_while_nothing_is_finished() -> None:
    found = staffing(polls(out=0))
    assert found
    assert found.needed is None


@pytest.mark.long
@pytest.mark.parametrize(("workers", "rate"), [(3, 2.7), (10, 9.0), (2, 1.0)])
def test_the_model_is_right_for_jobs_that_come_at_random(workers: int, rate: float) -> None:
    chance = random.Random(5)
    at, puts = 0.0, []
    for _ in range(200_000):
        puts.append(at := at + chance.expovariate(rate))
    jobs = first_in_first_out(puts, [chance.expovariate(1.0) for _ in puts], workers)
    true = true_percentile((job.reserved_at - job.put_at for job in jobs), 95)
    assert wait_p95(workers, rate, 1.0) == pytest.approx(true, rel=0.1)


def test_the_fewest_workers_that_do_are_chosen() -> None:
    needed = workers_for(9.0, 1.0, target=2.0)
    assert needed
    assert wait_p95(needed, 9.0, 1.0) <= 2.0 < wait_p95(needed - 1, 9.0, 1.0)
