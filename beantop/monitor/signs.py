"""What is wrong with a tube, as a letter for its row and as a sentence. The worst comes first."""

from dataclasses import dataclass
from typing import Literal

from beantop.monitor.history import History
from beantop.monitor.snapshot import Tube

GROWN_BY, GROWN_BY_SHARE = 100, 0.01
"""So many more ready jobs than a minute ago, and by that share, make a growing backlog. A share
that were larger would keep quiet about the largest backlogs."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that a tube should be looked at for."""

    letter: Literal["!", "W", "^", "P"]
    sentence: str


def signs(tube: Tube, history: History) -> list[Sign]:
    """All that is to be said of a tube now."""
    found = []
    if tube.buried:
        found.append(Sign("!", f"{tube.buried:,} buried"))
    if tube.ready and tube.watching == 0 and history.had_no_worker_before(tube.name):
        found.append(Sign("W", "no worker watches this tube"))
    if grown := _grown(tube, history):
        found.append(Sign("^", f"{grown:,.0f} more ready than a minute ago"))
    if tube.paused:
        found.append(Sign("P", f"paused, {tube.pause_time_left:,} s left"))
    return found


def _grown(tube: Tube, history: History) -> float:
    """By how much the backlog grew, 0 if that is nothing to speak of."""
    net = history.tube_rates(tube.name).net
    before = history.ready_a_minute_ago(tube)
    if tube.ready is None or before is None or net is None or net <= 0:
        return 0
    grown = tube.ready - before
    return grown if grown >= max(GROWN_BY, before * GROWN_BY_SHARE) else 0
