"""Which times of jobs a screen shows, so that they are measured."""

from typing import NamedTuple

USUAL, FAST = 0.25, 0.05
"""Seconds between rounds of looks at jobs."""


class Wanted(NamedTuple):
    """What to measure."""

    tube: str | None
    """The tube; None for all tubes."""
    pace: float = USUAL
    """Seconds between rounds of looks, if the budget allows that."""
