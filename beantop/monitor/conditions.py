"""What is wrong with a tube, as a sign for its row and as a sentence. The worst comes first."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from beantop.formatting import duration, per_second, plural
from beantop.monitor.history import History
from beantop.monitor.lifetimes import NEWS_SECONDS
from beantop.monitor.snapshot import Tube

GROWN_BY, GROWN_BY_SHARE = 100, 0.01
"""A backlog grows if it has this many more ready jobs than a minute ago, and this share more. With a
larger share, the largest backlogs would never be reported."""

STILL_SECONDS = 30.0
"""Seconds in which no job was finished, though jobs are ready and workers connected."""

Code: TypeAlias = Literal["!", "W", "S", "^", "P", "+", "-"]

BY_SEVERITY = "WS!P^+-"
"""The signs, the worst first; a cause before its effect."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A reason to look at a tube."""

    code: Code
    sentence: str

    @property
    def is_news(self) -> bool:
        """Whether it only reports that a tube appeared or disappeared, which is not a problem."""
        return self.code in "+-"


def conditions(tube: Tube, history: History) -> list[Condition]:
    """Return all conditions of a tube, the worst first."""
    if history.lives.has_gone(tube.name):
        return [Condition("-", "has gone: beanstalkd drops empty, unused tubes")]
    found = []
    if tube.ready and tube.watching == 0 and history.had_no_worker_before(tube.name):
        found.append(Condition("W", _without_worker(tube, history)))
    if why := _why_still(tube, history):
        found.append(Condition("S", why))
    if tube.buried:
        found.append(Condition("!", f"{tube.buried:,} buried"))
    if tube.paused:
        found.append(Condition("P", f"paused, {duration(tube.pause_time_left)} left"))
    if grown := _grown(tube, history):
        found.append(Condition("^", _growth(tube, history, grown)))
    age = history.lives.age(tube)
    if age is not None and age < NEWS_SECONDS:
        found.append(Condition("+", "new"))
    return found


def _without_worker(tube: Tube, history: History) -> str:
    still_for = history.lives.still_for(tube)
    since = f", no job finished for {duration(still_for)}" if still_for >= STILL_SECONDS else ""
    return f"no worker watches this tube{since}"


def _why_still(tube: Tube, history: History) -> str:
    """Return why no job of the tube is finished although workers watch it; "" if jobs are finished."""
    still_for = history.lives.still_for(tube)
    if not tube.ready or not tube.watching or tube.paused or still_for < STILL_SECONDS:
        return ""
    since = f"no job finished for {duration(still_for)}"
    if tube.waiting:
        return since
    watchers = plural(tube.watching, "connection")
    if not tube.reserved:
        watch = "watches" if tube.watching == 1 else "watch"
        return f"{since}: {watchers} {watch} it, but none asks for a job"
    held = f"{since}: workers hold {plural(tube.reserved, 'job')}"
    if history.server_rates().timeout:
        return f"{held}, and jobs time out on this server: is the ttr too short?"
    return held


def _grown(tube: Tube, history: History) -> float:
    """Return by how much the backlog grew; 0 if that is not worth reporting."""
    net = history.tube_rates(tube.name).net
    before = history.ready_a_minute_ago(tube)
    if tube.ready is None or before is None or net is None or net <= 0:
        return 0
    grown = tube.ready - before
    return grown if grown >= max(GROWN_BY, before * GROWN_BY_SHARE) else 0


def _growth(tube: Tube, history: History, grown: float) -> str:
    rates = history.tube_rates(tube.name)
    sentence = f"grew by {grown:,.0f} in a minute"
    if not tube.watching or tube.paused:
        return sentence
    pace = f"{per_second(rates.put)}/s in, {per_second(rates.delete)}/s out"
    return f"{sentence}; now {pace}{', no worker is free' if tube.waiting == 0 else ''}"
