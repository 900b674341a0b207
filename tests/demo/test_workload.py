import time

import pytest

from beantop.demo import bodies
from beantop.demo.clock import SECOND
from beantop.demo.past import Old
from beantop.demo.producers import MAX_SHOWN, TRY_AGAIN, Bursts, Jobs, Stream, Visits, Wave
from beantop.demo.scenes import BUSY, SCENES
from beantop.demo.simulation import Shift
from beantop.demo.workers import Crew, Manner
from beantop.demo.workload import Scene
from tests.demo.runs import ONE, Run, made_of

# The same each time:


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_same_seed_brings_the_same_jobs(scene: Scene) -> None:
    one, other = Run(scene), Run(scene)
    one.until(40)
    other.until(40)
    assert one.everything() == other.everything()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_another_seed_brings_other_jobs(scene: Scene) -> None:
    one, other = Run(scene, seed=1), Run(scene, seed=2)
    one.until(40)
    other.until(40)
    assert one.everything() != other.everything()


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_small_steps_lead_to_where_large_ones_do(scene: Scene) -> None:
    one, other = Run(scene), Run(scene)
    one.until(60)
    for step in range(1, 60 * 7 + 1):
        other.until(step / 7)
    assert one.everything() == other.everything()


@pytest.mark.long
def test_the_time_of_the_clock_makes_no_difference() -> None:
    one, other = Run(BUSY), Run(BUSY, start=-(10**18))
    one.until(40)
    other.until(40)
    assert one.everything() == other.everything()


# The past:


def test_the_past_is_over_when_the_workload_is_there() -> None:
    run = Run(made_of(past=100), start=5)
    assert run.begin == 5 + 100 * SECOND


def test_old_jobs_were_put_at_equal_distances() -> None:
    run = Run(made_of(past=100, old=(Old(ONE, 4, age=80),)))
    assert [run.begin - job.created_at for job in run.broker.jobs.values()] == [
        age * SECOND for age in (80, 60, 40, 20)
    ]


def test_old_jobs_may_be_buried_or_delayed() -> None:
    late = Jobs("a", (bodies.number,), delays=(90,))
    run = Run(made_of(past=100, old=(Old(ONE, 2, 50, state="buried"), Old(late, 3, age=80))))
    assert len(run.tube("a").buried) == 2
    assert len(run.tube("a").delayed) == 3
    run.until(90)
    assert len(run.tube("a").ready) == 3


# What actors do:


def test_producers_and_workers_are_connected() -> None:
    run = Run(made_of(Stream(ONE, Wave(1), producers=3), Crew(("a",), 2, Manner(0.1))))
    tube = run.tube("a")
    assert (tube.using, tube.watching, len(tube.waiting)) == (3, 2, 2)


def test_jobs_come_at_about_the_rate_of_their_wave() -> None:
    run = Run(made_of(Stream(ONE, Wave(10, swing=0.9, period=20))))
    run.until(200)
    assert 1700 < run.broker.total_jobs < 2300


def test_a_burst_takes_as_long_as_its_shift() -> None:
    run = Run(made_of(Bursts(ONE, 100, Shift(first=5, stay=2, every=30))))
    counts = []
    for second in (4, 7, 34, 37):
        run.until(second)
        counts.append(run.broker.total_jobs)
    assert counts == [0, 100, 100, 200]


def test_workers_delete_what_they_have_done() -> None:
    run = Run(made_of(Bursts(ONE, 10, Shift(0, 2, 999)), Crew(("a",), 2, Manner(0.5))))
    run.until(10)
    assert run.tube("a").deletes == 10
    assert not run.broker.jobs
    assert run.broker.command_counts["delete"] == 10


def test_a_job_that_times_out_three_times_is_buried() -> None:
    one = Jobs("a", (bodies.number,), ttr=5)
    run = Run(made_of(Bursts(one, 1, Shift(0, 2, 999)), Crew(("a",), 2, Manner(1, hang=1))))
    run.until(30)
    (job,) = run.broker.jobs.values()
    assert (job.state, job.timeouts, job.reserves) == ("buried", 3, 4)


def test_a_job_is_tried_again_later_and_later_and_then_buried() -> None:
    manner = Manner(1, release=1, retries=2, backoff=10)
    run = Run(made_of(Bursts(ONE, 1, Shift(0, 2, 999)), Crew(("a",), 1, manner)))
    run.until(5)
    (job,) = run.broker.jobs.values()
    assert (job.state, job.delay) == ("delayed", 10 * SECOND)
    run.until(15)
    assert (job.state, job.delay) == ("delayed", 20 * SECOND)
    run.until(50)
    assert (job.state, job.releases) == ("buried", 2)


def test_a_crew_leaves_when_its_shift_is_over_and_its_jobs_are_done() -> None:
    shift = Shift(first=10, stay=10, every=50)
    run = Run(made_of(Stream(ONE, Wave(5)), Crew(("a",), 3, Manner(0.4), shift)))
    watching = []
    for second in (9, 15, 22, 59, 61):
        run.until(second)
        watching.append(run.tube("a").watching)
    assert watching == [0, 3, 0, 0, 3]


def test_a_visit_leaves_nothing_behind() -> None:
    run = Run(made_of(Visits(ONE, 3, Shift(first=10, stay=5, every=20))))
    there = []
    for second in (9, 11, 16, 29, 31):
        run.until(second)
        there.append("a" in run.broker.tubes)
    assert there == [False, True, False, False, True]
    assert run.tube("a").total_jobs > 0


def test_producers_stop_where_a_backlog_gets_out_of_hand() -> None:
    run = Run(made_of(Bursts(ONE, MAX_SHOWN + 5, Shift(0, 2, 999))))
    run.until(3)
    assert len(run.tube("a").ready) == MAX_SHOWN


def test_producers_of_a_server_that_drains_stop_and_try_again_later() -> None:
    run = Run(made_of(Stream(ONE, Wave(10))))
    run.until(5)
    run.broker.is_draining = True
    puts, jobs = run.broker.command_counts["put"], run.broker.total_jobs
    run.until(65)
    tries = run.broker.command_counts["put"] - puts
    assert 60 / TRY_AGAIN - 2 <= tries <= 60 / TRY_AGAIN + 1
    assert run.broker.total_jobs == jobs
    run.broker.is_draining = False
    run.until(75)
    assert run.broker.total_jobs > jobs


# A clock that runs:


def live(run: Run) -> None:
    run.clock.go_live()
    run.workload.run_until(run.clock())


def test_a_live_clock_is_caught_up_with() -> None:
    run = Run(made_of(Bursts(ONE, 8, Shift(0, 2, 999))), start=time.monotonic_ns() - SECOND)
    live(run)
    assert 0 < run.broker.total_jobs < 8


def test_a_live_clock_is_not_waited_for() -> None:
    run = Run(made_of(Stream(ONE, Wave(1))), start=time.monotonic_ns())
    run.clock.go_live()
    run.workload.run_until(run.clock() + 3600 * SECOND)
    assert run.broker.total_jobs == 0


def test_not_all_is_made_up_for_after_a_long_stop() -> None:
    run = Run(made_of(Stream(ONE, Wave(10))), start=time.monotonic_ns() - 3600 * SECOND)
    live(run)
    assert 0 < run.broker.total_jobs < 100
