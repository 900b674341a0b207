"""Reads what a monitoring plugin prints, by the Monitoring Plugins Development Guidelines alone: their
sections on output, on thresholds and ranges, and on performance data."""

import math
import re
from dataclasses import dataclass

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
"""By exit code."""

UNITS = ("", "s", "us", "ms", "%", "B", "KB", "MB", "TB", "c")

_DATUM = re.compile(r"(?:'((?:[^'=]|'')+)'|([^\s'=]+))=(\S+)")
_VALUE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)([^0-9]*)")


@dataclass(frozen=True)
class Range:
    """`[@]start:end`; alerts outside of it, with `@` inside of it, both ends included."""

    start: float
    end: float
    inside: bool

    @classmethod
    def of(cls, text: str) -> "Range":
        inside, bare = text.startswith("@"), text.removeprefix("@")
        start, colon, end = bare.partition(":")
        if not colon:
            start, end = "0", bare
        low = -math.inf if start == "~" else float(start or "0")
        high = math.inf if end == "" else float(end)
        assert low <= high, f"{text!r}: the start must not be above the end"
        return cls(low, high, inside)

    def alerts(self, value: float) -> bool:
        return (self.start <= value <= self.end) is self.inside


@dataclass(frozen=True)
class Datum:
    value: float | None
    unit: str
    warning: Range | None
    critical: Range | None
    least: str


@dataclass(frozen=True)
class Output:
    state: str
    text: str
    data: dict[str, Datum]


def read(printed: str) -> Output:
    """Read all that a plugin printed: exactly one line. Raises AssertionError where it is wrong."""
    assert printed.endswith("\n")
    [line] = printed.splitlines()
    text, pipe, data = line.partition("|")
    assert "|" not in data
    match = re.fullmatch(r"BEANSTALK (\w+) - (.+?)\s*", text)
    assert match, text
    assert match[1] in STATES
    assert bool(pipe) == bool(data.strip())
    return Output(match[1], match[2], _data(data.strip()))


def _data(text: str) -> dict[str, Datum]:
    found: dict[str, Datum] = {}
    while text:
        match = _DATUM.match(text)
        assert match, text
        label = (match[1] or match[2]).replace("''", "'")
        assert label not in found, f"{label} twice"
        found[label] = _datum(match[3])
        text = text[match.end() :].lstrip(" ")
    return found


def _datum(text: str) -> Datum:
    parts = [*text.split(";"), "", "", "", ""][:5]
    assert text.count(";") <= 4
    number, unit = None, ""
    if parts[0] != "U":
        match = _VALUE.fullmatch(parts[0])
        assert match, text
        number, unit = float(match[1]), match[2]
        assert unit in UNITS
    warning, critical = (Range.of(part) if part else None for part in parts[1:3])
    assert all(re.fullmatch(r"-?[0-9.]*", part) for part in parts[3:])
    return Datum(number, unit, warning, critical, parts[3])
