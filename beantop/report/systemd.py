"""What systemd needs to know, and the unit file of `beantop alert`."""

import os
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files

from beantop.formatting import read_whole

UNIT = "beantop-alert.service"


def unit_file() -> str:
    """Return the unit file, with the path of this program."""
    text = (files("beantop.report") / UNIT).read_text(encoding="utf-8")
    return text.replace("@BEANTOP@", _program())


def _program() -> str:
    found = shutil.which("beantop")
    return os.path.abspath(found) if found else f"{sys.executable} -m beantop"


def tell(environment: Mapping[str, str], state: str) -> None:
    """Tell systemd a state, such as `READY=1`, if it has started this program."""
    path = environment.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.setblocking(False)
        connection.sendto(state.encode(), f"\0{path[1:]}" if path.startswith("@") else path)


def watchdog_seconds(environment: Mapping[str, str]) -> float | None:
    """Return after how many seconds systemd wants to hear again; None for never.

    >>> watchdog_seconds({"WATCHDOG_USEC": "60000000"}), watchdog_seconds({})
    (30.0, None)
    """
    microseconds = read_whole(environment.get("WATCHDOG_USEC", ""), 1, 10**15)
    return microseconds / 2e6 if microseconds else None
