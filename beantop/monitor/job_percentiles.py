"""How long the jobs of a tube take, as rules compare it and columns show it: percentiles, or bounds of them."""

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from beantop.formatting import fine_duration

if TYPE_CHECKING:  # only a profiler needs them
    from beantop.monitor.durations import Estimate
    from beantop.monitor.followed_job import TubeTimes

TIMES: Mapping[str, tuple[str, int]] = {
    f"{quantity}-p{percent}": (quantity, percent)
    for quantity in ("wait", "work", "turnaround")
    for percent in (50, 95)
}
"""The quantity and the percentage of each field of rules, and of each column of that name."""


class AtLeast(float):
    """Seconds that are only a lower bound: it takes longer."""


class LessThan(float):
    """Seconds that are only an upper bound: it takes less."""


Seconds: TypeAlias = float | AtLeast | LessThan

CAN_HOLD: Mapping[type, Collection[str]] = {AtLeast: (">", ">="), LessThan: ("<", "<=")}
"""The comparisons that can hold for a bound. For any other value, all of them can."""


class JobPercentiles(NamedTuple):
    """The percentiles of the times of a tube's jobs at one moment."""

    at: float
    """When, in seconds of the monotonic clock."""
    seconds: Mapping[str, Seconds] = {}
    """Percentiles by field, without unknown ones."""
    is_idle: bool = False
    """Whether the tube has had nothing to do lately, so that there is nothing to be known."""


def job_percentiles(times: "TubeTimes", at: float) -> JobPercentiles:
    """Return the percentiles of a tube, at this moment."""
    known = {}
    for name, (quantity, percent) in TIMES.items():
        if estimate := getattr(times, quantity):
            known[name] = _seconds(estimate, percent, times.resolution)
    return JobPercentiles(at, known)


def _seconds(estimate: "Estimate", percent: int, resolution: float) -> Seconds:
    seconds = estimate.percentile(percent)
    if math.isinf(seconds):
        return AtLeast(estimate.longest)
    return LessThan(resolution) if seconds < resolution else seconds


def percentile_words(seconds: Seconds) -> str:
    """Format a percentile, with a sign if it is only a bound.

    >>> percentile_words(3.21), percentile_words(AtLeast(83.0)), percentile_words(LessThan(0.5))
    ('3.2s', '>1m23s', '<0.50s')
    """
    sign = ">" if isinstance(seconds, AtLeast) else "<" if isinstance(seconds, LessThan) else ""
    return sign + fine_duration(seconds)
