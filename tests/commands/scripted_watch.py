"""A server whose polls are made up, watched by `Unattended` with a clock of the test."""

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from pathlib import Path

from beantop.app.session.server_session import ServerSession
from beantop.app.session.unattended import Facts, Unattended
from beantop.beanstalk import Address
from beantop.config import ServerConfig
from beantop.monitor.alerts import AlertRule
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import NOTHING_SEEN, Tube
from beantop.report.outbox import Outbox
from tests.monitor.looks import look, server

ADDRESS = ("queue-1", 11300)

RECEIVER = "url http://receiver/"

WALL = 1.5e9
"""Unix time at the beginning."""


class Source:
    """Stands for a poller."""

    address: Address = ADDRESS
    interval = 1.0
    own_connections: Callable[[], int]
    wanted: Callable[[], Collection[str]]
    spares = False

    def poke(self) -> None:
        raise AssertionError("nobody polls")

    async def watch(self) -> AsyncGenerator[ServerStatus, None]:
        yield ServerStatus(ADDRESS, Link("connecting", 0.0))


class Watch:
    """Watches one server. Time passes by its polls, one a second."""

    def __init__(
        self, directory: Path, rules: Sequence[AlertRule], receivers: Sequence[str] = (RECEIVER,)
    ) -> None:
        self.directory, self.rules, self.receivers = directory, rules, receivers
        self.at = 100.0
        self.id = "a"
        self.said: list[str] = []
        self.fired: list[str] = []
        self.ended: list[str] = []
        self.start()

    def start(self) -> None:
        """Start the program, or start it again after `stop`."""
        self.polls, self.history = 0, History()
        self.session = ServerSession(Source(), 1, lambda: self.at, ServerConfig(ADDRESS, "queue"))
        names = dict.fromkeys(self.receivers, "the receiver")
        self.outbox = Outbox(self.directory, names, self.said.append, self.wall)
        self.watching = Unattended(
            [self.session],
            self.rules,
            self.outbox,
            lambda sentence, severity: self.said.append(sentence),
            now=lambda: self.at,
            wall=self.wall,
        )

    def stop(self) -> None:
        self.outbox.close(5.0)

    def wall(self) -> float:
        return WALL + self.at

    def restart_server(self) -> None:
        self.id += "a"

    def poll(self, ready: int, *others: Tube) -> None:
        """Poll a tube with so many ready jobs."""
        self.at += 1
        tube = Tube("emails", self.at, ready=ready, total_jobs=9)
        snapshot = look(self.at, tube, *others, of=server(self.at, id=self.id))
        self.history.add(snapshot, 1.0)
        self.polls += 1
        status = ServerStatus(ADDRESS, Link("up", 0.0), snapshot, self.history, self.polls, 1.0)
        self._take(status)

    def miss(self, seconds: float) -> None:
        """Be without a connection for so long, with a retry at its end."""
        latest = self.session.latest
        since = latest.link.since if latest.link.state == "down" else self.at
        self.at += seconds
        seen = latest.snapshot if latest.seen else NOTHING_SEEN
        link = Link("down", since, "connection refused")
        self._take(ServerStatus(ADDRESS, link, seen, self.history, self.polls, 1.0))

    def _take(self, status: ServerStatus) -> None:
        changes: tuple[Facts, Facts] = self.watching.take(self.session, status)
        if any(changes):
            self.outbox.note(*changes)
        for facts, ids in zip(changes, (self.fired, self.ended), strict=True):
            ids += [str(fact["id"]) for fact in facts.values()]
