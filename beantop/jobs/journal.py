"""The log of actions: one line of JSON for each change that was made, or may have been."""

import errno
import fcntl
import getpass
import json
import os
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from beantop.jobs.aside import MAX_WAITING, Aside
from beantop.jobs.storage import describe_file_error, end_of, make_private, open_ours

LARGEST = 8 * 2**20
"""Bytes. A log that exceeds this is rotated: one old file is kept beside the new one."""


LOCK_WAIT = 2.0
"""Seconds to wait for another program that holds the lock on the log."""

NO_RESPONSE = "The log of actions cannot be written: its disk does not respond."


class Journal:
    """The log file. All beantop processes of a user append to it, whole lines at a time.

    Writing never blocks the caller. Entries that cannot be written are kept and written with the
    next.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""
        """A sentence: why the last write failed; "" if it succeeded."""
        self._failures = self._reported = 0
        self._was_late = False
        self._unwritten: deque[str] = deque(maxlen=MAX_WAITING)
        self._aside = Aside()

    def note(self, server: str, what: str, target: str, tally: Mapping[str, object]) -> None:
        """Log an action: what it did, its target, and the outcome of its jobs."""
        entry = {
            "time": time.time(),
            "server": server,
            "who": _who(),
            "what": what,
            "target": target,
            **tally,
        }
        self._aside.do(partial(self._write, json.dumps(entry, ensure_ascii=False) + "\n"))

    def settle(self, seconds: float = LOCK_WAIT + 1.0) -> str:
        """Wait up to `seconds` until all entries are written; return what is wrong, else ""."""
        if not self._aside.settle(seconds):
            self.problem = NO_RESPONSE
        return self.problem

    def new_problem(self) -> str:
        """Return a sentence about a failure since the last call; "" if there was none."""
        failures, is_late = self._failures, self._aside.is_late
        is_new = failures != self._reported or (is_late and not self._was_late)
        self._reported, self._was_late = failures, is_late
        if is_late:
            self.problem = NO_RESPONSE
        return self.problem if is_new else ""

    def last(self, most: int) -> list[Mapping[str, object]]:
        """Return the latest entries, oldest first; broken lines are skipped."""
        self._aside.settle(LOCK_WAIT)
        lines = _lines(self.path)
        if len(lines) < most:
            lines = _lines(self._old) + lines
        return [entry for line in lines[-most:] if (entry := _entry(line))]

    @property
    def _old(self) -> Path:
        return self.path.with_suffix(".old.jsonl")

    def _write(self, line: str) -> None:
        self._unwritten.append(line)
        try:
            self._append("".join(self._unwritten))
        except OSError as error:
            self._failures += 1
            self.problem = f"The log of actions cannot be written: {describe_file_error(error)}."
        else:
            self.problem = ""
            self._unwritten.clear()

    def _append(self, lines: str) -> None:
        make_private(self.path.parent)
        descriptor = open_ours(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            _lock(descriptor)
            _write(descriptor, lines.encode("utf-8", "surrogatepass"))
            self._rotate_if_large(os.fstat(descriptor))
        finally:
            os.close(descriptor)

    def _rotate_if_large(self, written: os.stat_result) -> None:
        """Rotate a log that exceeds `LARGEST`, unless another program has just done so."""
        with suppress(FileNotFoundError):
            if written.st_size > LARGEST and os.path.samestat(written, os.lstat(self.path)):
                os.replace(self.path, self._old)


def _lock(descriptor: int) -> None:
    """Lock the file. Raises OSError if another program holds it for `LOCK_WAIT` seconds."""
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise OSError(error.errno, "another program has locked it") from None
            time.sleep(0.02)
        else:
            return


def _write(descriptor: int, lines: bytes) -> None:
    """Append lines. If the last line is incomplete, start on a new line."""
    end, whole = end_of(descriptor)
    if not whole:
        lines = b"\n" + lines
    if os.write(descriptor, lines) < len(lines):  # the system does not report this as an error
        os.ftruncate(descriptor, end)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _lines(path: Path) -> list[str]:
    try:
        descriptor = open_ours(path, os.O_RDONLY)
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
            return file.readlines()
    except OSError:
        return []


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _entry(line: str) -> Mapping[str, object] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
