"""Where files are looked for."""

import os
from collections.abc import Mapping
from pathlib import Path


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the file is looked for: $BEANTOP_CONFIG, or the place that XDG gives, on macOS too."""
    if named := environment.get("BEANTOP_CONFIG"):
        return Path(named)
    return xdg_directory(environment, "XDG_CONFIG_HOME", ".config") / "config.toml"


def xdg_directory(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    """Our directory at a place of XDG, which counts only if it is an absolute path.

    >>> xdg_directory({"HOME": "/home/ada"}, "XDG_STATE_HOME", ".local/state")
    PosixPath('/home/ada/.local/state/beantop')
    """
    said = environment.get(variable, "")
    if os.path.isabs(said):
        return Path(said) / "beantop"
    home = environment.get("HOME") or os.path.expanduser("~")  # as the system's users have it
    return Path(home) / usual / "beantop"
