"""What is wrong with a tube: how much, since when and how fast, as a sign and in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from beantop.formatting import duration, per_second, plural, rough_duration
from beantop.monitor.severity import calm, severity
from beantop.monitor.snapshot import Tube

if TYPE_CHECKING:  # the history keeps the conditions
    from beantop.monitor.history import History

GROWN_BY, GROWN_BY_SHARE, GROWN_SLOWLY_BY = 100, 0.01, 1.5
"""A backlog grows if it has this many more ready jobs than a minute ago, and this share more. With a
larger share, the largest backlogs would never be reported."""

STILL_SECONDS = 30.0
"""Seconds in which no job was finished, though jobs are ready and workers connected."""

MINUTE = 60.0

Code: TypeAlias = Literal["!", "W", "S", "T", "^", "P", "+", "-"]


class Condition(NamedTuple):
    """A reason to look at a tube."""

    code: Code
    sentence: str
    """How much, since when, how fast."""
    short: str
    """The same in fewer words."""
    jobs: int = 0
    """Jobs that it holds up."""
    per_minute: float = 0.0
    """Jobs that joined them in the last minute; 0 if that is unknown."""
    since: float = 0.0
    """When it began, in seconds of the monotonic clock."""
    seconds: float = 0.0
    """For how long it had lasted at the last sample of the tube."""
    has_begun: bool = False
    """Whether that is its beginning; else it may be older, since polls began only then."""

    @property
    def is_news(self) -> bool:
        """Whether it only reports that a tube appeared or disappeared, which is not a problem."""
        return KINDS[self.code].is_news

    @property
    def severity(self) -> float:
        return 0.0 if self.is_news else severity(self.jobs, self.per_minute, self.seconds)


GONE = Condition("-", "is gone: beanstalkd drops empty, unused tubes", "is gone")


def conditions(tube: Tube, history: "History") -> tuple[Condition, ...]:
    """Return all conditions of a tube, the worst first."""
    kinds = KINDS.values()
    found = [made for kind in kinds if kind.find and (made := kind.find(tube, history))]
    if len(found) > 1:
        codes = {condition.code for condition in found}
        found = [one for one in found if not codes & KINDS[one.code].hidden_by]
        found.sort(key=lambda condition: -condition.severity)  # of equal ones, a cause stays first
    return tuple(found)


def tube_severity(tube: Tube, found: Sequence[Condition]) -> float:
    """Return how bad all these conditions of a tube are together: at least 1 if something is wrong."""
    return sum(condition.severity for condition in found) or calm(tube.ready)


class _Span:
    """Since when a condition holds."""

    def __init__(
        self, tube: Tube, history: "History", code: Code, began: float, *, seen: bool
    ) -> None:
        """`began` is when it began, if the last sample of the tube did not have it already; `seen`
        whether it did not hold before."""
        before = next((one for one in history.found(tube.name) if one.code == code), None)
        self.since = before.since if before else began
        self.has_begun = before.has_begun if before else seen
        self.seconds = max(0.0, tube.taken_at - self.since)

    @property
    def words(self) -> str:
        """` for 5m`, or ` for over 5m`; empty if it is too early to say."""
        is_early = self.seconds < (1 if self.has_begun else MINUTE)
        return "" if is_early else f" for {_lasted(self.seconds, seen=self.has_begun)}"


def _no_worker(tube: Tube, history: "History") -> Condition | None:
    before = history.sample_before(tube.name)
    if not tube.ready or tube.watching != 0 or before is None or before.watching != 0:
        return None
    seen = history.lifetimes.first_seen(tube) < before.taken_at
    span = _Span(tube, history, "W", before.taken_at, seen=seen)
    pace = history.ready_gained(tube)
    worker = f"no worker{span.words}" if span.words else "no worker watches it"
    sentence = f"{worker}, {tube.ready:,} ready{_pace(pace)}"
    return _made("W", sentence, f"no worker, {tube.ready:,} ready", tube.ready, pace, span)


def _standing_still(tube: Tube, history: "History") -> Condition | None:
    """Return that no job of the tube is finished although workers watch it."""
    still_for = history.lifetimes.still_for(tube)
    if not tube.ready or not tube.watching or tube.paused or still_for < STILL_SECONDS:
        return None
    began = tube.taken_at - still_for
    span = _Span(tube, history, "S", began, seen=history.lifetimes.first_seen(tube) < began)
    lasted = _lasted(still_for, seen=span.has_begun)
    sentence = f"no job finished for {lasted}{_why_still(tube)}, {tube.ready:,} ready"
    short = f"stuck for {lasted}, {tube.ready:,} ready"
    return _made("S", sentence, short, tube.ready, history.ready_gained(tube), span)


def _lasted(seconds: float, *, seen: bool) -> str:
    """Return how long something has lasted; `seen` is whether its beginning was."""
    return f"{'' if seen else 'over '}{rough_duration(seconds)}"


def _why_still(tube: Tube) -> str:
    if tube.waiting:
        return ""
    if not tube.reserved:
        watch = "watches" if tube.watching == 1 else "watch"
        return f": {plural(tube.watching or 0, 'connection')} {watch} it, but none waits for a job"
    return f": workers hold {plural(tube.reserved, 'job')}"


def _timing_out(tube: Tube, history: "History") -> Condition | None:
    """Return that a job timed out and was not finished since: probably its ttr is too short."""
    job = history.sampled.timed_out(tube)
    jobs = (tube.ready or 0) + (tube.reserved or 0)
    if job is None or not jobs:
        return None
    times = plural(job.timeouts or 0, "time")
    ttr = "" if job.ttr is None else f", ttr {duration(job.ttr)}"
    still_for = history.lifetimes.still_for(tube)
    seen = history.lifetimes.first_seen(tube) < tube.taken_at - still_for
    lasted = _lasted(still_for, seen=seen)
    still = f", no job finished for {lasted}" * (still_for >= STILL_SECONDS)
    span = _Span(tube, history, "T", min(job.at, tube.taken_at - still_for), seen=False)
    pace = history.ready_gained(tube)
    sentence = f"job {job.id} timed out {times}{ttr}{still}{_pace(pace)}"
    return _made("T", sentence, f"job timed out {times}", jobs, pace, span)


def _buried(tube: Tube, history: "History") -> Condition | None:
    if not tube.buried:
        return None
    seen = history.sample_before(tube.name) is not None or history.lifetimes.age(tube) is not None
    span = _Span(tube, history, "!", tube.taken_at, seen=seen)
    before = history.a_minute_ago(tube, "buried")
    pace = 0.0 if before is None else tube.buried - before
    first = history.sampled.buried(tube)
    since = span.words if span.has_begun else ""
    if first:
        age = first.age + max(0.0, tube.taken_at - first.at)
        since = f", oldest {rough_duration(age)}"
    sentence = f"{tube.buried:,} buried{since}{_pace(pace)}"
    return _made("!", sentence, f"{tube.buried:,} buried{_pace(pace)}", tube.buried, pace, span)


def _paused(tube: Tube, history: "History") -> Condition | None:
    if not tube.paused:
        return None
    left, length = tube.pause_time_left or 0, tube.pause or 0
    elapsed = max(0, length - left)
    span = _Span(tube, history, "P", tube.taken_at - elapsed, seen=length > 0)
    pace = history.ready_gained(tube)
    ends = f"{rough_duration(left)} left"
    waiting = f", {tube.ready:,} waiting" if tube.ready else ""
    sentence = f"paused{span.words}, {ends}{waiting}{_pace(pace)}"
    return _made("P", sentence, f"paused, {ends}", tube.ready or 0, pace, span)


def _growing(tube: Tube, history: "History") -> Condition | None:
    before = history.a_minute_ago(tube, "ready") if (tube.ready or 0) >= GROWN_BY else None
    if tube.ready is None or before is None:
        return None
    grown, rates, began = tube.ready - before, history.tube_rates(tube.name), MINUTE
    if grown < max(GROWN_BY, before * GROWN_BY_SHARE):
        grown, began = _grown_slowly(tube, tube.ready, history), 10 * MINUTE
    if not grown or rates.net is None or rates.net <= 0:
        return None
    span = _Span(tube, history, "^", tube.taken_at - began, seen=True)
    short = f"{tube.ready:,} ready{_pace(grown)}"
    sentence = f"{short}{span.words}"
    free = ", no worker is free" if tube.waiting == 0 else ""
    sentence += f": {per_second(rates.put)}/s in, {per_second(rates.delete)}/s out{free}"
    return _made("^", sentence, short, 0, grown, span)


def _grown_slowly(tube: Tube, ready: int, history: "History") -> float:
    """Return how much a backlog grew per minute over ten minutes; 0 if it did not grow by half."""
    before = history.ready_ten_minutes_ago(tube)
    if before is None or ready - before < GROWN_BY or ready < before * GROWN_SLOWLY_BY:
        return 0.0
    return (ready - before) / 10


def _new(tube: Tube, history: "History") -> Condition | None:
    if not history.lifetimes.is_new(tube):
        return None
    return Condition("+", "new", "new", since=tube.taken_at - (history.lifetimes.age(tube) or 0.0))


def _made(
    code: Code, sentence: str, short: str, jobs: int, per_minute: float, span: _Span
) -> Condition:
    return Condition(
        code, sentence, short, jobs, per_minute, span.since, span.seconds, span.has_begun
    )


def _pace(per_minute: float) -> str:
    """Return how many jobs join each minute, for the end of a sentence; empty if none do.

    >>> _pace(1200.0), _pace(-3.0), _pace(0.0)
    (', +1,200/min', ', -3/min', '')
    """
    return f", {per_minute:+,.0f}/min" if abs(per_minute) >= 0.5 else ""


class Kind(NamedTuple):
    """A kind of condition."""

    find: Callable[[Tube, "History"], Condition | None] | None
    """Returns the condition of a tube; None if the history notes it."""
    hidden_by: frozenset[str] = frozenset()
    """Codes of the conditions that hide this one, because their sentences already say it."""
    is_news: bool = False
    """Whether it only reports that a tube appeared or disappeared."""


KINDS: Mapping[Code, Kind] = {
    "W": Kind(_no_worker),
    "S": Kind(_standing_still, hidden_by=frozenset("T")),
    "T": Kind(_timing_out),
    "!": Kind(_buried),
    "P": Kind(_paused),
    "^": Kind(_growing, hidden_by=frozenset("WSTP")),
    "+": Kind(_new, is_news=True),
    "-": Kind(None, is_news=True),
}
"""The kinds of conditions, by their codes. A cause comes before its effect; of two that are equally bad, so does
its code."""
