"""Estimates of how long something takes, from samples that only say that it ended between two
moments.

The estimate is the nonparametric maximum likelihood for interval-censored data (Turnbull 1976), on
a grid of durations that grow by 6 %. Durations that have not ended yet count as "longer than this".
Without other knowledge, a duration may be anywhere between its two bounds.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

SHORTEST = 0.002
"""Seconds of the first cell of the grid."""

GROWTH = 1.06
"""Each cell of the grid ends this much later than the one before."""

LAST = 350
"""Number of the last cell; it begins after two weeks."""

ROUNDS = 40
"""Maximum number of improvements of an estimate."""

PRECISE = 1e-3
"""Total change of the shares below which the estimate is good enough."""

MIN_COUNT = 20
"""Minimum number of durations for an estimate."""


class Bounds(NamedTuple):
    """A duration in seconds is at least `low`, and at most `high`, which is infinite if it has not
    ended."""

    low: float
    high: float


def cell_of(seconds: float) -> int:
    """Return the number of the cell of the grid that a duration is in.

    >>> cell_of(0.0), cell_of(0.0005), [edge(cell_of(1.0) + more) > 1.0 for more in (0, 1)]
    (0, 0, [False, True])
    """
    if seconds < SHORTEST:
        return 0
    return min(LAST, 1 + int(math.log(seconds / SHORTEST) / math.log(GROWTH) + 1e-9))


def edge(cell: int) -> float:
    """Return the duration in seconds that a cell begins with."""
    return SHORTEST * GROWTH ** (cell - 1) if cell else 0.0


class Durations:
    """Durations, counted by the cells of their bounds."""

    def __init__(self) -> None:
        self._weights: dict[tuple[int, int], float] = {}  # the last cell may be infinite
        self.count = 0.0
        """Number of durations seen."""
        self.weight = 0.0
        """Number of durations they stand for."""

    def add(self, bounds: Bounds, weight: float = 1.0) -> None:
        """Add a duration that stands for `weight` of them."""
        low = cell_of(max(0.0, bounds.low))
        high = LAST if math.isinf(bounds.high) else max(low, cell_of(bounds.high))
        self._add((low, high), weight)
        self.count += 1

    def add_all(self, others: "Durations", part: float = 1.0) -> None:
        """Add other durations, or a part of each."""
        for cells, weight in others._weights.items():
            self._add(cells, part * weight)
        self.count += part * others.count

    def _add(self, cells: tuple[int, int], weight: float) -> None:
        self._weights[cells] = self._weights.get(cells, 0.0) + weight
        self.weight += weight

    @property
    def ended(self) -> float:
        """The weight of those that have ended."""
        return sum(weight for (_, high), weight in self._weights.items() if high < LAST)

    def estimate(self) -> "Estimate | None":
        """Return the estimate; None from too few."""
        if self.count < MIN_COUNT:
            return None
        bounds = [(low, high, weight) for (low, high), weight in self._weights.items()]
        top = 1 + max(max(low, 0 if high == LAST else high) for low, high, _ in bounds)
        cells = [(low, min(high, top), weight) for low, high, weight in bounds]
        return Estimate(tuple(_likeliest(cells, top)), self.count)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The shares of durations in the cells of the grid. The last share is longer than all that was seen."""

    shares: Sequence[float]
    count: float
    """Number of durations it was made from."""

    @property
    def longest(self) -> float:
        """The seconds up to which anything is known, rounded down."""
        return edge(len(self.shares) - 2)

    def percentile(self, percent: float) -> float:
        """Return the seconds that this percentage does not exceed; infinite if that is longer than
        all durations seen."""
        wanted = percent / 100
        below = 0.0
        for cell, share in enumerate(self.shares[:-1]):
            if share and below + share >= wanted - 1e-9:
                within = min(1.0, max(0.0, (wanted - below) / share))
                return edge(cell) + within * (edge(cell + 1) - edge(cell))
            below += share
        return math.inf

    def share_below(self, seconds: float) -> float:
        """Return the share of durations below `seconds`."""
        cell = min(cell_of(seconds), len(self.shares) - 1)
        if cell == len(self.shares) - 1:
            return sum(self.shares[:-1])
        within = (seconds - edge(cell)) / (edge(cell + 1) - edge(cell))
        return sum(self.shares[:cell]) + self.shares[cell] * min(1.0, max(0.0, within))


def _likeliest(bounds: Sequence[tuple[int, int, float]], top: int) -> list[float]:
    """Return the shares of the cells 0 to `top` that make the bounds the most probable, by
    expectation and maximization: each duration is spread over its cells in the shares so far, which
    gives new shares, and so on."""
    total = sum(weight for _, _, weight in bounds)
    widths = [edge(cell + 1) - edge(cell) for cell in range(top)]
    shares = _normal([*widths, edge(top)])
    for _ in range(ROUNDS):
        before, shares = shares, _improved(shares, bounds, total)
        if sum(abs(now - then) for now, then in zip(shares, before, strict=True)) < PRECISE:
            break
    return shares


def _improved(
    shares: Sequence[float], bounds: Iterable[tuple[int, int, float]], total: float
) -> list[float]:
    below = [0.0, *accumulate(shares)]
    begins = [0.0] * (len(shares) + 1)
    for low, high, weight in bounds:
        if (inside := below[high + 1] - below[low]) > 0:
            begins[low] += weight / inside
            begins[high + 1] -= weight / inside
    factors = list(accumulate(begins))
    return _normal([share * factor / total for share, factor in zip(shares, factors, strict=False)])


def _normal(shares: Sequence[float]) -> list[float]:
    total = sum(shares) or 1.0
    return [share / total for share in shares]
