"""The times of jobs, from samples of a queue whose true times are known."""

import random
from dataclasses import replace

import pytest

from beantop.beanstalk import StatsJob
from beantop.monitor.durations import MIN_COUNT
from beantop.monitor.focus import Focus
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.job_times import (
    ENOUGH,
    MAX_ENTRIES,
    MAX_FOLLOWED,
    MAX_TUBES,
    MEMORY,
    SLICE,
    JobTimes,
)
from beantop.monitor.new_ids import NewIds
from tests.monitor.queue import Job, Queue, first_in_first_out, follow, is_near, with_tube

EVERY = 0.25
SECONDS = 60.0


def times_from(queue: Queue, tube: str | None = "a", since: float = 0.0) -> JobTimes:
    total = queue.total(since)
    new_ids = NewIds(total + queue.first - 1, total, since)
    return JobTimes(new_ids, Focus(tube), random.Random(3).random)


def at_random(
    rate: float, work: float, workers: int, seed: int = 1, seconds: float = SECONDS
) -> list[Job]:
    chance = random.Random(seed)
    at, puts = 0.0, []
    while (at := at + chance.expovariate(rate)) < seconds:
        puts.append(at)
    return first_in_first_out(puts, [chance.expovariate(1 / work) for _ in puts], workers)


def measured(queue: Queue, tube: str = "a", **options: float) -> TubeTimes:
    times = times_from(queue, tube)
    follow(queue, times, since=0.0, until=SECONDS, every=EVERY, **options)  # type: ignore[arg-type]
    known = times.tube_times(tube)
    assert known
    return known


LOADS = {
    "fast": (60, 0.05, 6),
    "loaded": (20, 0.45, 10),
    "slow": (3, 2.0, 8),
    "long": (4, 8.0, 40),
}


@pytest.mark.parametrize("load", LOADS)
def test_the_estimates_are_near_the_truth(load: str) -> None:
    queue = Queue(at_random(*LOADS[load]))
    known = measured(queue)
    ended = [job for job in queue.jobs() if job.gone_at < SECONDS]
    assert is_near(known.wait, (job.reserved_at - job.put_at for job in queue.jobs()), EVERY)
    if load != "long":  # there the truth about those that have not ended is missing
        assert is_near(known.work, (job.gone_at - job.reserved_at for job in ended), EVERY)
        assert is_near(known.turnaround, (job.gone_at - job.put_at for job in ended), EVERY)


def test_jobs_that_are_gone_at_the_first_look_count_as_quick() -> None:
    known = measured(Queue(at_random(30, 0.001, 30)))
    assert known.quick > 0.95
    assert known.turnaround
    assert known.turnaround.percentile(50) < EVERY


def test_jobs_of_other_tubes_are_not_taken_for_those_of_this_one() -> None:
    slow = at_random(4, 3.0, 20)
    queue = Queue([*slow, *with_tube(at_random(50, 0.001, 50, seed=2), "b")])
    known = measured(queue)
    assert known.quick < 0.1
    assert is_near(known.turnaround, (job.gone_at - job.put_at for job in slow if job.gone_at < SECONDS), EVERY, 0.2)  # fmt: skip


def test_of_many_jobs_put_at_once_the_last_ones_do_not_count_more() -> None:
    puts = [float(at) for at in range(1, 55, 6) for _ in range(50)]
    jobs = first_in_first_out(puts, [0.5] * len(puts), 10)
    known = measured(Queue(jobs), most=40)
    assert is_near(known.wait, (job.reserved_at - job.put_at for job in jobs), EVERY)


def test_a_growing_backlog_says_how_much_is_not_known() -> None:
    puts = [at / 10 for at in range(600)]
    known = measured(Queue(first_in_first_out(puts, [1.0] * 600, 5)))
    assert known.wait
    assert known.wait.percentile(99) > 20


