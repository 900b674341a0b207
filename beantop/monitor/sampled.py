"""Sampled jobs: facts that polls, which only count, do not have."""

from dataclasses import dataclass

from beantop.monitor.snapshot import Tube

MAX_AGE = 60.0
"""Seconds for which a sampled job counts, unless it is sampled again."""


@dataclass(frozen=True, slots=True)
class SampledJob:
    """A job of a tube at one moment."""

    at: float
    """When, in seconds of the monotonic clock."""
    id: int
    age: int | None = None
    """Seconds since it was put."""
    ttr: int | None = None
    """Seconds that a worker may hold it."""
    timeouts: int | None = None
    count: int = 0
    """Buried jobs that the tube had at its last sample before."""


class SampledJobs:
    """Jobs of the tubes of one server: one that timed out, and the one that was buried first."""

    def __init__(self) -> None:
        self._timed_out: dict[str, SampledJob] = {}
        self._buried: dict[str, SampledJob] = {}

    def copy(self) -> "SampledJobs":
        """Return an independent copy."""
        other = SampledJobs()
        other._timed_out, other._buried = self._timed_out.copy(), self._buried.copy()
        return other

    def note_timed_out(self, tube: str, job: SampledJob | None) -> None:
        """Note a job that timed out; None if none of those sampled did."""
        _note(self._timed_out, tube, job)

    def note_buried(self, tube: str, job: SampledJob | None) -> None:
        """Note the job that has been buried longest."""
        _note(self._buried, tube, job)

    def timed_out(self, tube: Tube) -> SampledJob | None:
        """Return a job of the tube that timed out and was not finished since, as far as is known."""
        return _current(self._timed_out.get(tube.name), tube)

    def buried(self, tube: Tube) -> SampledJob | None:
        """Return the job that has been buried longest, unless buried jobs have gone since."""
        job = _current(self._buried.get(tube.name), tube)
        return job if job and (tube.buried or 0) >= job.count else None


def _note(jobs: dict[str, SampledJob], tube: str, job: SampledJob | None) -> None:
    if job:
        jobs[tube] = job
    else:
        jobs.pop(tube, None)


def _current(job: SampledJob | None, tube: Tube) -> SampledJob | None:
    return job if job and tube.taken_at - job.at <= MAX_AGE else None
