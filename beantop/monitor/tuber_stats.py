"""What tuber reports of a tube beyond beanstalkd: percentiles and ages."""

import math
from collections.abc import Mapping
from typing import NamedTuple


class TuberStats(NamedTuple):
    """All in seconds; None if unknown."""

    work_p50: float | None = None
    """Median of the time that workers held recent slow jobs."""
    work_p95: float | None = None
    work_p99: float | None = None
    oldest_ready: float | None = None
    """Age of the oldest ready job."""
    oldest_delayed: float | None = None
    oldest_buried: float | None = None


def read_tuber_stats(stats: Mapping[str, object]) -> TuberStats | None:
    """Return these numbers of `stats-tube`; None if the server does not report them.

    >>> read_tuber_stats({"name": "a"}) is None
    True
    >>> read_tuber_stats({"processing-time-p50": "1.250000", "oldest-ready-age": 7})
    TuberStats(work_p50=1.25, work_p95=None, work_p99=None, oldest_ready=7.0, oldest_delayed=None, oldest_buried=None)
    """
    if "processing-time-p50" not in stats and "oldest-ready-age" not in stats:
        return None
    return TuberStats(
        *(_seconds(stats.get(f"processing-time-{part}")) for part in ("p50", "p95", "p99")),
        *(_seconds(stats.get(f"oldest-{state}-age")) for state in ("ready", "delayed", "buried")),
    )


def _seconds(value: object) -> float | None:
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
