"""A watched server: its poller, the connection for actions, and its current data."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from beantop.config import ServerConfig
from beantop.config.guards import Sight
from beantop.formatting import printable
from beantop.jobs.body_batches import largest_job
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_sampler import JobSampler
from beantop.jobs.known_server import KnownServer
from beantop.jobs.oldest_jobs import OldestJobs
from beantop.monitor.poller import Link, ServerStatus, StatusSource

if TYPE_CHECKING:
    from beantop.app.session.profiler import Profiler

INTERVALS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Poll intervals in seconds that `+` and `-` step through."""


class Frozen(NamedTuple):
    """The data on the screen when it was frozen."""

    watched: ServerStatus
    """Frozen numbers with the current link; replaced only when the link changes."""
    at: float
    stale: bool
    """Whether the numbers were stale already."""


class ServerSession:
    """A server and everything known about it in this session."""

    def __init__(
        self, watcher: StatusSource, number: int, now: Callable[[], float], known: ServerConfig
    ) -> None:
        self.watcher = watcher
        self.known = known
        self.connection = ActingConnection(watcher.address, peer=lambda: self.latest.peer)
        self.connection.largest_job = lambda: largest_job(self.latest.snapshot.server.stats)
        self.connection.identify = lambda: self.identity
        self.sampler = JobSampler(self.connection, now)
        self.oldest = OldestJobs(self.connection, now)
        self.number = number
        """Its number key; the first server is 1."""
        self.latest = ServerStatus(watcher.address, Link("connecting", now()))
        """The result of the last poll, even while the screen is frozen."""
        self.frozen: Frozen | None = None
        self.sight: Sight | None = None
        """Its address and identity, as far as polls have shown them."""
        self.guards: list[ServerConfig] = []
        """Configured servers that turned out to be this one, and whose rules apply."""
        self.now = now
        """Returns the seconds of the monotonic clock."""
        watcher.own_connections = self._count_connections

    @cached_property  # so it is imported when a screen needs it
    def profiler(self) -> "Profiler":
        """Measures the times of jobs, over a connection of its own."""
        from beantop.app.session.profiler import Profiler

        connection = ActingConnection(self.watcher.address, peer=lambda: self.latest.peer)
        connection.largest_job = self.connection.largest_job
        connection.refusal = self.connection.refusal
        return Profiler(connection)

    @property
    def has_profiler(self) -> bool:
        """Whether the times of any jobs were measured in this session."""
        return "profiler" in vars(self)

    def _count_connections(self) -> int:
        """Return how many connections to the server are ours, with that of the poller."""
        is_profiling = self.has_profiler and self.profiler.connection.is_open
        return 1 + self.connection.is_open + is_profiling

    @property
    def identity(self) -> KnownServer:
        """What is known to recognize the server, even while the screen is frozen."""
        latest = self.latest
        return KnownServer.of(latest.address, latest.peer, latest.snapshot.server.stats)

    @property
    def name(self) -> str:
        """The user's name for the server. Safe to show."""
        return printable(self.known.title)

    @property
    def guard(self) -> str:
        """The configured server with another address that this one turned out to be; "" for none.

        Safe to show.
        """
        others = (guard for guard in self.guards if guard.address != self.known.address)
        return next((printable(guard.title) for guard in others), "")

    @property
    def readonly_by(self) -> str:
        """The configured read-only server that is this one; "" for none. Safe to show."""
        return next((printable(guard.title) for guard in self.guards if guard.readonly), "")

    @property
    def watched(self) -> ServerStatus:
        """The data for the screen. Freezing stops the numbers, but not the connection state."""
        if self.frozen is None:
            return self.latest
        if self.frozen.watched.link != self.latest.link:
            watched = replace(self.frozen.watched, link=self.latest.link)
            self.frozen = self.frozen._replace(watched=watched)
        return self.frozen.watched

    @property
    def answers(self) -> bool:
        """Whether the server answers now, even while the screen is frozen."""
        return self.latest.seen and not self.latest.is_stale(self.now())

    @property
    def froze_stale(self) -> bool:
        """Whether the numbers were stale when the screen was frozen."""
        return self.frozen is not None and self.frozen.stale

    @property
    def missed_polls(self) -> int:
        """Number of polls since the screen was frozen."""
        return self.latest.polls - self.frozen.watched.polls if self.frozen else 0

    def freeze_or_go_on(self) -> None:
        now, latest = self.now(), self.latest
        self.frozen = None if self.frozen else Frozen(latest.frozen(), now, latest.is_stale(now))

    def change_interval(self, by: int) -> None:
        """Switch to the next longer interval, or to the next shorter one if `by` is negative."""
        watcher = self.watcher
        longer = [seconds for seconds in INTERVALS if seconds > watcher.interval]
        shorter = [seconds for seconds in INTERVALS if seconds < watcher.interval]
        for seconds in longer[:1] if by > 0 else shorter[-1:]:
            watcher.interval = seconds
            watcher.poke()
