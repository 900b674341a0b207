"""Values of the fields of rules, in words."""

from collections.abc import Iterable

from beantop.formatting import duration, grouped, size
from beantop.monitor.fields import KINDS
from beantop.monitor.job_percentiles import TIMES, percentile_words


def values_in_words(values: Iterable[tuple[str, float | None]]) -> str:
    """Return fields with their values.

    >>> values_in_words([("buried", 1700), ("cpu", 0.9), ("drain", float("inf")), ("in", None)])
    'buried 1,700, cpu 90%, drain never, in –'
    """
    return ", ".join(f"{name} {_in_words(name, value)}" for name, value in values)


def _in_words(name: str, value: float | None) -> str:
    kind = KINDS.get(name)
    if value is not None and name in TIMES:
        return percentile_words(value)
    if kind == "seconds":
        return "never" if value == float("inf") else duration(value)
    if value is not None and kind == "share":
        return f"{100 * value:.0f}%"
    if value is not None and kind == "bytes":
        return size(int(value))
    return grouped(value) if value is None or value == int(value) else f"{value:.1f}"
