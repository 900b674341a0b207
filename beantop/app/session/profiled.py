"""The times of jobs that a screen or columns show or that rules compare, to be measured."""

from typing import NamedTuple

from beantop.monitor.focus import Focus

USUAL, FAST = 0.25, 0.05
"""Seconds between rounds of samples for a screen, usual and fast."""

FOR_RULES = 0.5
"""Seconds between rounds for rules and columns alone. Fewer rounds sample more jobs each, which is needed when many jobs
are put at once."""

EVERY_TUBE = ("*",)
"""The patterns of columns, which show the times of all tubes."""


class Wanted(NamedTuple):
    """Tube to measure, and how often."""

    tube: str | None
    """The tube on the screen; "" for none, None for all tubes."""
    pace: float = USUAL
    """Seconds between rounds of samples, if the budget allows it."""
    patterns: tuple[str, ...] = ()
    """Shell patterns for the names of the tubes that rules or columns ask for."""

    @property
    def focus(self) -> Focus:
        """The tubes whose jobs are measured."""
        return Focus(self.tube, self.patterns)
