"""One of the servers that the program watches: who watches it, who acts on it, what is known."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

from beantop.config import ServerConfig
from beantop.config.guards import Sight
from beantop.formatting import printable
from beantop.jobs.connection import ActingConnection
from beantop.monitor.poller import Link, ServerStatus, StatusSource

INTERVALS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds that `+` and `-` go through."""


@dataclass(frozen=True)
class Frozen:
    """What the screen showed when it was frozen."""

    watched: ServerStatus
    """With the link as it is now; the same value until that changes."""
    at: float
    stale: bool
    """Whether the numbers were older than they should be even then."""


class ServerSession:
    """A server, and the news of it."""

    def __init__(
        self, watcher: StatusSource, number: int, now: Callable[[], float], known: ServerConfig
    ) -> None:
        self.watcher = watcher
        self.known = known
        self.connection = ActingConnection(watcher.address, peer=lambda: self.latest.peer)
        self.number = number
        """Its key: 1 is the first."""
        self.latest = ServerStatus(watcher.address, Link("connecting", now()))
        """What is known of it now, frozen or not."""
        self.frozen: Frozen | None = None
        self.sight: Sight | None = None
        """Where it is and what it shows, as far as it is seen."""
        self.guards: list[ServerConfig] = []
        """The servers of the configuration that are this one, and that guard it."""
        self._now = now
        self.wanted: Callable[[], Collection[str]] = tuple
        """The tubes that the screens want each time."""
        watcher.wanted = lambda: self.wanted()
        watcher.own_connections = partial(_connections_with, self.connection)

    @property
    def name(self) -> str:
        """Safe to show."""
        return printable(self.known.title)

    @property
    def guard(self) -> str:
        """The server of the configuration that this one, named otherwise, turned out to be; safe to
        show."""
        others = (guard for guard in self.guards if guard.address != self.known.address)
        return next((printable(guard.title) for guard in others), "")

    @property
    def readonly_by(self) -> str:
        """The server of the configuration that is this one, and read-only; safe to show."""
        return next((printable(guard.title) for guard in self.guards if guard.readonly), "")

    @property
    def watched(self) -> ServerStatus:
        """What the screen shows. Numbers freeze; that the server is away, or back, is told all the
        same."""
        if self.frozen is None:
            return self.latest
        if self.frozen.watched.link != self.latest.link:
            watched = replace(self.frozen.watched, link=self.latest.link)
            self.frozen = replace(self.frozen, watched=watched)
        return self.frozen.watched

    @property
    def answers(self) -> bool:
        """Whether it answers now, frozen or not."""
        return self.latest.seen and not self.latest.is_stale(self._now())

    @property
    def froze_stale(self) -> bool:
        """Whether the numbers were older than they should be when they were frozen."""
        return self.frozen is not None and self.frozen.stale

    @property
    def missed_polls(self) -> int:
        """Polls since it was frozen."""
        return self.latest.polls - self.frozen.watched.polls if self.frozen else 0

    def freeze_or_go_on(self) -> None:
        now, latest = self._now(), self.latest
        self.frozen = None if self.frozen else Frozen(latest.frozen(), now, latest.is_stale(now))

    def change_interval(self, by: int) -> None:
        """Poll less often, or, where `by` is negative, more often, if there is such an interval."""
        watcher = self.watcher
        longer = [seconds for seconds in INTERVALS if seconds > watcher.interval]
        shorter = [seconds for seconds in INTERVALS if seconds < watcher.interval]
        for seconds in longer[:1] if by > 0 else shorter[-1:]:
            watcher.interval = seconds
            watcher.poke()


def _connections_with(acting: ActingConnection) -> int:
    """How many connections to a server are ours: the one that watches, and this one."""
    return 2 if acting.is_open else 1
