"""Sparklines as text: one cell for each value, its height the number of digits.

All sparklines have this one scale, which is logarithmic: each step up is ten times more. A scale that
depends on the values, such as one up to the largest, makes 1 job and 30,000 jobs look alike, and
changes the height of what was drawn before whenever a maximum comes or goes. A linear scale that fits
every tube shows only the largest ones. Here a picture of the past never changes, pictures can be
compared with each other, and a step up or down is something to look at. The exact numbers are beside
it, and a large graph (`graph.py`) has a linear scale.

The values are on a grid of time (`Series.last`), so that cells only move to the left.
"""

from bisect import bisect_right
from collections.abc import Sequence

BLOCKS = "▂▃▄▅▆▇█"
"""From up to 9 to a million and more. Only then do the blocks of two rows touch each other."""

ZERO = "▁"
NO_DATA = " "

_TENS = tuple(10**digits for digits in range(1, len(BLOCKS)))


def spark(values: Sequence[float | None]) -> str:
    """Return a sparkline.

    Missing values are blank, zero is the lowest character, and any value above zero is higher.

    >>> spark([None, 0, 0.1, 9, 10, 500, 30_000, 2_000_000])
    ' ▁▂▂▃▄▆█'
    """
    return "".join([_block(value) for value in values])


def peak(values: Sequence[float | None]) -> float | None:
    """Return the largest known value, or None."""
    return max((value for value in values if value is not None), default=None)


def _block(value: float | None) -> str:
    if value is None:
        return NO_DATA
    if value <= 0:
        return ZERO
    return BLOCKS[bisect_right(_TENS, value)]
