"""The rules of the configuration for the servers that are watched, however these were named."""

from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace

from beantop.app.session.news import News
from beantop.app.session.server_session import ServerSession
from beantop.beanstalk import is_local
from beantop.config import ServerConfig
from beantop.config.guards import Guards, Sight
from beantop.formatting import printable

UNDECIDED = "Read-only for a moment: is it a server that the configuration guards?"


class Guarding:
    """Finds out which of the servers is one that the configuration guards. The stricter rule wins,
    and stays."""

    def __init__(self, servers: Sequence[ServerSession], guards: Guards, *, writes: bool) -> None:
        """`writes`: that a server is read-only by the configuration does not count."""
        self._servers = servers
        self._guards = guards
        self._writes = writes
        self.wants_look_up = any(any(self._missing(server)) for server in servers)
        """Whether it is to be looked up, again, where the guarded servers are."""
        self._under_way = 0
        self._told: set[ServerConfig] = set()

    def is_undecided(self, server: ServerSession) -> bool:
        """Whether it is not known yet if a stricter rule holds for the server."""
        looks_up = self.wants_look_up or self._under_way > 0
        return any(looks_up or self._connecting(guard) for guard in self._missing(server))

    def look_up(self) -> Coroutine[None, None, list[News]]:
        """Find out where the guarded servers are; the result is what is to be said because of it."""
        self.wants_look_up = False
        self._under_way += 1
        return self._look_up()

    async def _look_up(self) -> list[News]:
        try:
            failures = await self._guards.look_up()
        finally:
            self._under_way -= 1
        return [*self._compare(), *self._unknown(failures)]

    def take(self, server: ServerSession, *, came_back: bool) -> list[News]:
        """Take a look at the server into account: what is to be said because of it."""
        if not any(self._guards):
            return []
        if came_back and any(self._missing(server)):  # names may lead elsewhere now
            self.wants_look_up = True
        latest = server.latest
        sight = Sight.of(latest.address, latest.peer, latest.snapshot.server.stats)
        if sight == server.sight:
            return []
        server.sight = sight
        return self._compare()

    def _compare(self) -> list[News]:
        """Put each server under the rules for it."""
        seen = [(server, server.sight) for server in self._servers if server.sight]
        while any([self._guards.learn(sight) for _, sight in seen]):
            pass  # what one shows may tell of another
        return [
            news
            for server, sight in seen
            for guard in self._guards.guarding(sight)
            if guard not in server.guards
            for news in self._put_under(server, guard)
        ]

    def _put_under(self, server: ServerSession, guard: ServerConfig) -> list[News]:
        is_stricter = guard in self._missing(server)
        server.guards.append(guard)
        production = server.known.production or guard.production
        server.known = replace(server.known, production=production)
        if not is_stricter:
            return []
        readonly = guard.readonly and not self._writes
        rules = ["read-only"] * readonly + ["in production"] * guard.production
        name = f"{printable(guard.title)} in the configuration"
        return [News(f"{server.name} is {name}: {' and '.join(rules)}.", "warning")]

    def _missing(self, server: ServerSession) -> Iterator[ServerConfig]:
        """The guards that would be stricter with the server than the rules that are known of it."""
        is_readonly = self._writes or server.known.readonly or server.readonly_by
        for guard in self._guards:
            is_stricter = (guard.readonly and not is_readonly) or (
                guard.production and not server.known.production
            )
            if is_stricter and guard not in server.guards:
                yield guard

    def _connecting(self, guard: ServerConfig) -> bool:
        """Whether it is watched, too, and will soon tell its `id`."""
        return any(
            one.known.address == guard.address and one.latest.link.state == "connecting"
            for one in self._servers
        )

    def _unknown(self, failures: Mapping[ServerConfig, str]) -> list[News]:
        """It matters for servers elsewhere: of a local one its address tells nothing, with a tunnel."""
        elsewhere = [one for one in self._servers if not is_local(one.watcher.address)]
        news = []
        for guard, why in failures.items():
            if guard not in self._told and any(guard in self._missing(one) for one in elsewhere):
                self._told.add(guard)
                news.append(
                    News(
                        f"{printable(guard.title)} in the configuration is not found ({why}): whether one"
                        " of these servers is that one, only its name, id and hostname tell.",
                        "warning",
                    )
                )
        return news
