"""Jobs per second out of counters, and what follows from them.

A rate is a difference divided by the time that really passed. Where there is nothing to compare
with, or a counter went down because the server or the tube is a new one, there is no rate: None.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from beantop.monitor.snapshot import Server, Tube

Drain: TypeAlias = float | Literal["paused", "no workers", "nothing out", "grows", "steady"] | None
"""Seconds until a tube has no ready jobs, or why there is no such time, or None: not known."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Jobs per second; None is unknown."""

    put: float | None = None
    delete: float | None = None
    timeout: float | None = None

    @property
    def net(self) -> float | None:
        """By how much more is put than deleted."""
        return None if self.put is None or self.delete is None else self.put - self.delete


UNKNOWN = Rates()


def rate(before: float | None, after: float | None, seconds: float) -> float | None:
    """How fast a counter goes up, a second.

    >>> rate(100, 150, 5.0)
    10.0
    >>> rate(100, 3, 5.0) is None, rate(None, 3, 5.0) is None, rate(1, 2, 0.0) is None
    (True, True, True)
    """
    if before is None or after is None or after < before or seconds <= 0:
        return None
    return (after - before) / seconds


def tube_rates(before: Tube, after: Tube) -> Rates:
    """The rates of a tube between two looks at it in the same server process."""
    seconds = after.taken_at - before.taken_at
    return Rates(
        rate(before.total_jobs, after.total_jobs, seconds),
        rate(before.deletes, after.deletes, seconds),
    )


def server_rates(before: Server, after: Server) -> Rates:
    """The rates of a server between two looks at it; unknown across a restart."""
    if not before.is_same_process(after):
        return UNKNOWN
    seconds = after.taken_at - before.taken_at
    return Rates(
        rate(before.total_jobs, after.total_jobs, seconds),
        rate(before.delete_commands, after.delete_commands, seconds),
        rate(before.timeouts, after.timeouts, seconds),
    )


def drain_time(tube: Tube, rates: Rates) -> Drain:
    """How long until the ready jobs are gone at these rates: ready ÷ (deleted − put).

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
    """About how many seconds a job waits until a worker takes it: ready ÷ deleted a second.

    Little's law: right on average where as many come in as go out, and no more than a hint elsewhere.

    >>> wait_estimate(Tube("a", 0.0, ready=100), Rates(put=10.0, delete=20.0))
    5.0
    """
    return _by_throughput(tube.ready, rates)


def work_estimate(tube: Tube, rates: Rates) -> float | None:
    """About how many seconds a worker holds a job: reserved ÷ deleted a second, by the same law."""
    return _by_throughput(tube.reserved, rates)


def _by_throughput(jobs: int | None, rates: Rates) -> float | None:
    return None if jobs is None or not rates.delete else jobs / rates.delete
