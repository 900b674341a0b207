"""`--log FILE`: all that is said on the screen, as it is said, one line each."""

import os
import time
from contextlib import suppress
from pathlib import Path


class LogFile:
    """A file that lines are added to; for its owner alone, if it is made here."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `OSError`, also where it is no file that lines can be added to."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        self._descriptor = os.open(path, flags, 0o600)

    def note(self, wall_time: float, severity: str, sentence: str) -> None:
        """Add a line: the time, how grave it is, and what was said. A full disk keeps quiet."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(wall_time))
        line = f"{when} {severity} {sentence}\n".encode("utf-8", "replace")
        with suppress(OSError):  # what is looked at goes before what is noted of it
            os.write(self._descriptor, line)
