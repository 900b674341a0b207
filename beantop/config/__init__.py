"""Settings from the configuration file, the environment and the arguments, as one frozen value."""

from typing import TYPE_CHECKING

from beantop.config.defaults import DEFAULT_CONFIG
from beantop.config.environment import settings_of
from beantop.config.paths import config_path, xdg_directory
from beantop.config.settings import (
    NOTHING_SET,
    NotifyConfig,
    ServerConfig,
    Settings,
)
from beantop.config.source import ConfigError

if TYPE_CHECKING:
    from beantop.config.reader import load_settings, parse_settings

__all__ = [
    "DEFAULT_CONFIG",
    "NOTHING_SET",
    "ConfigError",
    "NotifyConfig",
    "ServerConfig",
    "Settings",
    "config_path",
    "load_settings",
    "parse_settings",
    "settings_of",
    "xdg_directory",
]


def __getattr__(name: str) -> object:
    """Import the reader when it is first used: its imports are large, and most have no file."""
    if name in ("load_settings", "parse_settings"):
        from beantop.config import reader

        return getattr(reader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
