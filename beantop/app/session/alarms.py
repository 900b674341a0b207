"""The alerts of all servers: those that are firing, and those resolved in this session."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from beantop.beanstalk import Address, format_address
from beantop.formatting import duration, grouped, printable
from beantop.jobs.oldest_jobs import NO_AGES, AgesNeeded
from beantop.monitor.poller import ServerStatus

if TYPE_CHECKING:
    from beantop.monitor.alerts import Alert, AlertRule, AlertState, Key

MAX_ENDED = 200
"""Number of resolved alerts that are kept."""


class Fired(NamedTuple):
    """An alert that is firing, or that fired until `ended`."""

    server: str
    address: Address
    alert: "Alert"
    ended: float | None = None
    """When it was resolved, in seconds of the monotonic clock; None while it is firing."""

    @property
    def place(self) -> str:
        """The tube and its server, or only the server. Safe to show."""
        tube = self.alert.tube
        return printable(self.server if tube is None else f"{tube} on {self.server}")

    @property
    def rule(self) -> str:
        return printable(self.alert.rule.when.text)

    @property
    def about(self) -> str:
        """The place and the rule.

        >>> from beantop.monitor.alerts import Alert, AlertRule
        >>> from beantop.monitor.rules import parse_rule
        >>> alert = Alert(AlertRule(parse_rule("buried > 0"), "*"), "email", since=0.0, seen=9.0)
        >>> Fired("queue-1:11300", ("queue-1", 11300), alert).about
        'email on queue-1:11300: buried > 0'
        """
        return f"{self.place}: {self.rule}"

    @property
    def values(self) -> str:
        """The current values of the names in the rule, as `buried 17`."""
        from beantop.monitor.field_words import values_in_words

        return values_in_words(self.alert.values)


class Alarms:
    """Evaluates the alerts after each poll of a server."""

    def __init__(
        self, alerts: Sequence["AlertRule"], name_of: Callable[[Address], str] = format_address
    ) -> None:
        """`name_of` returns the user's name for the server at an address."""
        self.alerts = tuple(alerts)
        self._name_of = name_of
        self.ended: deque[Fired] = deque(maxlen=MAX_ENDED)
        """Alerts that were resolved in this session, oldest first."""
        self._states: dict[Address, AlertState] = {}
        self._firing: dict[Address, list[Alert]] = {}  # newest first

    def restore(self, address: Address, firing: Mapping["Key", "Alert"]) -> None:
        """Take over alerts of a server that fired when another run of the program ended."""
        from beantop.monitor.alerts import AlertState

        self._states[address] = state = AlertState(alerts=firing)
        self._firing[address] = state.firing

    def copy(self) -> "Alarms":
        """Return a copy that stays as it is."""
        other = Alarms(self.alerts, self._name_of)
        other.become(self)
        return other

    def become(self, other: "Alarms") -> None:
        """Become what `other` is, as a jump in a recording needs it."""
        self._states, self._firing = other._states.copy(), other._firing.copy()
        self.ended.clear()
        self.ended.extend(other.ended)

    @property
    def timed_tubes(self) -> tuple[str, ...]:
        """The patterns of the tubes whose jobs are to be measured, because rules compare how long they
        take."""
        patterns = (pattern for alert in self.alerts if alert.times for pattern in alert.patterns)
        return tuple(dict.fromkeys(patterns))

    @property
    def count(self) -> int:
        """Number of alerts that are firing, on all servers."""
        return sum(map(len, self._firing.values()))

    def newest(self, most: int) -> list[Fired]:
        """Return up to `most` firing alerts of all servers, newest first."""
        firing = [
            [Fired(self._name_of(address), address, alert) for alert in alerts[:most]]
            for address, alerts in self._firing.items()
        ]
        return list(islice(merge(*firing, key=lambda fired: -fired.alert.since), most))

    def tubes_of(self, address: Address) -> set[str]:
        """Return the tubes of a server that have a firing alert."""
        return {alert.tube for alert in self._firing.get(address, ()) if alert.tube}

    def ages_needed(self, status: ServerStatus) -> AgesNeeded:
        """Return what the rules need to know of the ages of a server's jobs."""
        rules = [alert for alert in self.alerts if alert.sampled_states]
        if not rules:
            return NO_AGES
        if (state := self._states.get(status.address)) is None:
            return AgesNeeded(rules=rules)
        firing, about_to_fire = state.to_sample(status.pace)
        return AgesNeeded(rules=rules, firing=firing, about_to_fire=about_to_fire)

    def evaluate(self, watched: ServerStatus) -> tuple[list[Fired], list[Fired]]:
        """Evaluate the alerts after a poll. Return those that began to fire and those resolved."""
        if not self.alerts or not watched.seen:
            return [], []
        from beantop.monitor.alerts import AlertState, evaluate  # most users have no rules

        before = self._states.get(watched.address, AlertState())
        now = evaluate(before, self.alerts, watched.snapshot, watched.history, watched.patience)
        self._states[watched.address] = now
        self._firing[watched.address] = now.firing
        address, at = watched.address, watched.snapshot.taken_at
        name = self._name_of(address)
        ended = [Fired(name, address, alert, at) for alert in now.ended_since(before)]
        self.ended.extend(ended)
        return [Fired(name, address, alert) for alert in now.fired_since(before)], ended


def sentence(fired: Sequence[Fired]) -> str:
    """Return the text of one toast about the alerts that one poll fired, or resolved."""
    first = fired[0]
    more = f", and {grouped(len(fired) - 1)} more" if len(fired) > 1 else ""
    if first.ended is None:
        return f"ALERT {first.about} ({first.values}){more}"
    return f"Resolved after {duration(first.ended - first.alert.since)}: {first.about}{more}"
