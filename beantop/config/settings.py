"""What the user wants, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from beantop.beanstalk import Address, format_address, normalized
from beantop.config.source import Source
from beantop.monitor.alerts import AlertRule

Confirm: TypeAlias = Literal["all", "bulk", "none"]

COLORS = ("red", "yellow", "green", "cyan", "blue", "magenta")
"""In which the name of a server can stand."""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """A server of which the user told, by its address or in the configuration."""

    address: Address
    name: str = ""
    """What the user calls it; nothing: by its address."""
    color: str = ""
    """One of `COLORS`, in which its name stands; nothing: the usual one."""
    production: bool = False
    """Whether each change wants the number of jobs typed."""
    readonly: bool = False
    """Whether nothing can be changed."""

    @property
    def title(self) -> str:
        """What it is called on the screen. Not yet safe to show."""
        return self.name or format_address(self.address)


def same_name(one: str, other: str) -> bool:
    """Whether they are one name.

    >>> same_name("prod-1", "PROD-1.")
    True
    """
    return one.rstrip(".").casefold() == other.rstrip(".").casefold()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user wants. Where it is None, what was chosen on the screen the last time counts, and
    if nothing was, what is usual."""

    interval: float | None = None
    """Seconds between polls."""
    theme: str | None = None
    """The name of a theme, or `auto`: by the background of the terminal."""
    ascii: bool = False
    """Whether the program's own signs are plain ASCII."""
    graphs: Literal["braille", "blocks"] = "braille"
    """The signs that graphs are drawn with, where not all is ASCII."""
    bell: bool = False
    """Whether the terminal's bell rings when an alert fires."""
    desktop: bool = False
    """Whether the desktop is told when an alert fires, by way of the terminal."""
    confirm: Confirm = "all"
    """Which changes are asked about: all, those of several jobs, or only those that cannot be
    switched off: of whole states, of more than 100 jobs, and on production servers."""
    columns: tuple[str, ...] = ()
    """Of the tubes table, by their keys; none: the usual ones, or as they were chosen."""
    servers: tuple[ServerConfig, ...] = ()
    """Those of the configuration."""
    readonly: bool = False
    """Whether nothing can be changed on any server."""
    trash: bool = True
    """Whether jobs are saved before they are deleted."""
    decoders: Mapping[str, str] = field(default_factory=dict)
    """By a pattern for names of tubes: what their bodies are, as "base64+gzip+json"."""
    alerts: tuple[AlertRule, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    """By the name of an action: its keys, with commas between them."""
    source: Source = field(default=Source(), compare=False)
    """Where this was read from."""

    def server_named(self, text: str) -> ServerConfig | None:
        """The server of the configuration with that name. Capitals and a dot at the end make no
        difference, as in the names of hosts."""
        exact = [server for server in self.servers if server.name == text]
        alike = [server for server in self.servers if server.name and same_name(server.name, text)]
        return next(iter(exact + alike), None)

    def server_at(self, address: Address) -> ServerConfig | None:
        """The server of the configuration at that address, however it is written there."""
        wanted = normalized(address)
        same = (server for server in self.servers if normalized(server.address) == wanted)
        return next(same, None)

    def with_arguments(
        self, *, interval: float | None = None, theme: str | None = None, ascii: bool = False
    ) -> "Settings":
        """The same, with what was said on the command line before all else."""
        return replace(
            self,
            interval=self.interval if interval is None else interval,
            theme=self.theme if theme is None else theme,
            ascii=self.ascii or ascii,
        )


NOTHING_SET = Settings()
