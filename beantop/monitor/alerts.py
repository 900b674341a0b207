"""Evaluation of alerts: a pure function of the state before and a new poll.

Rule 1: an alert fires when its rule has held at every poll for its `for_seconds`. Rule 2: it is
resolved when its rule has not held for a while, so that it does not come and go. Rule 3: time
without polls, and time before a restart of the server, does not count. Rule 4: a tube that a poll
did not ask for keeps its state: old numbers neither fire nor resolve. Rule 5: the age of a job is
sampled. An alert fires only if a sample within the last two polls was taken after the limit had
passed. While the first job may not be the one sampled, the alert keeps its state. Rule 6: while the
times of a tube's jobs are unknown, its alert keeps its state by the last known ones, unless the tube
is idle.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from beantop.monitor.comparisons import comparisons
from beantop.monitor.fields import Numbers, server_values, tube_values
from beantop.monitor.history import History
from beantop.monitor.job_percentiles import TIMES
from beantop.monitor.rules import Rule
from beantop.monitor.sampled import AGES, HeadState
from beantop.monitor.snapshot import NOTHING_SEEN, Snapshot

MIN_QUIET = 10.0
"""Shortest time, in seconds, that a rule must not have held before its alert is resolved."""


Level: TypeAlias = Literal["warning", "critical"]

LEVELS: tuple[Level, ...] = ("warning", "critical")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A rule about tubes, or about the server as a whole, that the user wants to hear of."""

    when: Rule
    tubes: str | tuple[str, ...] | None = None
    """Shell patterns for the names of tubes; None for a rule about the server."""
    for_seconds: float = 0.0
    """Seconds that the rule must hold before the alert fires."""
    level: Level = "critical"

    def is_about(self, tube: str) -> bool:
        """Return whether the alert is about the tube with that name."""
        return any(fnmatchcase(tube, pattern) for pattern in self.patterns)

    def unmatched(self, tubes: Collection[str]) -> list[str]:
        """Return the patterns that match none of these tubes."""
        return [
            pattern
            for pattern in self.patterns
            if not any(fnmatchcase(tube, pattern) for tube in tubes)
        ]

    @property
    def sampled_states(self) -> frozenset[HeadState]:
        """The states of the jobs whose age the rule asks for; none if it needs no sample."""
        fields = AGES.keys() & self.when.fields
        return frozenset(state for field in fields for state in AGES[field])

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns for the names of tubes; none for a rule about the server."""
        return (self.tubes,) if isinstance(self.tubes, str) else self.tubes or ()

    @property
    def times(self) -> frozenset[str]:
        """The fields of the rule that compare how long jobs take."""
        return frozenset(TIMES.keys() & self.when.fields)

    @property
    def ages(self) -> tuple[float, ...]:
        """The ages of jobs, in seconds, with which the rule compares."""
        compared = (part for part in comparisons(self.when.condition) if part.field in AGES)
        return tuple(part.other for part in compared if isinstance(part.other, int | float))

    @property
    def quiet(self) -> float:
        """Seconds that the rule must not have held before the alert is resolved."""
        return max(MIN_QUIET, self.for_seconds / 2)


Key: TypeAlias = tuple[int, str | None]
"""The index of a rule among all, and the name of the tube; None for the server."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert about one tube, or about the server."""

    rule: AlertRule
    tube: str | None
    since: float
    """When the rule was first seen to hold, in seconds of the monotonic clock."""
    seen: float
    """When it was last seen to hold."""
    fires: bool = False
    values: tuple[tuple[str, float | None], ...] = ()
    """The values of the fields of the rule when it last held."""


@dataclass(frozen=True, slots=True, eq=False)
class AlertState:
    """The state of all alerts of one server at one poll."""

    snapshot: Snapshot = NOTHING_SEEN
    alerts: Mapping[Key, Alert] = field(default_factory=dict)

    @property
    def firing(self) -> list[Alert]:
        """Alerts that fire, the newest first."""
        firing = [alert for alert in self.alerts.values() if alert.fires]
        return sorted(firing, key=lambda alert: (-alert.since, alert.tube or ""))

    def fired_since(self, before: "AlertState") -> list[Alert]:
        """Return the alerts that fire now and did not fire then."""
        return [
            alert for key, alert in self.alerts.items() if alert.fires and not before.fires(key)
        ]

    def ended_since(self, before: "AlertState") -> list[Alert]:
        """Return the alerts that fired then and do not fire now."""
        return [
            alert for key, alert in before.alerts.items() if alert.fires and not self.fires(key)
        ]

    def to_sample(self, seconds: float) -> tuple[set[str], set[str]]:
        """Return the tubes whose firing alert needs the age of a job, and the tubes with an alert
        that a sample may make fire within `seconds`."""
        firing, soon, until = set(), set(), self.snapshot.taken_at + seconds
        for alert in self.alerts.values():
            if alert.tube and alert.rule.sampled_states:
                if alert.fires:
                    firing.add(alert.tube)
                elif alert.since + alert.rule.for_seconds <= until:
                    soon.add(alert.tube)
        return firing, soon

    def fires(self, key: Key) -> bool:
        alert = self.alerts.get(key)
        return alert is not None and alert.fires


