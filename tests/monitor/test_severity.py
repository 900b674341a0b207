"""How bad the trouble of a tube is: more of the same is never less."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.history import History
from beantop.monitor.severity import calm, severity
from beantop.monitor.snapshot import Tube
from tests.monitor.looks import look

JOBS = st.integers(0, 10**9)
AMOUNTS = st.floats(0, 1e9)
MORE = st.floats(0, 1e9)


@given(AMOUNTS, st.floats(-1e9, 1e9), AMOUNTS, st.integers(0, 2), MORE)
def test_more_jobs_a_faster_growth_or_a_longer_time_are_never_less_bad(
    jobs: float, per_minute: float, seconds: float, which: int, more: float
) -> None:
    amounts = [jobs, per_minute, seconds]
    before = severity(*amounts)
    amounts[which] += more
    assert 1 <= before <= severity(*amounts)


@dataclass(frozen=True)
class Night:
    """What happens to a tube in two minutes of polls."""

    ready: int = 0
    ready_growth: int = 0
    """Jobs a minute."""
    buried: int = 0
    buried_growth: int = 0
    watching: int = 1
    works: bool = False
    """Whether workers finish a job every second."""
    pause: int = 0
    paused_for: int = 0

    def severity(self) -> float:
        """How bad the tube is at the end."""
        seen = History()
        for at in range(0, 122, 2):
            growth = self.ready_growth * at // 60
            deletes = at if self.works else 0
            puts = 10**9 + growth + deletes
            left = self.pause and self.pause - self.paused_for
            counts: dict[str, Any] = {
                "ready": self.ready + growth,
                "buried": self.buried + self.buried_growth * at // 60,
                "watching": self.watching,
                "waiting": 0,
                "reserved": 0,
                "total_jobs": puts,
                "deletes": deletes,
                "pause": self.pause,
                "pause_time_left": left,
            }
            seen.add(look(at, Tube("a", at, **counts)), 2.0)
        return seen.severity(seen.latest.tubes["a"])


NIGHTS = st.builds(
    Night,
    ready=st.integers(0, 10**5),
    ready_growth=st.integers(0, 10**4),
    buried=st.integers(0, 10**5),
    buried_growth=st.integers(0, 10**4),
    watching=st.integers(0, 2),
    works=st.booleans(),
    pause=st.sampled_from([0, 100_000]),
    paused_for=st.integers(0, 50_000),
)


@pytest.mark.long
@given(
    NIGHTS,
    st.sampled_from(["ready", "ready_growth", "buried", "buried_growth", "paused_for"]),
    st.integers(0, 10**5),
)
def test_more_of_the_same_evil_never_makes_a_tube_less_bad(
    night: Night, which: str, more: int
) -> None:
    if night.works and night.watching and which == "ready":
        return  # a large backlog that workers get through is no trouble
    changes: dict[str, Any] = {which: getattr(night, which) + more % 50_000}
    worse = replace(night, **changes)
    assert night.severity() <= worse.severity()


HEALTHY = Night(ready=10**6, works=True)


@pytest.mark.parametrize(
    "worst_first",
    [
        [Night(buried=30_000), Night(buried=1), HEALTHY],
        [Night(pause=7200, paused_for=600, ready=1800), Night(buried=1), HEALTHY],
        [Night(ready=12_000, watching=0), Night(ready_growth=200, works=True), HEALTHY],
        [Night(buried=17, buried_growth=30), Night(buried=20)],
        [
            Night(pause=90_000, paused_for=3600, ready=9),
            Night(pause=90_000, paused_for=60, ready=9),
        ],
    ],
)
def test_amount_and_trend_decide(worst_first: list[Night]) -> None:
    numbers = [night.severity() for night in worst_first]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers)


def test_a_server_that_counts_below_zero_stops_nothing() -> None:
    assert [calm(-number) for number in range(4)] == [0.0] * 4
