"""One line of the bench as a value: what is compared, how, and the target."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    polled: int
    """Tubes in one poll."""
    drawn: int
    """Tubes in the table."""
    asked: int
    """Commands of one client to the demo server."""
    walked: int
    """Ids that a scan walks."""
    deleted: int
    """Jobs that are deleted at once."""
    listed: int
    """Jobs in a list that is left open."""
    screens: int
    """Screens that are left open, one after the other."""
    watched: float
    """Seconds for which each screen is left open, each time."""


FULL = Sizes(
    polled=1_000,
    drawn=10_000,
    asked=20_000,
    walked=500_000,
    deleted=100_000,
    listed=1_100,
    screens=10,
    watched=4.0,
)
TINY = Sizes(
    polled=5,
    drawn=50,
    asked=500,
    walked=2_000,
    deleted=600,
    listed=20,
    screens=1,
    watched=0.2,
)


@dataclass(frozen=True)
class Measured:
    """The results of a row: seconds, and the comparison in each pair."""

    ours: float
    other: float
    compared: list[float]


@dataclass(frozen=True)
class Row:
    """A comparison of seconds: of wall time, or of CPU time where the name says so."""

    name: str
    other_name: str
    goal: float
    ours: Callable[[], float]
    other: Callable[[], float]
    by_difference: bool = False
    """Whether the difference counts instead of the ratio."""

    def measured(self, pairs: int) -> Measured:
        """Measure the two sides in turn, so that other load affects both."""
        both = [(self.ours(), self.other()) for _ in range(pairs)]
        return Measured(
            median(ours for ours, _ in both),
            median(other for _, other in both),
            [ours - other if self.by_difference else ours / other for ours, other in both],
        )


def seconds(action: Callable[[], object]) -> float:
    """The wall time of an action."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
