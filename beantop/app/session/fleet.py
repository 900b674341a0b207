"""The watched servers: the one on the screen, and those that are read-only."""

from collections.abc import Callable, Sequence

from beantop.app.session.guarding import UNDECIDED, Guarding
from beantop.app.session.server_session import ServerSession
from beantop.beanstalk import Address
from beantop.config import ServerConfig
from beantop.config.guards import Guards
from beantop.jobs.known_server import KnownServer
from beantop.monitor.poller import StatusSource

READONLY_BY_ARGUMENT = "Read-only: beantop was started with --readonly."
READONLY_BY_FILE = "Read-only by configuration; --write allows changes."
READONLY_THERE = "This server is read-only by configuration; --write allows changes."
READONLY_SAME = "Read-only: this server is {} in the configuration; --write allows changes."
RECORDED = "This is a recording: nothing can be changed."
READONLY_BY_KEY = "Read-only: you turned changes off."


class Fleet:
    """All servers, numbered from 1."""

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
        """`known` has the configuration of each watched server, if there is any; `configured` has
        all servers of the configuration file. `readonly` says why nothing can be changed on any
        server. `writes` overrides servers that the configuration makes read-only.
        """
        known = known or [ServerConfig(watcher.address) for watcher in watchers]
        self.servers = [
            ServerSession(watcher, number, now, config)
            for number, (watcher, config) in enumerate(zip(watchers, known, strict=True), start=1)
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
        """Return the user's name for the server at an address. Not safe to show."""
        titles = {server.watcher.address: server.known.title for server in self.servers}
        return titles[address]

    def show(self, number: int) -> None:
        """Make this server the one on the screen."""
        self.shown = self.server(number)

    def why_readonly(self, server: ServerSession) -> str:
        """Return why nothing can be changed on a server, as a sentence; "" if it can."""
        if self._readonly:
            return self._readonly
        if server.known.readonly and not self._writes:
            return READONLY_THERE
        if server.readonly_by and not self._writes:
            return READONLY_SAME.format(server.readonly_by)
        return UNDECIDED if self.guarding.is_undecided(server) else ""

    def forbid_changes(self) -> None:
        """Make all servers read-only until the program ends."""
        self._readonly = self._readonly or READONLY_BY_KEY

    @property
    def known(self) -> tuple[ServerConfig, ...]:
        """The configuration of each server; `readonly` is what holds now."""
        return tuple(
            server.known._replace(readonly=bool(self.why_readonly(server)))
            for server in self.servers
        )

    @property
    def identities(self) -> tuple[KnownServer, ...]:
        """What is known to recognize each server."""
        return tuple(server.identity for server in self.servers)

    @property
    def away(self) -> tuple[int, ...]:
        """Numbers of the servers without a connection."""
        return tuple(server.number for server in self.servers if server.latest.link.state == "down")
