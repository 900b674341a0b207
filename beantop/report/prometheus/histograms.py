"""Histograms of how long jobs take, from the estimates of the profiler.

They describe the newest jobs of a tube. They are gauges: their buckets grow and shrink, so that queries
use them without `rate`.
"""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client.metrics_core import GaugeHistogramMetricFamily

from beantop.monitor.durations import Estimate, edge
from beantop.monitor.followed_job import TubeTimes

BUCKETS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Upper bounds in seconds. Samples are half a second apart, so that shorter times cannot be told apart."""

QUANTITIES: Mapping[str, str] = {
    "wait": "Seconds that the newest jobs of a tube waited for a worker.",
    "work": "Seconds that a worker had the newest jobs of a tube.",
    "turnaround": "Seconds from the put until the newest jobs of a tube were gone.",
}
"""What is measured of jobs, with its meaning."""


def histograms(
    tubes: Sequence[tuple[Sequence[str], TubeTimes]],
) -> Iterable[GaugeHistogramMetricFamily]:
    """Yield the histograms of tubes, given with the values of their labels."""
    for quantity, help in QUANTITIES.items():
        name = f"beanstalkd_tube_job_{quantity}_seconds"
        family = GaugeHistogramMetricFamily(name, help, labels=["server", "tube"])
        for labels, times in tubes:
            if estimate := getattr(times, quantity):
                family.add_metric(labels, buckets(estimate), total(estimate))
        if family.samples:
            yield family


def buckets(estimate: Estimate) -> list[tuple[str, float]]:
    """Return the number of jobs up to each bound, rounded, since OpenMetrics has whole numbers there.

    >>> found = buckets(Estimate((0.0, 0.25, 0.75), 40.3))
    >>> found[0], found[-1]
    (('0.5', 10), ('+Inf', 40))
    """
    shares = [min(1.0, estimate.share_below(bound)) for bound in BUCKETS]
    counts = [round(estimate.count * share) for share in [*shares, 1.0]]
    return list(zip([*map(str, BUCKETS), "+Inf"], counts, strict=True))


def total(estimate: Estimate) -> float:
    """Return the seconds of all jobs together; of those that took longer than was seen, the seconds
    seen."""
    *shares, longer = estimate.shares
    known = sum(
        share * (edge(cell) + edge(cell + 1)) / 2 for cell, share in enumerate(shares) if share
    )
    return estimate.count * (known + longer * estimate.longest)
