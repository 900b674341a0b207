"""Jobs per second, computed from counters, and estimates based on them.

A rate is a difference divided by the time that really passed. It is None if there is nothing to
compare with, or if a counter went down because the server or the tube is a new one.
"""

from typing import Literal, NamedTuple, TypeAlias

from beantop.monitor.snapshot import Server, Tube

Drain: TypeAlias = float | Literal["paused", "no workers", "nothing out", "grows", "steady"] | None
"""Seconds until a tube has no ready jobs; or why that never happens; or None if unknown."""


class Rates(NamedTuple):
    """Jobs per second; None if unknown."""

    put: float | None = None
    delete: float | None = None
    timeout: float | None = None

    @property
    def net(self) -> float | None:
        """Jobs put minus jobs deleted, per second."""
        return None if self.put is None or self.delete is None else self.put - self.delete


UNKNOWN = Rates()


def rate(before: float | None, after: float | None, seconds: float) -> float | None:
    """Return how much a counter grows per second.

    >>> rate(100, 150, 5.0)
    10.0
    >>> rate(100, 3, 5.0) is None, rate(None, 3, 5.0) is None, rate(1, 2, 0.0) is None
    (True, True, True)
    """
    if before is None or after is None or after < before or seconds <= 0:
        return None
    return (after - before) / seconds


def tube_rates(before: Tube, after: Tube) -> Rates:
    """Return the rates of a tube between two samples from the same server process."""
    seconds = after.taken_at - before.taken_at
    return Rates(
        rate(before.total_jobs, after.total_jobs, seconds),
        rate(before.deletes, after.deletes, seconds),
    )


def server_rates(before: Server, after: Server) -> Rates:
    """Return the rates of a server between two polls; unknown across a restart."""
    if not before.is_same_process(after):
        return UNKNOWN
    seconds = after.taken_at - before.taken_at
    return Rates(
        rate(before.total_jobs, after.total_jobs, seconds),
        rate(before.delete_commands, after.delete_commands, seconds),
        rate(before.timeouts, after.timeouts, seconds),
    )


def drain_time(tube: Tube, rates: Rates) -> Drain:
    """Return the seconds until no job is ready, at these rates: ready ÷ (deleted − put).

    >>> drain_time(Tube("a", 0.0, ready=100, watching=1), Rates(put=10.0, delete=20.0))
    10.0
    >>> drain_time(Tube("a", 0.0, ready=100, watching=0), Rates(put=10.0, delete=0.0))
    'no workers'
    """
    if not tube.ready:
        return None
    if tube.paused:
        return "paused"
    if tube.watching == 0:
        return "no workers"
    if rates.net is None:
        return None
    if rates.delete == 0:
        return "nothing out"
    if rates.net == 0:
        return "steady"
    return "grows" if rates.net > 0 else tube.ready / -rates.net


def wait_estimate(tube: Tube, rates: Rates) -> float | None:
    """Estimate the seconds that a job waits for a worker: ready ÷ deleted per second.

    Little's law: right on average while as many jobs come in as go out, otherwise only a hint. None
    if no worker watches the tube: then it was not workers who deleted the jobs.

    >>> wait_estimate(Tube("a", 0.0, ready=100, watching=2), Rates(put=10.0, delete=20.0))
    5.0
    >>> wait_estimate(Tube("a", 0.0, ready=100, watching=0), Rates(put=10.0, delete=20.0))
    """
    return _by_throughput(tube, tube.ready, rates)


def work_estimate(tube: Tube, rates: Rates) -> float | None:
    """Estimate the seconds that a worker holds a job: reserved ÷ deleted per second, by the same law."""
    return _by_throughput(tube, tube.reserved, rates)


def _by_throughput(tube: Tube, jobs: int | None, rates: Rates) -> float | None:
    if jobs is None or not rates.delete or tube.watching == 0:
        return None
    return jobs / rates.delete
