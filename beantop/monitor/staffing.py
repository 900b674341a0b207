"""How busy the workers of a tube are, and how many are needed so that jobs do not wait long.

How busy they are is counted. How many are needed is a model: jobs come at random, each worker takes
one at a time from this tube alone, and the times of work are spread as exponentially (an M/M/c
queue). The mean time of work is by Little's law: reserved jobs ÷ jobs out per second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from beantop.monitor.rates import tube_rates
from beantop.monitor.snapshot import Tube

TARGET = 30.0
"""Seconds of wait that 95% of the jobs should not exceed."""

MIN_SECONDS = 20.0
"""Seconds of polls that are needed for a statement."""

MAX_WORKERS = 10_000

OTHERS = 0.15
"""Share of workers that neither wait nor have a job of the tube, above which they seem to have
other work."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """The workers of a tube, on average over some polls."""

    workers: int
    """Number of workers at the last poll."""
    busy: float
    """The part of their time in which they have a job of this tube."""
    have_other_work: bool
    """Whether they are often busy without a job of this tube."""
    needed: int | None
    """Workers that would keep the p95 of the wait under `TARGET`, by the model; None if unknown."""
    work: float | None = None
    """Mean seconds of work on a job; None while none was finished."""
    backlog: float | None = None
    """Seconds that the ready jobs last at the rate at which jobs go out; None while none do."""


def staffing(polls: Sequence[Tube]) -> Staffing | None:
    """Return how busy a tube's workers are, from polls; None if these are too few."""
    if not polls or polls[-1].taken_at - polls[0].taken_at < MIN_SECONDS:
        return None
    watching = _mean([tube.watching for tube in polls])
    reserved = _mean([tube.reserved for tube in polls])
    if not watching or not polls[-1].watching or reserved is None:
        return None
    workers = polls[-1].watching
    waiting = _mean([tube.waiting for tube in polls]) or 0.0
    others = watching - waiting - reserved > OTHERS * watching
    rates = tube_rates(polls[0], polls[-1])
    if not rates.delete:
        return Staffing(workers, min(1.0, reserved / watching), others, None)
    work = reserved / rates.delete
    is_known = rates.put is not None and work > 0 and not others
    return Staffing(
        workers,
        min(1.0, reserved / watching),
        others,
        workers_for(rates.put or 0.0, work, TARGET) if is_known else None,
        work,
        (polls[-1].ready or 0) / rates.delete,
    )


def workers_for(rate: float, work: float, target: float) -> int | None:
    """Return how many workers keep the p95 of the wait under `target` seconds, if `rate` jobs come
    per second and take `work` seconds; None if that is more than `MAX_WORKERS`.

    >>> workers_for(20.0, 0.45, 30.0), workers_for(20.0, 0.45, 0.1), workers_for(1e9, 1.0, 1.0)
    (10, 14, None)
    """
    load = rate * work
    for workers in range(max(1, math.floor(load) + 1), MAX_WORKERS):
        if wait_p95(workers, load, work) <= target:
            return workers
    return None


def wait_p95(workers: int, load: float, work: float) -> float:
    """Return the p95 of the wait in seconds, where `load` is the mean number of busy workers (Erlang C).

    >>> round(wait_p95(10, 9.0, 0.45), 2), wait_p95(3, 0.1, 1.0), wait_p95(2, 2.0, 1.0)
    (1.17, 0.0, inf)
    """
    if load >= workers:
        return math.inf
    blocked = 1.0
    for number in range(1, workers + 1):
        blocked = load * blocked / (number + load * blocked)
    waits = blocked / (1 - load / workers * (1 - blocked))
    return max(0.0, work / (workers - load) * math.log(waits / 0.05)) if waits > 0 else 0.0


def _mean(counts: Sequence[int | None]) -> float | None:
    known = [count for count in counts if count is not None]
    return fmean(known) if known else None
