"""The toasts of this session, and `--log FILE`, which gets one line for each."""

import os
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from beantop.config import ConfigError
from beantop.jobs.aside import Aside
from beantop.jobs.storage import describe_file_error, has_name, open_regular

MAX_ENTRIES = 500
"""Number of toasts that are kept."""



class Entry(NamedTuple):
    """One toast."""

    at: float
    """Unix time."""
    severity: str
    text: str
    """Safe to show."""


class LogFile:
    """A file that lines are appended to; created with access for its owner only.

    It is opened again if it was removed or renamed, as a rotation of logs does.
    """

    def __init__(self, path: Path) -> None:
        """Open the file. Raises OSError, also if it cannot be appended to."""
        self._path = path.absolute()
        self._descriptor = self._open()
        self._aside = Aside()

    def _open(self) -> int:
        return open_regular(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, entry: Entry) -> None:
        """Append a line with time, severity and text. Write errors (a full disk) are ignored."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at))
        line = f"{when} {entry.severity} {entry.text}\n".encode("utf-8", "replace")
        self._aside.do(partial(self._write, line))

    def settle(self, seconds: float) -> None:
        """Wait up to `seconds` until all lines are written."""
        self._aside.settle(seconds)

    def _write(self, line: bytes) -> None:
        with suppress(OSError):  # a broken log must not disturb the screen
            if not has_name(self._descriptor, self._path, follow_links=True):
                os.dup2(descriptor := self._open(), self._descriptor, inheritable=False)
                os.close(descriptor)
            os.write(self._descriptor, line)


def open_log(name: str | None) -> LogFile | None:
    """Open the file of `--log`, if one is named. Raises `ConfigError`."""
    try:
        return None if name is None else LogFile(Path(name))
    except OSError as error:
        raise ConfigError(f"--log {name}: {describe_file_error(error)}") from None
