"""Sampled jobs: facts that polls, which only count, do not have."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from beantop.monitor.job_percentiles import JobPercentiles, Seconds
from beantop.monitor.snapshot import Tube

MAX_AGE = 60.0
"""Seconds for which a sampled job, or what samples say about the times of jobs, counts."""

MAX_FIRST_AGE = 600.0
"""Seconds after which a first job that may be gone is no longer shown."""

HeadState: TypeAlias = Literal["ready", "buried"]
"""The states whose first job has an age to sample."""

HEAD_STATES: tuple[HeadState, ...] = ("ready", "buried")

AGES: Mapping[str, tuple[HeadState, ...]] = {
    "oldest": HEAD_STATES,
    "oldest-ready": ("ready",),
    "oldest-buried": ("buried",),
}
"""The states whose first jobs give the value of each field of rules."""

Moves: TypeAlias = tuple[int | None, ...]
"""Counters of a tube. While they stay the same, so do its first jobs."""


class SampledJob(NamedTuple):
    """A job of a tube that timed out, at one moment."""

    at: float
    """When, in seconds of the monotonic clock."""
    id: int
    ttr: int | None = None
    """Seconds that a worker may hold it."""
    timeouts: int | None = None


class FirstJob(NamedTuple):
    """The next ready job of a tube, or the one that was buried first, at one moment."""

    at: float
    """When, in seconds of the monotonic clock."""
    id: int
    age: int
    """Seconds since it was put."""
    moves: Moves
    """Counters of its tube at the poll before."""
    size: int = 0
    """Bytes of its body."""
    buries: int | None = None
    """Number of times it was buried."""

    def has_stayed(self, tube: Tube) -> bool:
        """Return whether it is still the first, by the counters of its tube. Changes that cancel
        out are not seen."""
        return self.moves == moves_of(tube)


class Age(NamedTuple):
    """The age of the oldest of a tube's first jobs."""

    seconds: float
    is_fresh: bool
    """Whether the job is the first one now, as far as is known; else the age is of an earlier one."""


class SampledJobs:
    """Jobs of the tubes of one server: one that timed out, the first of some states, and how long they take."""

    def __init__(self) -> None:
        self._timed_out: dict[str, SampledJob] = {}
        self._first: dict[HeadState, dict[str, FirstJob]] = {state: {} for state in HEAD_STATES}
        self._percentiles: dict[str, JobPercentiles] = {}

    def copy(self) -> "SampledJobs":
        """Return an independent copy."""
        other = SampledJobs()
        other._timed_out = self._timed_out.copy()
        other._first = {state: jobs.copy() for state, jobs in self._first.items()}
        other._percentiles = self._percentiles.copy()
        return other

    def note_timed_out(self, tube: str, job: SampledJob) -> None:
        """Note a job that timed out. It counts for a while, since the next one may be hard to find: most
        of the time workers hold such jobs."""
        self._timed_out[tube] = job

    def note_first(self, tube: str, state: HeadState, job: FirstJob | None) -> None:
        """Note the first job of a state; None if there is none."""
        if job:
            self._first[state][tube] = job
        else:
            self._first[state].pop(tube, None)

    def note_percentiles(self, tube: str, known: JobPercentiles) -> None:
        """Note how long the jobs of a tube take."""
        self._percentiles[tube] = known

    def note_poll(self, tube: Tube) -> None:
        """Forget the first jobs of states without jobs: a later one is another job."""
        for state in HEAD_STATES:
            if jobs_of(tube, state) == 0:
                self._first[state].pop(tube.name, None)

    def forget(self, tube: str) -> None:
        """Forget the jobs of a tube that is gone."""
        self._timed_out.pop(tube, None)
        self._percentiles.pop(tube, None)
        for jobs in self._first.values():
            jobs.pop(tube, None)

    def timed_out(self, tube: Tube) -> SampledJob | None:
        """Return a job of the tube that timed out within the last minute, as far as is known."""
        job = self._timed_out.get(tube.name)
        return job if job and tube.taken_at - job.at <= MAX_AGE else None

    def first(self, tube: Tube, state: HeadState) -> FirstJob | None:
        """Return the first job of a state at its last sample; None if unknown, or there is none."""
        job = self._first[state].get(tube.name) if jobs_of(tube, state) else None
        if job is None or job.has_stayed(tube) or tube.taken_at - job.at <= MAX_FIRST_AGE:
            return job
        return None

    def buried(self, tube: Tube) -> FirstJob | None:
        """Return the job that was buried first, unless buried jobs have gone since."""
        job = self.first(tube, "buried")
        if job is None or job.has_stayed(tube):
            return job
        is_current = tube.taken_at - job.at <= MAX_AGE
        return job if is_current and (tube.buried or 0) >= (job.moves[-1] or 0) else None

    def percentile(self, tube: Tube, field: str) -> Seconds | None:
        """Return how long the jobs of a tube take, by the name of the field; None if that is unknown."""
        known = self.percentiles(tube)
        return known.seconds.get(field) if known else None

    def percentiles_at(self, tube: str) -> float:
        """Return when it was noted last how long the jobs of a tube take; 0 if that never was."""
        return self._percentiles[tube].at if tube in self._percentiles else 0.0

    def percentiles(self, tube: Tube) -> JobPercentiles | None:
        """Return how long the jobs of a tube take; None if that was not noted within `MAX_AGE`."""
        known = self._percentiles.get(tube.name)
        return known if known and tube.taken_at - known.at <= MAX_AGE else None

    def age(self, tube: Tube, states: Sequence[HeadState], patience: float) -> Age | None:
        """Return the age of the oldest first job of these states; None if there are no jobs, if one of
        the first ones was not sampled, or if it is unknown whether there are jobs. A sample is fresh
        for `patience` seconds."""
        oldest, is_fresh = None, True
        for state in states:  # in one go, since 10,000 tubes are sorted by it
            if not (count := jobs_of(tube, state)):
                if count is None:
                    return None
                continue
            job = self._first[state].get(tube.name)
            if job is None:
                return None
            age, passed = float(job.age), tube.taken_at - job.at
            if job.has_stayed(tube):
                age += max(0.0, passed)
            elif passed > MAX_FIRST_AGE:
                return None
            elif passed > patience:
                is_fresh = False
            oldest = age if oldest is None else max(age, oldest)
        return None if oldest is None else Age(oldest, is_fresh)

    def sampled_age(self, tube: Tube, states: Sequence[HeadState], patience: float) -> float | None:
        """Return the same by the samples of the last `patience` seconds alone, without the time that
        has passed since; None if there is no such sample of one of these states."""
        first = [self.first(tube, state) for state in states if jobs_of(tube, state) != 0]
        if not first or any(job is None or tube.taken_at - job.at > patience for job in first):
            return None
        return max(job.age for job in first if job)


def jobs_of(tube: Tube, state: HeadState) -> int | None:
    """Return how many jobs of that state the tube had at its last poll; None if that is unknown."""
    return tube.ready if state == "ready" else tube.buried


def moves_of(tube: Tube) -> Moves:
    """Return the counters that change when jobs come, go or change state; that of buried jobs last."""
    return (tube.total_jobs, tube.deletes, tube.ready, tube.reserved, tube.delayed, tube.buried)
