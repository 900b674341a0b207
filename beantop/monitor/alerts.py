"""Which alerts fire, and since when: what is known before, and a new look, to what is known now.

Rule 1: an alert fires when its rule has held at every look for as long as it says.
Rule 2: it ends when its rule has not held for a while, so that it does not come and go.
Rule 3: what nobody saw counts for nothing: time without looks, and time before a restart.
Rule 4: a tube that was not asked for at a look stands as it stood: old numbers neither hold nor end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeAlias

from beantop.monitor.history import History
from beantop.monitor.rules import Rule, Values, server_values, tube_values
from beantop.monitor.snapshot import NOTHING_SEEN, Snapshot

MIN_QUIET = 10.0
"""Seconds that a rule must not have held, at least, until its alert ends."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Something to be told of: a rule about tubes, or about the server as a whole."""

    when: Rule
    tubes: str | tuple[str, ...] | None = None
    """A pattern for the names of the tubes, as in a shell, or several; None: the rule is about the
    server."""
    hold: float = 0.0
    """Seconds that the rule must hold before the alert fires."""

    def is_about(self, tube: str) -> bool:
        """Whether the tube with that name is one of those."""
        patterns = (self.tubes,) if isinstance(self.tubes, str) else self.tubes or ()
        return any(fnmatchcase(tube, pattern) for pattern in patterns)

    @property
    def quiet(self) -> float:
        """Seconds that the rule must not have held until the alert ends."""
        return max(MIN_QUIET, self.hold / 2)


Key: TypeAlias = tuple[int, str | None]
"""The place of an alert among all, and the tube that the case is about."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert about one tube, or about the server."""

    alert: AlertRule
    tube: str | None
    since: float
    """When the rule was first seen to hold, in seconds of the monotonic clock."""
    seen: float
    """When it was last seen to hold."""
    fires: bool = False
    values: tuple[tuple[str, float | None], ...] = ()
    """The fields of the rule as they were when it last held."""


@dataclass(frozen=True, slots=True, eq=False)
class AlertState:
    """How all alerts of one server stand at one look."""

    snapshot: Snapshot = NOTHING_SEEN
    cases: Mapping[Key, Alert] = field(default_factory=dict)

    @property
    def firing(self) -> list[Alert]:
        """What fires, the newest first."""
        firing = [case for case in self.cases.values() if case.fires]
        return sorted(firing, key=lambda case: (-case.since, case.tube or ""))

    def fired_since(self, before: "AlertState") -> list[Alert]:
        """What fires now and did not then."""
        return [case for key, case in self.cases.items() if case.fires and not before.fires(key)]

    def ended_since(self, before: "AlertState") -> list[Alert]:
        """What fired then and does no longer."""
        return [case for key, case in before.cases.items() if case.fires and not self.fires(key)]

    def fires(self, key: Key) -> bool:
        case = self.cases.get(key)
        return case is not None and case.fires


def evaluate(
    before: AlertState,
    alerts: Sequence[AlertRule],
    snapshot: Snapshot,
    history: History,
    longest: float,
) -> AlertState:
    """How the alerts stand at a new look.

    After more than `longest` seconds without a look, or in another process of the server, what did
    not fire yet begins anew. A look that was seen already changes nothing.
    """
    then = before.snapshot
    if snapshot.taken_at <= then.taken_at:
        return before
    seen_on = snapshot.taken_at - then.taken_at <= longest and then.server.is_same_process(
        snapshot.server
    )
    known = {key: case for key, case in before.cases.items() if seen_on or case.fires}
    at = snapshot.taken_at
    held = dict(_holding(alerts, known, snapshot, history))
    others = {key: case for key, case in known.items() if key not in held}
    unasked = {key: case for key, case in others.items() if _is_old(case.tube, snapshot)}
    fading = {
        key: case
        for key, case in others.items()
        if case.fires and at - case.seen < case.alert.quiet
    }
    return AlertState(snapshot, held | unasked | fading)


def _holding(
    alerts: Sequence[AlertRule], known: Mapping[Key, Alert], snapshot: Snapshot, history: History
) -> Iterator[tuple[Key, Alert]]:
    """The cases whose rule holds at this look."""
    at = snapshot.taken_at
    for place, alert in enumerate(alerts):
        for tube, value_of in _subjects(alert, snapshot, history):
            if alert.when.holds(value_of):
                key = (place, tube)
                since = known[key].since if key in known else at
                fires = at - since >= alert.hold or (key in known and known[key].fires)
                values = tuple((name, value_of(name)) for name in alert.when.fields)
                yield key, Alert(alert, tube, since, at, fires, values)


def _subjects(
    alert: AlertRule, snapshot: Snapshot, history: History
) -> Iterator[tuple[str | None, Values]]:
    """The tubes, or the server, that an alert is about."""
    if alert.tubes is None:
        yield None, server_values(snapshot.server, history)
        return
    for name, tube in snapshot.tubes.items():
        if not _is_old(name, snapshot) and alert.is_about(name):
            yield name, tube_values(tube, history)


def _is_old(tube: str | None, snapshot: Snapshot) -> bool:
    """Whether this is a tube of which the look says only what an earlier one saw."""
    known = snapshot.tubes.get(tube) if tube else None
    return known is not None and known.taken_at < snapshot.taken_at
