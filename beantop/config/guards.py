"""Recognize a connected server in the configuration, whatever address it was reached by.

Only configured servers that are read-only or in production matter: they are guards. A guard is the
connected server if

- its address, or an address that this resolves to, is an address of the connected server;
- or both have the same `id` in their `stats`, which also works through a tunnel;
- or no `id` of the guard is known yet, its name is the `hostname` of the connected server, and no
  port shows that it is another server on that host.
"""

import asyncio
import os
import socket
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from beantop.beanstalk import (
    Address,
    AsyncClient,
    Error,
    Stats,
    commands,
    describe_error,
    identity,
    is_local,
)
from beantop.beanstalk.deadline import within
from beantop.config.settings import ServerConfig

LOOK_UP_SECONDS = 5.0
"""Timeout for resolving the address of a configured server."""

ID_SECONDS = 1.0
"""Timeout for asking a configured server for its `id`."""


class Sight(NamedTuple):
    """Identifying facts about a connected server."""

    places: frozenset[Address]
    """Its address as given, and its resolved address, both in the form of `identity`."""
    id: str = ""
    hostname: str = ""

    @classmethod
    def of(cls, address: Address, peer: Address | None, stats: Stats) -> "Sight":
        places = frozenset([identity(address), identity(peer or address)])
        return cls(places, stats.get("id", ""), stats.get("hostname", ""))

    @property
    def is_local(self) -> bool:
        return all(map(is_local, self.places))


class _Guard:
    """A configured server, and the addresses and ids known so far."""

    def __init__(self, server: ServerConfig) -> None:
        self.server = server
        self.places = {identity(server.address)}
        self.ids = set[str]()

    def is_same(self, sight: Sight) -> bool:
        """Return whether this is the connected server."""
        if self.places & sight.places:
            return True
        if self.ids and sight.id:
            return sight.id in self.ids
        return self._is_on_host(sight)

    def _is_on_host(self, sight: Sight) -> bool:
        """Return whether both are on one host and can be the same server there. A different port
        rules that out, except through a tunnel, which has its own port."""
        hosts, theirs = _hosts(self.places), _hosts(sight.places)
        names = {*hosts, self.server.name} - {"localhost"}
        if not any(_is_one_host(name, sight.hostname) for name in names):
            return False
        is_direct = hosts & theirs or (sight.is_local and sight.hostname == socket.gethostname())
        return bool(_ports(self.places) & _ports(sight.places)) or not is_direct

    def learn(self, sight: Sight) -> bool:
        """Remember the facts about this server. Return whether any of them is new."""
        before = len(self.places) + len(self.ids)
        if self.places & sight.places:
            self.places |= sight.places
        self.ids |= {sight.id} - {""}
        return len(self.places) + len(self.ids) > before

    async def look_up(self) -> str:
        """Resolve the address of the server. Return the reason if that failed, else ""."""
        try:
            async with within(LOOK_UP_SECONDS):
                self.places |= await _places(self.server.address)
        except OSError as error:  # includes TimeoutError
            return describe_error(error) or f"no answer within {LOOK_UP_SECONDS:g} s"
        return ""

    async def ask_id(self) -> None:
        """Ask the server for its `id`, unless it is known. It stays unknown if the server does not answer
        at once."""
        if self.ids:
            return
        try:
            async with (
                within(ID_SECONDS),
                await AsyncClient.connect(self.server.address, timeout=ID_SECONDS) as client,
            ):
                stats = await client.call(commands.stats())
        except (Error, TimeoutError):
            return
        self.learn(Sight.of(self.server.address, client.peer, stats))


class Guards:
    """The configured servers that are read-only or in production."""

    def __init__(self, configured: Iterable[ServerConfig]) -> None:
        guarding = (server for server in configured if server.readonly or server.production)
        self._guards = [_Guard(server) for server in guarding]

    def __iter__(self) -> Iterator[ServerConfig]:
        return (guard.server for guard in self._guards)

    async def look_up(self) -> dict[ServerConfig, str]:
        """Resolve the addresses of all guards. Return the reason for each server where that failed."""
        failures = await asyncio.gather(*(guard.look_up() for guard in self._guards))
        found = zip(self._guards, failures, strict=True)
        return {guard.server: why for guard, why in found if why}

    async def ask_ids(self, servers: Collection[ServerConfig]) -> None:
        """Ask these guards for their `id`, all at the same time."""
        await asyncio.gather(*(guard.ask_id() for guard in self._guards if guard.server in servers))

    def learn(self, sight: Sight) -> bool:
        """Remember the facts in the guards that are this server. Return whether any is new."""
        return any([guard.learn(sight) for guard in self._guards if guard.is_same(sight)])

    def guarding(self, sight: Sight) -> list[ServerConfig]:
        """Return the configured servers that are this server."""
        return [guard.server for guard in self._guards if guard.is_same(sight)]


def _hosts(places: Iterable[Address]) -> set[str]:
    return {place[0] for place in places if not isinstance(place, str)}


def _ports(places: Iterable[Address]) -> set[int]:
    return {place[1] for place in places if not isinstance(place, str)}


def _is_one_host(name: str, hostname: str) -> bool:
    """Return whether both names mean one host. One of them may lack its domain.

    >>> _is_one_host("prod-1", "Prod-1.example.org"), _is_one_host("a.example.org", "a.example.com")
    (True, False)
    """
    first, second = f"{name.lower()}.", f"{hostname.lower()}."
    return bool(name and hostname) and (first.startswith(second) or second.startswith(first))


async def _places(address: Address) -> set[Address]:
    """Return all addresses that this one resolves to. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    if isinstance(address, str):
        return {identity(await loop.run_in_executor(None, os.path.realpath, address))}
    found = await loop.getaddrinfo(*address, type=socket.SOCK_STREAM)
    return {identity((str(at[0]), address[1])) for *_, at in found}
