"""The user's settings, as frozen values."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from beantop.beanstalk import Address, format_address, normalized
from beantop.config.source import ConfigError, Source
from beantop.jobs.bodies.mask import Mask
from beantop.jobs.bodies.reading import Reading, reading_for

if TYPE_CHECKING:
    from beantop.monitor.alerts import AlertRule

Confirm: TypeAlias = Literal["all", "bulk", "none"]

COLORS = ("red", "yellow", "green", "cyan", "blue", "magenta")
"""Possible colors of a server's name."""


class ServerConfig(NamedTuple):
    """A server from the configuration or from an argument."""

    address: Address
    name: str = ""
    """Name in the configuration, or ""."""
    color: str = ""
    """Color of the name, one of `COLORS`, or "" for the default."""
    production: bool = False
    """Whether each change asks to type the number of jobs."""
    readonly: bool = False
    """Whether nothing can be changed."""

    @property
    def title(self) -> str:
        """Name on the screen: the configured name, or the address. Not yet safe to display."""
        return self.name or format_address(self.address)


class NotifyConfig(NamedTuple):
    """Where `beantop alert` reports alerts: one of `command`, `url` and `touch`."""

    command: str = ""
    """A command for the shell."""
    url: str = ""
    """The address of a webhook."""
    touch: str = ""
    """The path of a file whose time is set with each heartbeat; it gets no alerts."""
    heartbeat: float = 0.0
    """Seconds between heartbeats; 0 for none."""


def same_name(name: str, other: str) -> bool:
    """Return whether the names are the same, ignoring case and a final dot.

    >>> same_name("prod-1", "PROD-1.")
    True
    """
    return name.rstrip(".").casefold() == other.rstrip(".").casefold()


class Settings(NamedTuple):
    """The user's settings. None means: the choice from the last run, or else the default."""

    interval: float | None = None
    """Seconds between polls."""
    theme: str | None = None
    """Name of a theme, or `auto` to follow the background of the terminal."""
    ascii: bool = False
    """Whether the program's own signs are plain ASCII."""
    graphs: Literal["braille", "blocks"] = "braille"
    """Signs for graphs, unless `ascii` is set."""
    bell: bool = False
    """Whether the terminal's bell rings when an alert fires."""
    desktop: bool = False
    """Whether the terminal shows a desktop notification when an alert fires."""
    confirm: Confirm = "all"
    """The changes that ask first: all, those of several jobs, or none. Some always ask: `U`, and a change of
    a whole state, of more than 100 jobs, or on a production server."""
    columns: tuple[str, ...] = ()
    """Keys of the columns of the tubes table. Empty: the columns chosen last, or the default."""
    job_columns: Mapping[str, tuple[str, ...]] = {}
    """Columns of lists of jobs, by pattern of tube names. For other tubes, those chosen last."""
    servers: tuple[ServerConfig, ...] = ()
    """Servers in the configuration."""
    readonly: bool = False
    """Whether nothing can be changed on any server."""
    trash: bool = True
    """Whether jobs are saved before they are deleted."""
    decoders: Mapping[str, str] = {}
    """Format of bodies, such as "base64+gzip+json", by pattern of tube names."""
    class_paths: Mapping[str, str] = {}
    """Path of the field that holds the class of a job, such as "payload.kind", by pattern of tube
    names."""
    masks: Mapping[str, Mask] = {}
    """What of bodies must not be shown, by pattern of tube names. All patterns that match a tube count."""
    unmask: bool = True
    """Whether `--unmask` may show it."""
    alerts: "tuple[AlertRule, ...]" = ()
    notify: tuple[NotifyConfig, ...] = ()
    keys: Mapping[str, str] = {}
    """Keys, separated by commas, by name of an action."""
    source: Source = Source()
    """File that this was read from."""

    def server_named(self, text: str) -> ServerConfig | None:
        """Return the configured server with that name, or None. Case and a final dot do not matter,
        as in host names."""
        exact = [server for server in self.servers if server.name == text]
        similar = [
            server for server in self.servers if server.name and same_name(server.name, text)
        ]
        return next(iter(exact + similar), None)

    def server_at(self, address: Address) -> ServerConfig | None:
        """Return the configured server at that address, in whatever spelling, or None."""
        wanted = normalized(address)
        same = (server for server in self.servers if normalized(server.address) == wanted)
        return next(same, None)

    def reading(self, tube: str) -> Reading:
        """Return how the bodies of a tube are read, and what of them must not be shown."""
        return reading_for(tube, self.decoders, self.class_paths, self.masks)

    def unmasked(self) -> "Settings":
        """Return the settings without masks. Raises `ConfigError` if they do not allow it."""
        if not self.unmask:
            raise ConfigError("--unmask is not allowed: the configuration says unmask = false")
        return self._replace(masks={})

    def with_arguments(
        self,
        *,
        interval: float | None = None,
        theme: str | None = None,
        ascii: bool = False,
        unmask: bool = False,
    ) -> "Settings":
        """Return the settings with those of the command line, which override all others. Raises
        `ConfigError` if they do not allow `unmask`."""
        settings = self.unmasked() if unmask else self
        return settings._replace(
            interval=self.interval if interval is None else interval,
            theme=self.theme if theme is None else theme,
            ascii=self.ascii or ascii,
        )


NOTHING_SET = Settings()
