"""Values over time in fixed memory: the older, the coarser.

A series has four levels of 60 steps each: 2 s for the last 2 minutes, 10 s for 10 minutes, a minute
for the hour, 6 minutes for 6 hours. Steps are numbered from time 0 of the clock; step n is kept at
index n modulo 60 of its ring. 60 is a multiple of the number of steps that make one of the next
level, so these are side by side.

A picture of a series can have any number of cells. They are on a grid of time too: whatever the time
is, cell m covers the steps from m * 60 / cells up to (m + 1) * 60 / cells. So a cell whose steps are
over never changes; it only moves to the left.
"""

from array import array
from itertools import pairwise
from math import inf
from typing import Final

SPANS: Final = (120.0, 600.0, 3600.0, 21_600.0)
"""Seconds that each level of a series covers."""

SPAN: Final = SPANS[0]

STEP: Final = 2.0
"""Seconds of one step of the finest level."""

SLOTS: Final = 60

_SIZES: Final = tuple(
    int(span / SLOTS / STEP) for span in SPANS
)  # finest steps in one step of each level
_GAP: Final = -1.0  # an unknown value; known values are never negative


class Series:
    """The maximum of each step, or with `mean` the mean; gaps stay gaps."""

    __slots__ = ("_mean", "_newest", "_values")

    def __init__(self, *, mean: bool = False) -> None:
        self._values = array("f", [_GAP]) * (SLOTS * len(SPANS))  # the rings, one after the other
        self._newest = -1  # number of the latest finest step
        self._mean = mean

    def add(self, at: float, value: float, *, bridge: bool = False) -> None:
        """Add a value of at least 0, sampled at a time that never goes back.

        With `bridge` the value before it held until now: it was only sampled less often.
        """
        self.note(int(at // STEP), value, bridge)

    def note(self, step: int, value: float, bridge: bool = False) -> None:
        """Add a value for a step of `STEP` seconds, by its number."""
        newest, values = self._newest, self._values
        if step == newest + 1 and step % _SIZES[1]:
            self._newest = step
        elif step > newest:
            self._go_on(step, values[newest % SLOTS] if bridge else _GAP)
        else:
            step = newest
            if value <= values[step % SLOTS]:
                return
        try:
            values[step % SLOTS] = value
        except OverflowError:  # no server has this many jobs
            values[step % SLOTS] = inf

    def last(self, cells: int, now: float, level: int = 0) -> list[float | None]:
        """Return a level in `cells` parts, oldest first, each the maximum of its part; None for a gap.

        The last part is that of `now`. It may still grow.

        >>> series = Series()
        >>> series.add(0.0, 3); series.add(119.0, 7)
        >>> series.last(4, now=119.0)
        [3.0, None, None, 7.0]
        """
        values = self._level(level)
        step = int(now // STEP) // _SIZES[level]
        oldest = self._newest // _SIZES[level] + 1 - SLOTS  # the step of the first value
        newest = -(-(step + 1) * cells // SLOTS) - 1
        starts = [cell * SLOTS // cells - oldest for cell in range(newest - cells + 1, newest + 2)]
        largest = [
            max(values[start : max(stop, start + 1)], default=_GAP) if start >= 0 else _GAP
            for start, stop in pairwise(starts)
        ]
        return [None if value == _GAP else value for value in largest]

    def note_unknown(self, step: int, bridge: bool = False) -> None:
        """Leave a gap at a step, unless it has a value; `bridge` is as for `add`."""
        self.note(step, _GAP, bridge)

    def before(self, seconds: float, now: float, level: int = 0) -> float | None:
        """Return the value of that many seconds ago, within the span of the level; None for a gap."""
        size = _SIZES[level]
        newest = self._newest // size
        step = int(now // STEP) // size - int(seconds // (STEP * size))
        if not newest - SLOTS < step <= newest:
            return None
        if level and step == newest:  # it is not over, and not summed up yet
            self._sum_up(level)
        value = self._values[SLOTS * level + step % SLOTS]
        return None if value == _GAP else value

    def copy(self) -> "Series":
        """Return an independent copy."""
        other = Series(mean=self._mean)
        other._values[:] = self._values
        other._newest = self._newest
        return other

    def zeros(self) -> "Series":
        """Return a series that is 0 wherever this one has a value."""
        other = Series()
        other._values = array("f", [_GAP if value == _GAP else 0.0 for value in self._values])
        other._newest = self._newest
        return other

    def zeros_between(self, until: int) -> "Series":
        """Return a series that is 0 between the values of this one, before the step of that number."""
        other = self.zeros()
        other._mean = True
        known = other._values[:SLOTS]
        for place in range(SLOTS):
            if known[(place + 1) % SLOTS] == _GAP:
                other._values[place] = _GAP
        for step in range(until, self._newest + 1)[:SLOTS]:
            other._values[step % SLOTS] = _GAP
        other._newest = min(self._newest, until - 1)
        return other

    def _go_on(self, step: int, fill: float) -> None:
        """Start a later step. Steps between the last one and it get `fill`."""
        before, values = self._newest, self._values
        crossed = 1
        while crossed < len(_SIZES) and before // _SIZES[crossed] != step // _SIZES[crossed]:
            crossed += 1
        self._sum_up(crossed - 1)
        for level in range(crossed):
            size, place = _SIZES[level], SLOTS * level
            now = step // size
            for between in range(max(before // size + 1, now - SLOTS), now):
                values[place + between % SLOTS] = fill
            values[place + now % SLOTS] = _GAP
        self._newest = step

    def _sum_up(self, level: int) -> None:
        """Compute the unfinished steps of the levels up to this one from the level below."""
        for upper in range(1, level + 1):
            size, finer = _SIZES[upper], _SIZES[upper - 1]
            step = self._newest // size
            first = step * (size // finer)
            place = SLOTS * (upper - 1) + first % SLOTS
            part = self._values[place : place + self._newest // finer - first + 1]
            value = _mean(part) if self._mean else max(part)
            if (
                value != _GAP
            ):  # a step that begins is a gap; of an old one the part may be gone by now
                self._values[SLOTS * upper + step % SLOTS] = value

    def _level(self, level: int) -> "array[float]":
        """Return the values of a level, oldest first."""
        self._sum_up(level)
        oldest = (self._newest // _SIZES[level] + 1) % SLOTS
        ring = self._values[SLOTS * level : SLOTS * (level + 1)]
        return ring[oldest:] + ring[:oldest]


def _mean(values: "array[float]") -> float:
    if _GAP not in values:
        return sum(values) / len(values)
    known = [value for value in values if value != _GAP]
    return sum(known) / len(known) if known else _GAP
