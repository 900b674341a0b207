"""A server as records name it, recognized later under another spelling of its address.

Two are the same server if

- both have the same `id` in their `stats`: a server gets a new one whenever it starts;
- or an address of one, as given or as connected to, is an address of the other.

In doubt they are different servers. So `127.0.0.1` and `::1` are not compared as "this machine", as
`config.guards` does: two servers can listen there on the same port.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from beantop.beanstalk import Address, Stats, format_address, parse_address
from beantop.beanstalk.address import normalized

_ID = re.compile("[0-9a-f]{16}")
"""The form that beanstalkd gives its `id`. Other implementations may give all servers the same."""


class KnownServer(NamedTuple):
    """A server, and what is known to recognize it."""

    address: str
    """The address as the user wrote it, formatted."""
    peer: str = ""
    """The address that was connected to; "" if unknown."""
    id: str = ""
    """Its `id` of that time; "" if unknown."""

    @classmethod
    def of(
        cls, address: Address, peer: Address | None, stats: Stats | None = None
    ) -> "KnownServer":
        id = stats.get("id", "") if stats else ""
        return cls(format_address(address), format_address(peer) if peer else "", id)

    @classmethod
    def read(cls, head: Mapping[str, object], key: str) -> "KnownServer":
        """Read the server that `members` wrote. Files of earlier versions have only the address."""
        members = [str(head.get(name, "")) for name in (key, f"{key}_peer", f"{key}_id")]
        return cls(*members)

    def members(self, key: str) -> dict[str, str]:
        """Return the members of a JSON object that name it."""
        return {key: self.address, f"{key}_peer": self.peer, f"{key}_id": self.id}

    def is_same(self, other: "KnownServer") -> bool:
        """Return whether both are certainly one server.

        >>> here = KnownServer("127.0.0.1:11300")
        >>> here.is_same(KnownServer("localhost:11300", peer="127.0.0.1:11300"))
        True
        >>> here.is_same(KnownServer("localhost:11300", peer="[::1]:11300"))
        False
        """
        if _ID.fullmatch(self.id) and self.id == other.id:
            return True
        return bool(self._places & other._places)

    @property
    def _places(self) -> set[Address]:
        return {_place(text) for text in (self.address, self.peer) if text}


def known_server(server: KnownServer | str) -> KnownServer:
    """Return the server; an address alone is a server of which nothing else is known."""
    return KnownServer(server) if isinstance(server, str) else server


def _place(text: str) -> Address:
    """Return the address in one spelling; a text that is not an address stands for itself."""
    try:
        return normalized(parse_address(text))
    except ValueError:
        return f"not an address: {text}"
