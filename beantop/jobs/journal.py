"""The log of actions: one line of JSON for each change that was made, or may have been."""

import errno
import fcntl
import getpass
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from beantop.jobs.files import end_of, make_private, open_ours

LARGEST = 8 * 2**20
"""Bytes; a longer log begins anew, and the old one is kept beside it."""


class Journal:
    """The file. Every program of this user writes to the same one, whole lines at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""
        """What went wrong the last time, as a sentence."""

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
        try:
            self._append(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:
            self.problem = f"The log of actions cannot be written: {error.strerror or error}."
        else:
            self.problem = ""

    def last(self, most: int) -> list[Mapping[str, object]]:
        """The latest entries, the oldest of them first; broken lines are passed over."""
        lines = _lines(self.path)
        if len(lines) < most:
            lines = _lines(self._old) + lines
        return [entry for line in lines[-most:] if (entry := _entry(line))]

    @property
    def _old(self) -> Path:
        return self.path.with_suffix(".old.jsonl")

    def _append(self, line: str) -> None:
        make_private(self.path.parent)
        descriptor = open_ours(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _write(descriptor, line.encode("utf-8", "surrogatepass"))
            self._begin_anew_after(os.fstat(descriptor))
        finally:
            os.close(descriptor)

    def _begin_anew_after(self, written: os.stat_result) -> None:
        """Put a log that is long enough aside, unless another program has just done so."""
        with suppress(FileNotFoundError):
            if written.st_size > LARGEST and os.path.samestat(written, os.lstat(self.path)):
                os.replace(self.path, self._old)


def _write(descriptor: int, line: bytes) -> None:
    """Add a whole line, on a line of its own also after one that was not written whole."""
    _, whole = end_of(descriptor)
    if not whole:
        line = b"\n" + line
    if os.write(descriptor, line) < len(line):  # which is no error to the system yet
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
