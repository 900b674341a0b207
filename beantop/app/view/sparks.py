"""Sparklines as text: from zero up, one cell for each value."""

from collections.abc import Sequence

BLOCKS = "▂▃▄▅▆▇"
"""From small to large, without the full block: rows of full blocks would touch each other."""

ZERO = "▁"
NO_DATA = " "


def spark(values: Sequence[float | None]) -> str:
    """Return a sparkline, scaled to the largest value.

    Missing values are blank, zero is the lowest character, and any value above zero is higher.

    >>> spark([None, 0, 1, 50, 100])
    ' ▁▂▅▇'
    >>> spark([7, 7]), spark([0, 0])
    ('▇▇', '▁▁')
    """
    top = max((value for value in values if value), default=0)
    return "".join(_block(value, top) for value in values)


def peak(values: Sequence[float | None]) -> float | None:
    """Return the largest known value, or None."""
    return max((value for value in values if value is not None), default=None)


def _block(value: float | None, top: float) -> str:
    if value is None:
        return NO_DATA
    if value <= 0:
        return ZERO
    return BLOCKS[min(int(value / top * len(BLOCKS)), len(BLOCKS) - 1)]
