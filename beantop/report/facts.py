"""Facts that `beantop alert` reports: an alert fired or ended, or a heartbeat.

A fact is a JSON object. Its keys are a promise to scripts; `docs/alerts.md` lists them.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

Fact: TypeAlias = Mapping[str, object]

MAX_VARIABLE = 100_000
"""Bytes of the longest environment variable: Linux takes no more than 131,072."""

PREFIX = "BEANTOP_"
"""Beginning of the names of environment variables."""


def iso(unix_time: float) -> str:
    """Return a time as facts have it.

    >>> iso(1.5e9)
    '2017-07-14T02:40:00.000+00:00'
    """
    return datetime.fromtimestamp(unix_time, UTC).isoformat(timespec="milliseconds")


def unix_time(text: object) -> float:
    """Return a time of a fact as Unix time. Raises `ValueError`."""
    return datetime.fromisoformat(str(text)).timestamp()


def numbers(values: Iterable[tuple[str, float | None]]) -> dict[str, float | None]:
    """Return values as JSON has them: rounded, and what is infinite is null.

    >>> numbers([("buried", 3), ("drain", float("inf")), ("oldest", 845.0019248629997)])
    {'buried': 3, 'drain': None, 'oldest': 845.002}
    """
    return {
        name: round(value, 3) if value is not None and math.isfinite(value) else None
        for name, value in values
    }


def as_json(fact: Fact) -> bytes:
    """Return a fact as one line of JSON in ASCII."""
    return f"{json.dumps(fact)}\n".encode()


def as_environment(fact: Fact) -> dict[str, str]:
    """Return a fact as environment variables. What is null is empty; objects and lists are JSON; what is too
    long is left out.

    >>> as_environment({"event": "fired", "tube": None, "values": {"buried": 3}})
    {'BEANTOP_EVENT': 'fired', 'BEANTOP_TUBE': '', 'BEANTOP_VALUES': '{"buried": 3}'}
    """
    texts = {f"{PREFIX}{key.upper()}": _text(value) for key, value in fact.items()}
    return {name: text for name, text in texts.items() if len(os.fsencode(text)) <= MAX_VARIABLE}


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.replace("\0", "") if isinstance(value, str) else json.dumps(value)