def evaluate(
    before: AlertState,
    rules: Sequence[AlertRule],
    snapshot: Snapshot,
    history: History,
    longest: float,
) -> AlertState:
    """Return the state of the alerts at a new poll.

    After more than `longest` seconds without a poll, or in another process of the server, alerts that
    do not fire yet start again from zero, and so does the time that others must be quiet. A poll that
    was evaluated already changes nothing.
    """
    then = before.snapshot
    if snapshot.taken_at <= then.taken_at:
        return before
    seen_on = snapshot.taken_at - then.taken_at <= longest and then.server.is_same_process(
        snapshot.server
    )
    at = snapshot.taken_at
    known = {
        key: alert if seen_on else replace(alert, seen=at)
        for key, alert in before.alerts.items()
        if seen_on or alert.fires
    }
    held = dict(_holding(rules, known, snapshot, history))
    others = {key: alert for key, alert in known.items() if key not in held}
    unasked = {
        key: alert
        for key, alert in others.items()
        if _is_old(alert.tube, snapshot)
        or _awaits_sample(alert, snapshot, history)
        or _awaits_times(alert, snapshot, history)
    }
    fading = {
        key: alert
        for key, alert in others.items()
        if alert.fires and at - alert.seen < alert.rule.quiet
    }
    return AlertState(snapshot, held | unasked | fading)


def _holding(
    rules: Sequence[AlertRule], known: Mapping[Key, Alert], snapshot: Snapshot, history: History
) -> Iterator[tuple[Key, Alert]]:
    """Yield the alerts whose rule holds at this poll."""
    at = snapshot.taken_at
    for place, rule in enumerate(rules):
        for tube, value_of in _subjects(rule, snapshot, history):
            if rule.when.holds(value_of):
                key = (place, tube)
                since = known[key].since if key in known else at
                is_firing = key in known and known[key].fires
                fires = is_firing or (
                    at - since >= rule.for_seconds and _is_confirmed(rule, tube, snapshot, history)
                )
                values = tuple((name, value_of(name)) for name in rule.when.fields)
                yield key, Alert(rule, tube, since, at, fires, values)


def _subjects(
    rule: AlertRule, snapshot: Snapshot, history: History
) -> Iterator[tuple[str | None, Numbers]]:
    """Yield the tubes, or the server, that a rule is about."""
    if rule.tubes is None:
        yield None, server_values(snapshot.server, history)
        return
    for name, tube in snapshot.tubes.items():
        if not _is_old(name, snapshot) and rule.is_about(name):
            yield name, tube_values(tube, history)


def _is_old(tube: str | None, snapshot: Snapshot) -> bool:
    """Return whether this is a tube that the poll did not ask for."""
    known = snapshot.tubes.get(tube) if tube else None
    return known is not None and known.taken_at < snapshot.taken_at


def _is_confirmed(rule: AlertRule, tube: str | None, snapshot: Snapshot, history: History) -> bool:
    """Return whether the rule holds for the ages at their recent samples, not counting the time
    since then: a job that was too young then may be gone."""
    if tube is None or not rule.sampled_states:
        return True
    seen = snapshot.tubes[tube]
    polled = tube_values(seen, history)
    return rule.when.holds(
        lambda field: history.sampled_oldest(seen, field) if field in AGES else polled(field)
    )


def _awaits_sample(alert: Alert, snapshot: Snapshot, history: History) -> bool:
    """Return whether the tube has a first job that was not sampled yet."""
    tube = snapshot.tubes.get(alert.tube or "")
    fields = AGES.keys() & alert.rule.when.fields
    return tube is not None and any(history.awaits_sample(tube, field) for field in fields)


def _awaits_times(alert: Alert, snapshot: Snapshot, history: History) -> bool:
    """Return whether times of jobs are unknown, and the rule holds by those known when it last held."""
    tube = snapshot.tubes.get(alert.tube or "")
    if tube is None or not alert.rule.times:
        return False
    known = history.sampled.percentiles(tube)
    if known and known.is_idle:
        return False
    now, before = tube_values(tube, history), dict(alert.values)
    unknown = {field for field in alert.rule.times if now(field) is None}
    if not unknown:
        return False
    return alert.rule.when.holds(
        lambda field: before.get(field) if field in unknown else now(field)
    )
