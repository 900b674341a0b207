"""Paths of the configuration and of our directories."""

import os
from collections.abc import Mapping
from pathlib import Path


def config_path(environment: Mapping[str, str]) -> Path:
    """Return the path of the configuration: $BEANTOP_CONFIG, or the XDG path, also on macOS."""
    if named := environment.get("BEANTOP_CONFIG"):
        return Path(named)
    return xdg_directory(environment, "XDG_CONFIG_HOME", ".config") / "config.toml"


def xdg_directory(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    """Return our directory below an XDG base directory. Relative paths in the variable are ignored.

    >>> xdg_directory({"HOME": "/home/ada"}, "XDG_STATE_HOME", ".local/state")
    PosixPath('/home/ada/.local/state/beantop')
    """
    directory = environment.get(variable, "")
    if os.path.isabs(directory):
        return Path(directory) / "beantop"
    home = environment.get("HOME") or os.path.expanduser("~")  # from the user database
    return Path(home) / usual / "beantop"