def test_puts_that_break_off_change_nothing() -> None:
    jobs = at_random(5, 1.0, 10)
    broken = [2.17 * at for at in range(28)]
    known = measured(Queue(jobs, broken=broken))
    assert known.quick < 0.1
    assert is_near(known.turnaround, (job.gone_at - job.put_at for job in jobs if job.gone_at < SECONDS), EVERY)  # fmt: skip


def test_nothing_is_known_without_new_jobs() -> None:
    jobs = [replace(job, gone_at=1e9) for job in at_random(5, 1.0, 10)]
    queue = Queue(jobs)
    times = times_from(queue, since=SECONDS)
    follow(queue, times, since=SECONDS, until=2 * SECONDS, every=EVERY)
    assert times.tube_times("a") is None


def test_too_few_jobs_tell_their_number_and_no_times() -> None:
    queue = Queue(Job(float(at), at + 0.5, at + 1.0) for at in range(1, MIN_COUNT - 3))
    known = measured(queue)
    assert known.wait is None
    assert known.turnaround is None
    assert known.sampled == MIN_COUNT - 4


def test_a_wrong_guess_of_the_ids_is_not_taken_for_quick_jobs() -> None:
    queue = Queue(at_random(20, 0.5, 30), first=1_000_000)
    times = JobTimes(NewIds(0, 0, 0.0), Focus("a"))
    follow(queue, times, since=0.0, until=SECONDS, every=EVERY)
    assert not times.new_ids.is_sure
    known = times.tube_times("a")
    assert known
    assert (known.sampled, known.quick, known.wait) == (0, 0.0, None)


def test_the_wait_of_a_delayed_job_begins_when_it_is_ready() -> None:
    jobs = [
        Job(at, at + 5.3, at + 6.3, delay=5) for at in (0.537 * number for number in range(100))
    ]
    known = measured(Queue(jobs))
    assert is_near(known.wait, [0.3] * 100, EVERY)
    assert is_near(known.turnaround, [6.3] * 100, EVERY)


def test_jobs_put_while_nobody_looked_are_not_taken_for_quick_ones() -> None:
    queue = Queue(at_random(10, 5.0, 200))
    times = times_from(queue)
    follow(queue, times, since=0.0, until=20.0, every=EVERY)
    follow(queue, times, since=50.0, until=SECONDS, every=EVERY)
    known = times.tube_times("a")
    assert known
    assert known.quick < 0.1


def test_while_no_new_jobs_are_wanted_none_is_missing() -> None:
    queue = Queue(at_random(10, 5.0, 200))
    times = times_from(queue)
    follow(queue, times, since=0.0, until=20.0, every=EVERY)
    plan = times.plan
    times.plan = lambda *arguments: plan(*arguments, only_again=True)  # type: ignore[method-assign]
    follow(queue, times, since=20.0, until=30.0, every=EVERY)
    times.plan = plan  # type: ignore[method-assign]
    follow(queue, times, since=30.0, until=40.0, every=EVERY)
    known = times.tube_times("a")
    assert known
    assert known.quick < 0.1


@pytest.mark.long
def test_old_jobs_are_forgotten_when_enough_newer_ones_are_known() -> None:
    times = times_from(Queue([]))
    queue = Queue(at_random(20, 0.5, 30, seconds=600.0))
    follow(queue, times, since=0.0, until=600.0, every=EVERY)
    known = times.tube_times("a")
    assert known
    assert ENOUGH <= known.sampled < 3 * ENOUGH
    kept = [part for part in times._slices if part.times]
    assert len(kept) <= 4


def test_so_many_jobs_are_followed_at_most() -> None:
    queue = Queue(Job(at / 100, 1e9, 1e9) for at in range(6_000))
    times = times_from(queue)
    follow(queue, times, since=0.0, until=SECONDS, every=EVERY)
    assert len(times.followed) == MAX_FOLLOWED


