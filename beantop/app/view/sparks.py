"""Sparklines as text: from zero up, one cell a value."""

from collections.abc import Sequence

BLOCKS = "▂▃▄▅▆▇"
"""From small to large. The full block is not among them: rows of it would run into one another."""

ZERO = "▁"
NO_DATA = " "


def spark(values: Sequence[float | None]) -> str:
    """Heights against the largest of them. Nothing seen is blank, zero is the lowest sign, and
    whatever is more than zero is higher than that.

    >>> spark([None, 0, 1, 50, 100])
    ' ▁▂▅▇'
    >>> spark([7, 7]), spark([0, 0])
    ('▇▇', '▁▁')
    """
    top = max((value for value in values if value), default=0)
    return "".join(_block(value, top) for value in values)


def peak(values: Sequence[float | None]) -> float | None:
    """The largest of the values that are known."""
    return max((value for value in values if value is not None), default=None)


def _block(value: float | None, top: float) -> str:
    if value is None:
        return NO_DATA
    if value <= 0:
        return ZERO
    return BLOCKS[min(int(value / top * len(BLOCKS)), len(BLOCKS) - 1)]
