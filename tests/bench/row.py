"""One line of the bench as a value: what is compared, how, and the target."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
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
    """Screens that are left open, all at the same time."""
    watched: float
    """Seconds of each measurement of the open screens."""
    read: int
    """Jobs whose bodies are filtered."""
    grouped: int
    """Jobs whose bodies are read for groups."""
    typed: int
    """Jobs in a list while a filter is typed."""
    million: int
    """Jobs of a very long list."""
    moved: int
    """Jobs that are exported and imported."""


FULL = Sizes(
    polled=1_000,
    drawn=10_000,
    asked=20_000,
    walked=500_000,
    deleted=40_000,
    listed=1_100,
    screens=10,
    watched=1.0,
    read=100_000,
    grouped=20_000,
    typed=30_000,
    million=1_000_000,
    moved=5_000,
)
QUICK = replace(
    FULL,
    drawn=2_000,
    walked=50_000,
    deleted=20_000,
    screens=4,
    read=10_000,
    grouped=5_000,
    moved=2_000,
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
    read=70,
    grouped=70,
    typed=100,
    million=1_000,
    moved=20,
)


@dataclass(frozen=True)
class Measured:
    """The results of a row, and the comparison in each pair."""

    ours: float
    other: float
    compared: list[float]


@dataclass(frozen=True)
class Row:
    """A comparison of wall time, of CPU time where the name says so, or of amounts in another `unit`."""

    name: str
    other_name: str
    goal: float | None
    """The largest ratio or difference that reaches the goal; None if there is no goal."""
    ours: Callable[[], float]
    other: Callable[[], float]
    by_difference: bool = False
    """Whether the difference counts instead of the ratio."""
    unit: str = "s"

    def measured(self, pairs: int) -> Measured:
        """Measure the two sides in turn, so that other load affects both."""
        both = [(self.ours(), self.other()) for _ in range(pairs)]
        return Measured(
            median(ours for ours, _ in both),
            median(other for _, other in both),
            [ours - other if self.by_difference else ours / other for ours, other in both],
        )


def cpu_seconds(action: Callable[[], object]) -> float:
    """The CPU time of an action, in this process and those that it waits for."""
    before = _cpu()
    action()
    return _cpu() - before


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def seconds(action: Callable[[], object]) -> float:
    """The wall time of an action."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
