"""The time that the demo lives in: it stands until it is told to go on, or runs as the real one."""

import time

SECOND = 1_000_000_000
"""In nanoseconds, the unit of all times in the demo."""


class Clock:
    """Tells nanoseconds of a clock that never goes back. Call it for the time.

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
        """Let it be that time, if it is not later already."""
        if self._at is not None:
            self._at = max(self._at, at)

    def go_live(self) -> None:
        """From now on it is the monotonic clock of this machine."""
        self._at = None
