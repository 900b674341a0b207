"""What toasts said in this session, and `--log FILE`, which keeps it: one line each."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from beantop.jobs.aside import Aside
from beantop.jobs.storage import open_regular

MAX_ENTRIES = 500
"""Toasts that are kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One toast."""

    at: float
    """Unix time."""
    severity: str
    text: str
    """Safe to show."""


class LogFile:
    """A file that lines are added to; for its owner alone, if it is made here."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `OSError`, also where lines cannot be added to it."""
        self._descriptor = open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._aside = Aside()

    def note(self, entry: Entry) -> None:
        """Add a line: the time, the severity, and what was said. A full disk is no error here."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at))
        line = f"{when} {entry.severity} {entry.text}\n".encode("utf-8", "replace")
        self._aside.do(partial(self._write, line))

    def settle(self, seconds: float) -> None:
        """Wait until all lines are written, but not longer than that."""
        self._aside.settle(seconds)

    def _write(self, line: bytes) -> None:
        with suppress(OSError):  # the screen matters more than the log of it
            os.write(self._descriptor, line)
