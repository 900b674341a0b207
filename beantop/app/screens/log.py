"""All that toasts said in this session, for whoever looked away."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from beantop.app.lines import Line
from beantop.app.screens.dialog import Notice

MOST = 500
"""Entries that are kept."""

_STYLES = {"warning": "warn", "error": "bad"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One toast."""

    at: float
    """Unix time."""
    severity: str
    text: str
    """Safe to show."""


class LogScreen(Notice):
    """Lists what was said, the newest first."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        lines: list[Line] = [_line(entry) for entry in reversed(entries)]
        super().__init__("Log", lines or [[("Nothing was said yet.", "dim")]])


def _line(entry: Entry) -> Line:
    at = time.strftime("%H:%M:%S", time.localtime(entry.at))
    return [(f" {at}  ", "dim"), (entry.text, _STYLES.get(entry.severity, ""))]