def test_a_tube_of_which_no_job_ends_leaves_room_for_the_others() -> None:
    stuck = [Job(at / 50, 1e9, 1e9) for at in range(3_000)]
    quick = [Job(at / 2, at / 2 + 1.0, at / 2 + 2.0, "b") for at in range(120)]
    queue = Queue([*stuck, *quick])
    times = times_from(queue, None)
    follow(queue, times, since=0.0, until=SECONDS, every=EVERY)
    known = times.tube_times("b")
    assert known
    assert known.sampled > 60
    assert is_near(known.wait, [1.0], EVERY)


def test_jobs_older_than_an_hour_tell_nothing_and_leave_their_room() -> None:
    queue = Queue(Job(at / 100, 1e9, 1e9) for at in range(6_000))
    times = times_from(queue)
    follow(queue, times, since=0.0, until=SECONDS, every=EVERY)
    assert times.tube_times("a")
    times.plan(queue.total(SECONDS), MEMORY + 2 * SECONDS, 1_000)
    assert times.followed == {}
    assert times.tube_times("a") is None


def test_another_focus_goes_on_with_the_tubes_of_both() -> None:
    jobs = at_random(10, 1.0, 20)
    queue = Queue([*jobs, *with_tube(jobs, "b"), *with_tube(jobs, "mail-1")])
    times = times_from(queue)
    times.refocus(Focus("a", ("mail-*",)))
    follow(queue, times, since=0.0, until=30.0, every=EVERY)
    assert times.tubes == ["a", "mail-1"]
    mails = times.tube_times("mail-1")
    times.refocus(Focus("b", ("mail-*",)))
    assert times.tubes == ["mail-1"]
    assert times.tube_times("mail-1") == mails
    assert {job.tube for job in times.followed.values()} == {"mail-1"}
    follow(queue, times, since=30.0, until=50.0, every=EVERY)
    assert set(times.tubes) == {"mail-1", "b"}
    known = times.tube_times("b")
    assert known
    assert known.quick < 0.1


def test_it_is_known_for_how_long_a_tube_had_no_new_job() -> None:
    queue = Queue([*at_random(10, 1.0, 20, seconds=20.0), *with_tube(at_random(1, 1.0, 20), "b")])
    times = times_from(queue, None)
    assert times.quiet_for("a") == 0.0
    follow(queue, times, since=0.0, until=SECONDS, every=EVERY)
    assert times.quiet_for("a") == pytest.approx(20.0, abs=SLICE + EVERY)
    assert times.quiet_for("b") < SLICE
    assert times.quiet_for("c") == pytest.approx(SECONDS, abs=2 * EVERY)


@pytest.mark.long
def test_of_very_many_tubes_less_is_remembered() -> None:
    times = times_from(Queue([]), None)
    for at in range(0, 1_000, 10):
        times.plan(at + 1, float(at), 10)
        times.note_new(at + 1, None, float(at))
        times.note_puts([(f"t{number}", at) for number in range(MAX_TUBES)], float(at))
    entries = [len(part.counts) for part in times._slices]
    assert MAX_ENTRIES - MAX_TUBES <= sum(entries) <= MAX_ENTRIES + MAX_TUBES


def test_counters_of_very_many_tubes_that_are_gone_are_forgotten() -> None:
    times = times_from(Queue([]), None)
    times.note_puts([(f"reply-{number}", 1) for number in range(2_000)], 0.0)
    times.forget_gone({"reply-1999"})
    assert times._totals == {"reply-1999": 1}


def test_the_resolution_is_that_of_the_slowest_rounds_whose_jobs_count() -> None:
    queue = Queue(at_random(20, 0.5, 30, seconds=120.0))
    times = times_from(queue)
    follow(queue, times, since=0.0, until=10.0, every=0.5)
    follow(queue, times, since=10.0, until=15.0, every=0.25)
    known = times.tube_times("a")
    assert known
    assert known.resolution == 0.5
    follow(queue, times, since=15.0, until=120.0, every=0.25)
    known = times.tube_times("a")
    assert known
    assert known.resolution == 0.25


