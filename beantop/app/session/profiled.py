"""The times of jobs that a screen shows, to be measured."""

from typing import NamedTuple

USUAL, FAST = 0.25, 0.05
"""Seconds between rounds of samples, usual and fast."""


class Wanted(NamedTuple):
    """Tube to measure, and how often."""

    tube: str | None
    """The tube; None for all tubes."""
    pace: float = USUAL
    """Seconds between rounds of samples, if the budget allows it."""
