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
from beantop.jobs.storage import end_of, make_private, open_ours

LARGEST = 8 * 2**20
"""Bytes; a longer log begins anew, and the old one is kept beside it."""


LOCK_WAIT = 2.0
"""Seconds for which another program may hold the log."""

DEAF = "The log of actions cannot be written: its disk does not answer."


class Journal:
    """The file. Every program of this user writes to the same one, whole lines at a time.

    Nobody waits for it: what cannot be written now is written with the next entry.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""
        """What went wrong the last time, as a sentence."""
        self._failures = self._told = 0
        self._was_late = False
        self._unwritten: deque[str] = deque(maxlen=MAX_WAITING)
        self._aside = Aside()

    def note(self, server: str, what: str, target: str, tally: Mapping[str, object]) -> None:
        """Note an action: what it did, to what, and what came of it."""
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
        """Wait until all that was noted is written, but not longer than that; what is wrong."""
        if not self._aside.settle(seconds):
            self.problem = DEAF
        return self.problem

    def new_problem(self) -> str:
        """What went wrong since this was asked the last time, as a sentence; nothing if all is well."""
        failures, is_late = self._failures, self._aside.is_late
        new = failures != self._told or (is_late and not self._was_late)
        self._told, self._was_late = failures, is_late
        if is_late:
            self.problem = DEAF
        return self.problem if new else ""

    def last(self, most: int) -> list[Mapping[str, object]]:
        """The latest entries, the oldest of them first; broken lines are passed over."""
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
            self.problem = f"The log of actions cannot be written: {error.strerror or error}."
        else:
            self.problem = ""
            self._unwritten.clear()

    def _append(self, lines: str) -> None:
        make_private(self.path.parent)
        descriptor = open_ours(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            _lock(descriptor)
            _write(descriptor, lines.encode("utf-8", "surrogatepass"))
            self._begin_anew_after(os.fstat(descriptor))
        finally:
            os.close(descriptor)

    def _begin_anew_after(self, written: os.stat_result) -> None:
        """Put a log that is long enough aside, unless another program has just done so."""
        with suppress(FileNotFoundError):
            if written.st_size > LARGEST and os.path.samestat(written, os.lstat(self.path)):
                os.replace(self.path, self._old)


def _lock(descriptor: int) -> None:
    """Have the file alone. Raises OSError if another program holds it all the time."""
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise OSError(error.errno, "another program holds it") from None
            time.sleep(0.02)
        else:
            return


def _write(descriptor: int, lines: bytes) -> None:
    """Add whole lines, also after one that was not written whole."""
    end, whole = end_of(descriptor)
    if not whole:
        lines = b"\n" + lines
    if os.write(descriptor, lines) < len(lines):  # which is no error to the system yet
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