def test_classes_have_their_share_and_times_of_their_own() -> None:
    jobs = [
        Job(0.193 * at, 0.193 * at + 1, 0.193 * at + 2 + (at % 4 == 0) * 2) for at in range(300)
    ]
    queue = Queue(jobs)
    times = times_from(queue)
    classes = ("Mail", "Report", "Mail", "Mail")  # the id of the first job is 1
    follow(queue, times, since=0.0, until=SECONDS, every=EVERY, classes=classes)
    assert times.classes("a") == pytest.approx({"Mail": 0.75, "Report": 0.25}, abs=0.02)
    report, mail = times.tube_times("a", "Report"), times.tube_times("a", "Mail")
    assert report
    assert mail
    assert report.work
    assert report.work.percentile(50) == pytest.approx(3.0, abs=EVERY)
    assert mail.work
    assert mail.work.percentile(50) == pytest.approx(1.0, abs=EVERY)


def looks_at(*states: tuple[float, StatsJob | None]) -> JobTimes:
    """The times after these samples of jobs that are all the same."""
    times = JobTimes(NewIds(0, 0, 0.0), Focus("a"))
    (first_at, first), *others = states
    for id in times.plan(2 * MIN_COUNT, first_at, 1_000).new:
        times.note_new(id, first, first_at)
    for at, stats in others:
        for id in list(times.followed):
            times.note_again(id, stats, at)
    return times


def job(state: str, **values: int) -> StatsJob:
    return {"tube": "a", "state": state, "reserves": 0, "age": 0, **values}  # type: ignore[typeddict-item]


def test_a_buried_job_tells_its_wait_and_its_work_and_counts_as_buried() -> None:
    times = looks_at(
        (0.01, job("ready")),
        (1.0, job("ready")),
        (1.1, job("reserved", reserves=1)),
        (3.0, job("reserved", reserves=1)),
        (3.1, job("buried", reserves=1, buries=1)),
    )
    known = times.tube_times("a")
    assert known
    assert known.buried == 1.0
    assert known.wait
    assert known.wait.percentile(50) == pytest.approx(1.05, abs=0.1)
    assert known.work
    assert known.work.percentile(50) == pytest.approx(2.0, abs=0.2)
    assert known.turnaround
    assert known.turnaround.percentile(50) == float("inf")
    assert not times.followed


def test_a_job_that_was_released_waits_until_the_first_worker_and_works_with_the_last() -> None:
    times = looks_at(
        (0.01, job("ready")),
        (1.0, job("reserved", reserves=1)),
        (2.0, job("ready", reserves=1, releases=1)),
        (8.0, job("ready", reserves=1, releases=1)),
        (8.1, job("reserved", reserves=2, releases=1)),
        (11.0, job("reserved", reserves=2, releases=1)),
        (11.1, None),
    )
    known = times.tube_times("a")
    assert known
    assert known.wait
    assert known.wait.percentile(95) < 1.1
    assert known.work
    assert known.work.percentile(50) == pytest.approx(3.0, abs=0.2)
    assert known.turnaround
    assert known.turnaround.percentile(50) == pytest.approx(11.05, abs=0.6)


def test_a_worker_that_took_the_job_again_between_two_looks_is_the_last_one() -> None:
    times = looks_at(
        (0.01, job("ready")),
        (1.0, job("reserved", reserves=1)),
        (5.0, job("reserved", reserves=2, timeouts=1)),
        (6.0, None),
    )
    known = times.tube_times("a")
    assert known
    assert known.work
    assert known.work.percentile(95) <= 5.2


def test_a_server_that_does_not_count_reserves_is_measured_all_the_same() -> None:
    times = looks_at(
        (0.01, {"tube": "a", "state": "ready"}),
        (1.0, {"tube": "a", "state": "ready"}),
        (1.1, {"tube": "a", "state": "reserved"}),
        (2.0, {"tube": "a", "state": "reserved"}),
        (2.1, None),
    )
    known = times.tube_times("a")
    assert known
    assert known.wait
    assert known.wait.percentile(50) == pytest.approx(1.05, abs=0.1)
