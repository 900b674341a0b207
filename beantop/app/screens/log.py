"""All that toasts said in this session, for whoever looked away."""

import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass

from beantop.app.lines import Line
from beantop.app.screens.dialog import Notice

WIDTH = 62
"""Cells of a line of an entry: so it can be read in a window of 80 columns."""

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
        lines = [line for entry in reversed(entries) for line in _lines(entry)]
        super().__init__("Log", lines or [[("Nothing was said yet.", "dim")]])


def _lines(entry: Entry) -> list[Line]:
    at = time.strftime("%H:%M:%S", time.localtime(entry.at))
    style = _STYLES.get(entry.severity, "")
    first, *others = textwrap.wrap(entry.text, WIDTH) or [""]
    return [
        [(f" {at}  ", "dim"), (first, style)],
        *([(f"{'':11}{other}", style)] for other in others),
    ]
