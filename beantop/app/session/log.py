"""What toasts said in this session, and `--log FILE`, which keeps it: one line each."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        self._descriptor = os.open(path, flags, 0o600)

    def note(self, entry: Entry) -> None:
        """Add a line: the time, the severity, and what was said. A full disk is no error here."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at))
        line = f"{when} {entry.severity} {entry.text}\n".encode("utf-8", "replace")
        with suppress(OSError):  # the screen matters more than the log of it
            os.write(self._descriptor, line)
