"""Settings from the configuration file, the environment and the arguments, as one frozen value."""

from beantop.config.defaults import DEFAULT_CONFIG
from beantop.config.environment import settings_of
from beantop.config.paths import config_path, xdg_directory
from beantop.config.reader import load_settings, parse_settings
from beantop.config.settings import (
    NOTHING_SET,
    ServerConfig,
    Settings,
)
from beantop.config.source import ConfigError

__all__ = [
    "DEFAULT_CONFIG",
    "NOTHING_SET",
    "ConfigError",
    "ServerConfig",
    "Settings",
    "config_path",
    "load_settings",
    "parse_settings",
    "settings_of",
    "xdg_directory",
]
