"""Performance data and ranges, as the Monitoring Plugins Development Guidelines define them.

A range `START:END` raises an alert for a value outside of it, and with `@` before it for one inside of
it; both ends belong to the range. `~` is minus infinity, no END is infinity, and `10` is `0:10`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beantop.monitor.comparisons import AllOf, Comparison, Condition
from beantop.monitor.fields import KINDS, Kind

UNKNOWN_VALUE = "U"
"""The value of a datum that could not be determined."""

UNITS: Mapping[Kind, str] = {"seconds": "s", "bytes": "B", "share": "%"}
"""The units of fields; all others have none. A total is no counter (`c`), since it can restart at 0."""

SIGNED = ("net",)
"""Fields that can be negative."""


@dataclass(frozen=True)
class Datum:
    """One value for the monitoring system to store, with the ranges that it is compared with."""

    label: str
    field: str
    value: float | None
    warning: str = ""
    critical: str = ""

    def __str__(self) -> str:
        """
        >>> str(Datum("emails:oldest", "oldest", 125.0, "600", "3600"))
        "'emails:oldest'=125s;600;3600;0"
        >>> str(Datum("cpu", "cpu", 0.5)), str(Datum("net", "net", None, critical="~:9"))
        ("'cpu'=50%;;;0", "'net'=U;;~:9")
        """
        least = "" if self.field in SIGNED else "0"
        parts = [f"'{self.label}'={self._value}", self.warning, self.critical, least]
        return ";".join(parts).rstrip(";")

    @property
    def _value(self) -> str:
        if self.value is None or not math.isfinite(self.value):
            return UNKNOWN_VALUE
        return f"{_number(self.field, self.value)}{UNITS.get(KINDS.get(self.field, 'number'), '')}"


def ranges(condition: Condition) -> dict[str, str]:
    """Return for each field the range that raises an alert exactly when the condition holds for that
    field alone. A field whose range cannot be written is missing.

    >>> from beantop.monitor.rules import parse_rule
    >>> ranges(parse_rule("ready > 10 or oldest >= 10m or watching < 1").condition)
    {'ready': '10', 'oldest': '@600:', 'watching': '1:'}
    >>> ranges(parse_rule("ready < 10 or ready > 20").condition)
    {'ready': '10:20'}
    >>> ranges(parse_rule("ready >= 10 and ready <= 20").condition)
    {'ready': '@10:20'}
    >>> ranges(parse_rule("ready > 10 and watching = 0").condition)
    {}
    """
    parts = _parts(condition)
    if any(not _is_limit(part) for part in parts):
        return {}
    by_field: dict[str, list[Comparison]] = {}
    for part in parts:
        by_field.setdefault(part.field, []).append(part)
    if isinstance(condition, AllOf) and len(by_field) > 1:
        return {}
    both = _between if isinstance(condition, AllOf) else _outside
    found = {
        field: _range(compared[0]) if len(compared) == 1 else both(compared)
        for field, compared in by_field.items()
    }
    return {field: text for field, text in found.items() if text}


def _parts(condition: Condition) -> Sequence[Comparison]:
    """Return the comparisons that are joined by `or` alone, or by `and` alone; a mixture has none."""
    if isinstance(condition, Comparison):
        return [condition]
    parts = [part for part in condition.parts if isinstance(part, Comparison)]
    return parts if len(parts) == len(condition.parts) else []


def _is_limit(part: Comparison) -> bool:
    return isinstance(part.other, int | float)


def _range(part: Comparison) -> str:
    limit = _limit(part)
    match part.comparison:
        case ">" if part.field in SIGNED or limit.startswith("-"):
            return f"~:{limit}"
        case ">":
            return limit
        case ">=":
            return f"@{limit}:"
        case "<":
            return f"{limit}:"
        case "<=":
            return f"@~:{limit}"
        case "!=":
            return f"{limit}:{limit}"
    return f"@{limit}:{limit}"


def _outside(parts: Sequence[Comparison]) -> str:
    """Return the range for `FIELD < START or FIELD > END`."""
    return _pair(parts, "<", ">", "")


def _between(parts: Sequence[Comparison]) -> str:
    """Return the range for `FIELD >= START and FIELD <= END`."""
    return _pair(parts, ">=", "<=", "@")


def _pair(parts: Sequence[Comparison], low: str, high: str, sign: str) -> str:
    limits = {part.comparison: part for part in parts}
    if len(parts) != 2 or limits.keys() != {low, high}:
        return ""
    start, end = limits[low], limits[high]
    assert isinstance(start.other, int | float)
    assert isinstance(end.other, int | float)
    return f"{sign}{_limit(start)}:{_limit(end)}" if start.other <= end.other else ""


def _limit(part: Comparison) -> str:
    assert isinstance(part.other, int | float)
    return _number(part.field, part.other)


def _number(field: str, value: float) -> str:
    """Return a number without an exponent; a share in percent.

    >>> _number("in", 1e9), _number("cpu", 0.125), _number("in", 0.30000000000000004)
    ('1000000000', '12.5', '0.3')
    """
    scaled = value * 100 if KINDS.get(field) == "share" else value
    text = f"{scaled:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
