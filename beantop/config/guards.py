"""Which servers of the configuration guard the one that is connected to, however that was named.

A server of the configuration guards if it is read-only or in production. It is the server at hand if

- its address, or what that leads to, is where the server at hand is,
- or both show the same `id` in their `stats`: there may be a tunnel on the way,
- or, as long as no `id` is known of it, its name is the `hostname` of the server at hand, and no port
  tells that it is another one on that host.
"""

import asyncio
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from beantop.beanstalk import Address, Stats, describe_error, identity, is_local
from beantop.beanstalk.deadline import within
from beantop.config.settings import ServerConfig

LOOK_UP_SECONDS = 5.0
"""Within which it must be known where a server of the configuration is."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of a server that is connected to."""

    places: frozenset[Address]
    """Its address as it was named, and where it really is, each in the spelling of `identity`."""
    id: str = ""
    hostname: str = ""

    @classmethod
    def of(cls, address: Address, peer: Address | None, stats: Stats) -> "Sight":
        places = frozenset([identity(address), identity(peer or address)])
        return cls(places, stats.get("id", ""), stats.get("hostname", ""))

    @property
    def is_local(self) -> bool:
        return all(map(is_local, self.places))


@dataclass(slots=True)
class _Guard:
    """A server of the configuration, and what is known of it so far."""

    server: ServerConfig
    places: set[Address] = field(init=False)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.places = {identity(self.server.address)}

    def is_same(self, sight: Sight) -> bool:
        """Whether it is that server."""
        if self.places & sight.places:
            return True
        if self.ids and sight.id:
            return sight.id in self.ids
        return self._is_on_host(sight)

    def _is_on_host(self, sight: Sight) -> bool:
        """Whether they are on one host, and may be the same there. Another port tells that they are
        not, unless there is a tunnel, which has a port of its own."""
        hosts, theirs = _hosts(self.places), _hosts(sight.places)
        names = {*hosts, self.server.name} - {"localhost"}
        if not any(_is_one_host(name, sight.hostname) for name in names):
            return False
        is_direct = hosts & theirs or (sight.is_local and sight.hostname == socket.gethostname())
        return bool(_ports(self.places) & _ports(sight.places)) or not is_direct

    def learn(self, sight: Sight) -> bool:
        """Remember what is seen of it; whether that is new."""
        before = len(self.places) + len(self.ids)
        if self.places & sight.places:
            self.places |= sight.places
        self.ids |= {sight.id} - {""}
        return len(self.places) + len(self.ids) > before

    async def look_up(self) -> str:
        """Find out where it is; the result says why that is not known."""
        try:
            async with within(LOOK_UP_SECONDS):
                self.places |= await _places(self.server.address)
        except OSError as error:  # a TimeoutError, too
            return describe_error(error) or f"no answer within {LOOK_UP_SECONDS:g} s"
        return ""


class Guards:
    """The servers of the configuration that guard."""

    def __init__(self, configured: Iterable[ServerConfig]) -> None:
        guarding = (server for server in configured if server.readonly or server.production)
        self._guards = [_Guard(server) for server in guarding]

    def __iter__(self) -> Iterator[ServerConfig]:
        return (guard.server for guard in self._guards)

    async def look_up(self) -> dict[ServerConfig, str]:
        """Find out where they are; the result says of some why that is not known."""
        failures = await asyncio.gather(*(guard.look_up() for guard in self._guards))
        found = zip(self._guards, failures, strict=True)
        return {guard.server: why for guard, why in found if why}

    def learn(self, sight: Sight) -> bool:
        """Remember what those of them that are this server are seen to be; whether that is new."""
        return any([guard.learn(sight) for guard in self._guards if guard.is_same(sight)])

    def guarding(self, sight: Sight) -> list[ServerConfig]:
        """Those of them that are this server."""
        return [guard.server for guard in self._guards if guard.is_same(sight)]


def _hosts(places: Iterable[Address]) -> set[str]:
    return {place[0] for place in places if not isinstance(place, str)}


def _ports(places: Iterable[Address]) -> set[int]:
    return {place[1] for place in places if not isinstance(place, str)}


def _is_one_host(name: str, hostname: str) -> bool:
    """Whether these are one host, perhaps one of them without its domain.

    >>> _is_one_host("prod-1", "Prod-1.example.org"), _is_one_host("a.example.org", "a.example.com")
    (True, False)
    """
    one, other = f"{name.lower()}.", f"{hostname.lower()}."
    return bool(name and hostname) and (one.startswith(other) or other.startswith(one))


async def _places(address: Address) -> set[Address]:
    """All that the address leads to. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    if isinstance(address, str):
        return {identity(await loop.run_in_executor(None, os.path.realpath, address))}
    found = await loop.getaddrinfo(*address, type=socket.SOCK_STREAM)
    return {identity((str(at[0]), address[1])) for *_, at in found}
