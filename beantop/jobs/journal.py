"""The log of actions: one line of JSON for each change that was made, or may have been."""

import getpass
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

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
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
                lines = file.readlines()[-most:]
        except OSError:
            return []
        return [entry for line in lines if (entry := _entry(line))]

    def _append(self, line: str) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with suppress(FileNotFoundError):
            if os.lstat(self.path).st_size > LARGEST:
                os.replace(self.path, self.path.with_suffix(".old.jsonl"))
        descriptor = os.open(self.path, flags, 0o600)
        try:
            os.write(descriptor, line.encode("utf-8", "surrogatepass"))
        finally:
            os.close(descriptor)


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
