"""The servers that are watched, which of them is on the screen, and where nothing can be changed."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from beantop.app.session.guarding import UNDECIDED, Guarding
from beantop.app.session.server_session import ServerSession
from beantop.beanstalk import Address
from beantop.config import ServerConfig
from beantop.config.guards import Guards
from beantop.monitor.poller import StatusSource

READONLY_BY_ARGUMENT = "Read-only: beantop was started with --readonly."
READONLY_BY_FILE = "Read-only: the configuration says so; --write can change things."
READONLY_THERE = "Read-only: the configuration says so of this server; --write can change it."
READONLY_SAME = "Read-only: {} in the configuration is this server; --write can change it."
READONLY_BY_KEY = "Read-only: you switched changes off."


class Fleet:
    """All servers, by their numbers from 1."""

    def __init__(
        self,
        watchers: Sequence[StatusSource],
        known: Sequence[ServerConfig],
        now: Callable[[], float],
        *,
        readonly: str = "",
        writes: bool = False,
        configured: Sequence[ServerConfig] = (),
    ) -> None:
        """`readonly`: why nothing can be changed on any of them. `writes`: that the configuration
        has one server read-only does not count. `configured`: the servers of the configuration."""
        known = known or [ServerConfig(watcher.address) for watcher in watchers]
        self.servers = [
            ServerSession(watcher, number, now, told)
            for number, (watcher, told) in enumerate(zip(watchers, known, strict=True), start=1)
        ]
        self.shown = self.servers[0]
        self.guarding = Guarding(self.servers, Guards(configured), writes=writes)
        self._readonly = readonly
        self._writes = writes

    @property
    def several(self) -> bool:
        return len(self.servers) > 1

    def server(self, number: int) -> ServerSession:
        return self.servers[number - 1]

    def title_of(self, address: Address) -> str:
        """What the user calls the server there. Not yet safe to show."""
        titles = {server.watcher.address: server.known.title for server in self.servers}
        return titles[address]

    def show(self, number: int) -> None:
        """Have that server on the screen."""
        self.shown = self.server(number)

    def why_readonly(self, server: ServerSession) -> str:
        """Why nothing can be changed there, as a sentence; nothing if it can."""
        if self._readonly:
            return self._readonly
        if server.known.readonly and not self._writes:
            return READONLY_THERE
        if server.readonly_by and not self._writes:
            return READONLY_SAME.format(server.readonly_by)
        return UNDECIDED if self.guarding.is_undecided(server) else ""

    def forbid_changes(self) -> None:
        """From now on nothing can be changed on any server; there is no way back."""
        self._readonly = self._readonly or READONLY_BY_KEY

    @property
    def known(self) -> tuple[ServerConfig, ...]:
        """What the user told of each of them, and where nothing can be changed."""
        return tuple(
            replace(server.known, readonly=bool(self.why_readonly(server)))
            for server in self.servers
        )

    @property
    def away(self) -> tuple[int, ...]:
        """The numbers of those to which there is no connection."""
        return tuple(one.number for one in self.servers if one.latest.link.state == "down")
