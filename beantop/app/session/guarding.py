"""Applies the configuration's guards (read-only, production) to watched servers under any name."""

from collections.abc import Coroutine, Iterator, Mapping, Sequence

from beantop.app.session.news import News
from beantop.app.session.server_session import ServerSession
from beantop.beanstalk import is_local
from beantop.config import ServerConfig
from beantop.config.guards import Guards, Sight
from beantop.formatting import printable

UNDECIDED = "Read-only for a moment: checking if the configuration guards this server."


class Guarding:
    """Recognizes watched servers that the configuration guards. The strictest rule applies, and is
    never relaxed again."""

    def __init__(self, servers: Sequence[ServerSession], guards: Guards, *, writes: bool) -> None:
        """`writes` overrides servers that the configuration makes read-only."""
        self._servers = servers
        self._guards = guards
        self._writes = writes
        self.wants_look_up = any(any(self._stricter_guards(server)) for server in servers)
        """Whether the addresses of the guarded servers must be resolved (again)."""
        self._lookups_running = 0
        self._reported: set[ServerConfig] = set()

    def is_undecided(self, server: ServerSession) -> bool:
        """Return whether a stricter rule may still turn out to apply to the server."""
        is_pending = self.wants_look_up or self._lookups_running > 0
        return any(is_pending or self._connecting(guard) for guard in self._stricter_guards(server))

    def look_up(self) -> Coroutine[None, None, list[News]]:
        """Resolve the addresses of the guarded servers. Return news for the user."""
        self.wants_look_up = False
        self._lookups_running += 1
        return self._look_up()

    async def _look_up(self) -> list[News]:
        try:
            failures = await self._guards.look_up()
        finally:
            self._lookups_running -= 1
        return [*self._compare(), *self._warn_unresolved(failures)]

    async def ask_ids(self) -> list[News]:
        """Ask the guarded servers that one of ours may be for their `id`, which also shows where a tunnel
        leads. Return news for the user."""
        await self._guards.ask_ids(
            {guard for server in self._servers for guard in self._stricter_guards(server)}
        )
        return self._compare()

    def take(self, server: ServerSession, *, came_back: bool) -> list[News]:
        """Process the result of a poll. Return news for the user."""
        if not any(self._guards):
            return []
        if came_back and any(self._stricter_guards(server)):  # names may resolve differently now
            self.wants_look_up = True
        latest = server.latest
        sight = Sight.of(latest.address, latest.peer, latest.snapshot.server.stats)
        if sight == server.sight:
            return []
        server.sight = sight
        return self._compare()

    def _compare(self) -> list[News]:
        """Apply to each server the guards that match it."""
        seen = [(server, server.sight) for server in self._servers if server.sight]
        while any([self._guards.learn(sight) for _, sight in seen]):
            pass  # one match can reveal another
        return [
            news
            for server, sight in seen
            for guard in self._guards.guarding(sight)
            if guard not in server.guards
            for news in self._apply(server, guard)
        ]

    def _apply(self, server: ServerSession, guard: ServerConfig) -> list[News]:
        is_stricter = guard in self._stricter_guards(server)
        server.guards.append(guard)
        production = server.known.production or guard.production
        server.known = server.known._replace(production=production)
        if not is_stricter:
            return []
        readonly = guard.readonly and not self._writes
        rules = ["read-only"] * readonly + ["in production"] * guard.production
        name = f"{printable(guard.title)} in the configuration"
        return [News(f"{server.name} is {name}: {' and '.join(rules)}.", "warning")]

    def _stricter_guards(self, server: ServerSession) -> Iterator[ServerConfig]:
        """Yield guards that are stricter than the server's rules and not applied to it yet."""
        is_readonly = self._writes or server.known.readonly or server.readonly_by
        for guard in self._guards:
            is_stricter = (guard.readonly and not is_readonly) or (
                guard.production and not server.known.production
            )
            if is_stricter and guard not in server.guards:
                yield guard

    def _connecting(self, guard: ServerConfig) -> bool:
        """Return whether the guarded server is watched, too, and will soon report its `id`."""
        return any(
            server.known.address == guard.address and server.latest.link.state == "connecting"
            for server in self._servers
        )

    def _warn_unresolved(self, failures: Mapping[ServerConfig, str]) -> list[News]:
        """Return a warning for each guarded server whose address could not be resolved.

        Only remote servers matter: with a tunnel, a local address says nothing about the server.
        """
        remote = [server for server in self._servers if not is_local(server.watcher.address)]
        news = []
        for guard, why in failures.items():
            is_relevant = any(guard in self._stricter_guards(server) for server in remote)
            if is_relevant and guard not in self._reported:
                self._reported.add(guard)
                news.append(
                    News(
                        f"{printable(guard.title)} in the configuration was not found ({why}): a"
                        " server here is recognized as that one only by its name, id or hostname.",
                        "warning",
                    )
                )
        return news
