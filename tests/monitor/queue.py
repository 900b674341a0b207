"""A queue of which the truth is known: when each job is put, reserved and gone, by a clock that is stated."""

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from beantop.beanstalk import StatsJob
from beantop.monitor.durations import Estimate
from beantop.monitor.job_times import JobTimes


@dataclass(frozen=True)
class Job:
    """A job; times in seconds."""

    put_at: float
    reserved_at: float
    gone_at: float
    tube: str = "a"
    delay: int = 0

    def stats(self, id: int, at: float) -> StatsJob | None:
        """Return what a server says of it at that moment; None if it does not exist."""
        if not self.put_at <= at < self.gone_at:
            return None
        is_delayed = at < self.put_at + self.delay
        is_held = self.reserved_at <= at
        return {
            "id": id,
            "tube": self.tube,
            "state": "delayed" if is_delayed else "reserved" if is_held else "ready",
            "age": int(at - self.put_at),
            "delay": self.delay,
            "reserves": int(is_held),
            "releases": 0,
            "kicks": 0,
        }


def first_in_first_out(
    puts: Iterable[float], works: Sequence[float], workers: int, tube: str = "a"
) -> list[Job]:
    """Return jobs that are put at these times, and take workers so long."""
    free_at = [0.0] * workers
    jobs = []
    for put_at, work in zip(puts, works, strict=True):
        reserved_at = max(put_at, heapq.heappop(free_at))
        heapq.heappush(free_at, reserved_at + work)
        jobs.append(Job(put_at, reserved_at, reserved_at + work, tube))
    return jobs


class Queue:
    """A server with these jobs, numbered by when they are put. Puts that broke off took ids, too."""

    def __init__(
        self, jobs: Iterable[Job], *, broken: Iterable[float] = (), first: int = 1
    ) -> None:
        puts: list[tuple[float, Job | None]] = [(job.put_at, job) for job in jobs]
        puts += [(at, None) for at in broken]
        self.first = first
        self._puts = sorted(puts, key=lambda put: put[0])
        self._times = {
            tube: sorted(job.put_at for _, job in puts if job and tube in (None, job.tube))
            for tube in dict.fromkeys([None, *(job.tube for _, job in puts if job)])
        }

    @property
    def tubes(self) -> list[str]:
        return [tube for tube in self._times if tube is not None]

    def total(self, at: float, tube: str | None = None) -> int:
        """Return the number of jobs put by then."""
        return bisect_right(self._times.get(tube, []), at)

    def look(self, id: int, at: float) -> StatsJob | None:
        number = id - self.first
        job = self._puts[number][1] if 0 <= number < len(self._puts) else None
        return job.stats(id, at) if job else None

    def jobs(self, tube: str = "a") -> Iterator[Job]:
        return (job for _, job in self._puts if job and job.tube == tube)


def follow(
    queue: Queue,
    times: JobTimes,
    *,
    since: float,
    until: float,
    every: float = 0.25,
    most: int = 1_000,
    polled_every: int = 4,
    classes: Sequence[str] = (),
) -> None:
    """Look at jobs as often as stated, and poll the tubes every few rounds. Ids have the classes in turn."""
    rounds = round((until - since) / every)
    times.set_pace(every)
    for number in range(rounds):
        at = since + number * every
        if number % polled_every == 0:
            times.note_puts([(tube, queue.total(at, tube)) for tube in queue.tubes], at)
        looks = times.plan(queue.total(at), at, most)
        later = at + 0.001
        for id in looks.new:
            job = times.note_new(id, queue.look(id, later), later)
            if job and classes:
                times.note_class(job, classes[id % len(classes)])
        for id in looks.again:
            times.note_again(id, queue.look(id, later), later)
        for id in looks.above:
            times.note_above(id, queue.look(id, later), queue.total(later))


def true_percentile(values: Iterable[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(percent / 100 * len(ordered)))]


def is_near(
    estimate: Estimate | None, truth: Iterable[float], every: float, part: float = 0.1
) -> bool:
    """Return whether p50 and p95 are within 10 % of the truth, or one interval between samples."""
    assert estimate is not None
    known = list(truth)
    for percent in (50, 95):
        true = true_percentile(known, percent)
        if abs(estimate.percentile(percent) - true) > max(every, part * true):
            return False
    return True


def with_tube(jobs: Iterable[Job], tube: str) -> list[Job]:
    return [replace(job, tube=tube) for job in jobs]
