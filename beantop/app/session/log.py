"""The toasts of this session, and `--log FILE`, which gets one line for each."""

import errno
import os
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

from beantop.config import ConfigError
from beantop.formatting import printable
from beantop.jobs.aside import Aside
from beantop.jobs.storage import describe_file_error, has_name, open_regular

MAX_ENTRIES = 500
"""Number of toasts that are kept."""

NO_RESPONSE = "its disk does not respond"


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
        self._problem = self._reported = ""
        self._begin = b""

    def _open(self) -> int:
        return open_regular(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, entry: Entry) -> None:
        """Append a line with time, severity and text. `new_problem` tells if that fails."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at))
        line = f"{when} {entry.severity} {entry.text}\n".encode("utf-8", "replace")
        self._aside.do(partial(self._write, line))

    def settle(self, seconds: float) -> None:
        """Wait up to `seconds` until all lines are written."""
        if not self._aside.settle(seconds):
            self._problem = self._sentence(NO_RESPONSE)

    def new_problem(self) -> str:
        """Return why lines could not be written, as a sentence, once for each failure in a row; "" for none."""
        if self._aside.is_late:
            self._problem = self._sentence(NO_RESPONSE)
        reported, self._reported = self._reported, self._problem
        return self._problem if self._problem != reported else ""

    def _sentence(self, why: str) -> str:
        return f"The log {printable(str(self._path))} cannot be written: {why}."

    def _write(self, line: bytes) -> None:
        try:
            if not has_name(self._descriptor, self._path, follow_links=True):
                os.dup2(descriptor := self._open(), self._descriptor, inheritable=False)
                os.close(descriptor)
                self._begin = b""
            self._append(self._begin + line)
        except OSError as error:
            self._problem = self._sentence(describe_file_error(error))
        else:
            if self._problem == self._reported:
                self._problem = self._reported = ""

    def _append(self, line: bytes) -> None:
        """Write a line. If only a part of it is written, the next one begins with a line end."""
        written = os.write(self._descriptor, line)
        self._begin = b""
        if written < len(line):  # the system does not report this as an error
            self._begin = b"\n"
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def open_log(name: str | None) -> LogFile | None:
    """Open the file of `--log`, if one is named. Raises `ConfigError`."""
    try:
        return None if name is None else LogFile(Path(name))
    except OSError as error:
        raise ConfigError(f"--log {name}: {describe_file_error(error)}") from None
