"""One job that is followed until it is gone, and the times of several jobs.

Three times of a job are measured:

- its wait: from when it is ready (it was put, or its first delay is over) until a worker first reserves it;
- its work: from the last reserve until it is gone or buried;
- its turnaround: from the put until it is gone.

A buried job has the first two; its turnaround is longer than it was seen.
"""

import math
from dataclasses import dataclass, field

from beantop.beanstalk import StatsJob
from beantop.monitor.durations import Bounds, Durations, Estimate

PRECISION = 16
"""A job is sampled again after 1/16 of the time that it has taken so far."""


@dataclass(slots=True)
class FollowedJob:
    """Samples of a job, in seconds of the monotonic clock."""

    id: int
    tube: str
    put_at: float
    ready_at: float
    seen_at: float
    """When it was there last."""
    free_at: float
    """When it was last known not to be reserved."""
    weight: float = 1.0
    """The number of jobs that it stands for, since not all new ids are sampled."""
    class_name: str = ""
    """Its class; "" if that is not known."""
    reserves: int = 0
    wait: Bounds | None = None
    held: tuple[float, float] | None = None
    """The two moments between which the worker that still holds it reserved it."""

    @property
    def due_at(self) -> float:
        """When to sample it next."""
        if self.seen_at < self.ready_at:
            return self.ready_at
        since = self.held[1] if self.held else self.ready_at
        return self.seen_at + (self.seen_at - since) / PRECISION

    def see(self, stats: StatsJob, at: float) -> None:
        """Note a sample taken at that moment."""
        reserves, is_held = stats.get("reserves"), stats.get("state") == "reserved"
        if reserves is None:  # an old server: a worker may have returned it and taken it again
            reserves = self.reserves + (is_held and not self.held)
        if self.ready_at > at and stats.get("state") != "delayed":
            self.ready_at = self.free_at = at  # it was kicked
        if reserves > self.reserves:
            self.wait = self.wait or Bounds(self.free_at - self.ready_at, at - self.ready_at)
            self.held = self.seen_at if self.held else self.free_at, at
        if not is_held:
            self.free_at = max(at, self.ready_at)
            self.held = None
        self.reserves, self.seen_at = reserves, at

    def work_until(self, first: float, last: float) -> Bounds:
        """Return how long the last worker had it, given the moments between which it was
        finished."""
        if self.held:
            return Bounds(first - self.held[1], last - self.held[0])
        return Bounds(0.0, last - self.free_at)


@dataclass
class Times:
    """The times of several jobs."""

    wait: Durations = field(default_factory=Durations)
    work: Durations = field(default_factory=Durations)
    turnaround: Durations = field(default_factory=Durations)
    buried: float = 0.0
    ended: int = 0
    """Number of jobs that are gone or buried."""

    def add_gone(self, job: FollowedJob, at: float) -> None:
        """Add a job that is gone at that moment."""
        self._add_worked(job, at)
        self.turnaround.add(Bounds(job.seen_at - job.put_at, at - job.put_at), job.weight)

    def add_buried(self, job: FollowedJob, at: float) -> None:
        """Add a job that is buried at that moment."""
        self._add_worked(job, at)
        self.turnaround.add(Bounds(job.seen_at - job.put_at, math.inf), job.weight)
        self.buried += job.weight

    def add_current(self, job: FollowedJob) -> None:
        """Add a job that is still there."""
        if job.seen_at >= job.ready_at:
            wait = job.wait or Bounds(job.free_at - job.ready_at, math.inf)
            self.wait.add(wait, job.weight)
        if job.held:
            self.work.add(Bounds(job.seen_at - job.held[1], math.inf), job.weight)
        self.turnaround.add(Bounds(job.seen_at - job.put_at, math.inf), job.weight)

    def add_quick(self, passed: Durations, part: float) -> None:
        """Add a part of the jobs that were gone before their first sample."""
        for durations in (self.wait, self.work, self.turnaround):
            durations.add_all(passed, part)

    def add_all(self, others: "Times") -> None:
        self.wait.add_all(others.wait)
        self.work.add_all(others.work)
        self.turnaround.add_all(others.turnaround)
        self.buried += others.buried
        self.ended += others.ended

    def estimates(self, since: float, quick: float, resolution: float) -> "TubeTimes":
        """Return the estimates for these jobs, put `since` then; `quick` is the share gone before
        their first sample, `resolution` the seconds between two rounds of samples."""
        ended = self.turnaround.ended + self.buried
        return TubeTimes(
            self.wait.estimate(),
            self.work.estimate(),
            self.turnaround.estimate(),
            self.turnaround.count,
            self.buried / ended if ended else None,
            since,
            quick,
            resolution,
        )

    def _add_worked(self, job: FollowedJob, at: float) -> None:
        wait = job.wait or Bounds(job.free_at - job.ready_at, at - job.ready_at)
        self.wait.add(wait, job.weight)
        self.work.add(job.work_until(job.seen_at, at), job.weight)
        self.ended += 1


@dataclass(frozen=True, slots=True)
class TubeTimes:
    """Estimates for the jobs of a tube, or for those of one class; None where too little is known."""

    wait: Estimate | None
    work: Estimate | None
    turnaround: Estimate | None
    sampled: float
    """Number of jobs that were sampled."""
    buried: float | None
    """The share of jobs that was buried, of those that ended."""
    since: float
    """When the first of these jobs was put, by the monotonic clock."""
    quick: float
    """The share of jobs that were gone before their first sample. In a class there are none: their
    bodies were not read."""
    resolution: float = 0.0
    """Maximum seconds between two rounds of samples of these jobs. Shorter times cannot be told apart."""
