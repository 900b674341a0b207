"""The clock of the demo: it is advanced explicitly, and later runs in real time."""

import time

SECOND = 1_000_000_000
"""Nanoseconds, the unit of all times in the demo."""


class Clock:
    """A monotonic clock. Call it for the time in nanoseconds.

    >>> clock = Clock(5)
    >>> clock.advance_to(7)
    >>> clock()
    7
    """

    def __init__(self, at: int = 0) -> None:
        self._at: int | None = at

    def __call__(self) -> int:
        return time.monotonic_ns() if self._at is None else self._at

    def advance_to(self, at: int) -> None:
        """Set the clock. Earlier times are ignored, and a live clock is not changed."""
        if self._at is not None:
            self._at = max(self._at, at)

    def go_live(self) -> None:
        """Follow the monotonic clock of this machine from now on."""
        self._at = None
