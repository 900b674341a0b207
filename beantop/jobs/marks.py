"""Marks: words about a moment, such as "deploy 2.3", that running dashboards show.

They are lines of JSON in a file of this user, which each dashboard reads again every second.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from beantop.formatting import printable
from beantop.jobs.storage import make_private, open_ours

MAX_TEXT = 200
"""Characters of a mark."""

MAX_BYTES = 65_536
"""Bytes at the end of the file that are read when a dashboard starts."""

MAX_MARKS = 200
"""Number of the newest marks that are shown."""


class Mark(NamedTuple):
    """A moment and its words, which are safe to show."""

    at: float
    """Unix time."""
    text: str


def add_mark(path: Path, mark: Mark) -> None:
    """Append a mark to the file. Raises `OSError`."""
    make_private(path.parent)
    line = json.dumps({"at": mark.at, "text": mark.text[:MAX_TEXT]}) + "\n"
    descriptor = open_ours(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


class MarksFile:
    """Reads what is new in the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_to: int | None = None

    def read_new(self) -> list[Mark]:
        """Return the marks since the last call; at first those at the end of the file. A file that cannot
        be read has none."""
        with suppress(OSError):
            return list(_marks_in(self._new_bytes()))
        return []

    def _new_bytes(self) -> bytes:
        with os.fdopen(open_ours(self._path, os.O_RDONLY), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = max(0, size - MAX_BYTES) if self._read_to is None else self._read_to
            if start > size:  # it was replaced
                start = 0
            file.seek(start)
            data = file.read(MAX_BYTES)
        end = data.rfind(b"\n") + 1  # the last line may not be complete yet
        self._read_to = start + end
        return data[:end]


def _marks_in(data: bytes) -> Iterator[Mark]:
    """Yield the marks in lines; other lines are ignored."""
    for line in data.splitlines():
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            value = json.loads(line)
            yield Mark(float(value["at"]), printable(str(value["text"])[:MAX_TEXT]))
