"""Settings from the environment, which override the file: BEANTOP_INTERVAL, _THEME and _READONLY."""

import os
from collections.abc import Mapping

from beantop.config.paths import config_path
from beantop.config.settings import NOTHING_SET, Settings
from beantop.config.source import ConfigError
from beantop.interval import read_interval


def settings_of(environment: Mapping[str, str], file: str | None = None) -> Settings:
    """Read the settings from this file, or from the default path, and override them with those from
    the environment. Raises `ConfigError`.

    >>> settings_of({"BEANTOP_INTERVAL": "soon"}, "/dev/null")
    Traceback (most recent call last):
    beantop.config.source.ConfigError: BEANTOP_INTERVAL='soon' is not a number of seconds from 0.5 to 3600
    """
    settings = _settings_of_file(environment, file)
    if interval := environment.get("BEANTOP_INTERVAL"):
        settings = settings._replace(interval=_interval(interval))
    if theme := environment.get("BEANTOP_THEME"):
        settings = settings._replace(theme=theme)
    if readonly := environment.get("BEANTOP_READONLY"):
        settings = settings._replace(readonly=_is_yes(readonly))
    return settings


def _settings_of_file(environment: Mapping[str, str], file: str | None) -> Settings:
    if not (file or environment.get("BEANTOP_CONFIG") or os.path.lexists(config_path(environment))):
        return NOTHING_SET
    from beantop.config.reader import load_settings  # large imports, for those who have a file

    return load_settings(environment, file)


def _interval(text: str) -> float:
    try:
        return read_interval(text)
    except ValueError as error:
        raise ConfigError(f"BEANTOP_INTERVAL={error}") from None


def _is_yes(text: str) -> bool:
    if text not in ("0", "1"):
        raise ConfigError(f"BEANTOP_READONLY must be 1 or 0, not {text!r}")
    return text == "1"
