"""The servers that a user names: addresses, or names from the configuration."""

from collections.abc import Sequence

from beantop.beanstalk import Address, normalized, parse_address, split_addresses
from beantop.config.settings import ServerConfig, Settings

DEFAULT = "127.0.0.1:11300"
"""The server to use if none is named or configured."""


def servers_of(named: Sequence[str], settings: Settings) -> list[ServerConfig]:
    """Return the servers with these names or addresses, each once. Without any, return those of the
    configuration, or else the default server. Raises `ValueError` for a wrong address.
    """
    if not named:
        return list(settings.servers) or [ServerConfig(parse_address(DEFAULT))]
    found: dict[Address, ServerConfig] = {}
    for text in named:
        for part in _parts(text, settings):
            server = _server_of(part, settings)
            found.setdefault(normalized(server.address), server)
    return list(found.values())


def _parts(text: str, settings: Settings) -> list[str]:
    """Split a list of addresses or names, unless the whole text is a configured name."""
    return [text] if settings.server_named(text) else split_addresses(text)


def _server_of(text: str, settings: Settings) -> ServerConfig:
    if by_name := settings.server_named(text):
        return by_name
    address = parse_address(text)
    return settings.server_at(address) or ServerConfig(address)
