"""Maps rows of the screen to parts of the lines of a body."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from beantop.app.view.lines import ELLIPSIS, cells_of
from beantop.formatting import printable
from beantop.jobs.bodies.lines import EvenLines

MAX_CELLS = 10
"""Maximum width of one character on the screen: as an escape, `\\U0010ffff`."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a line that is on one row."""

    line: int
    """Index of the line."""
    text: str
    """The whole line, printable."""
    start: int
    end: int
    """The range of `text` that is on this row."""


class BodyRows:
    """The rows of lines, each wrapped, or cut after `room` cells and without its first `shift`
    characters.

    Only lines that take several rows are stored, so that a million short lines cost no more than
    a check of their lengths.
    """

    def __init__(self, lines: Sequence[str], room: int, *, wrap: bool, shift: int = 0) -> None:
        self._lines = lines
        self._shift = 0 if wrap else shift
        self._room = room
        self._wrap = wrap
        self._tall: list[int] = []  # indexes of the lines that take several rows
        self._texts: list[str] = []  # those lines, printable
        self._breaks: list[Sequence[int]] = []  # the offsets in them at which rows begin
        self._first: list[int] = []  # their first rows
        extra_rows = 0
        for number, text, breaks in _wrapped(lines, room) if wrap else ():
            self._tall.append(number)
            self._texts.append(text)
            self._breaks.append(breaks)
            self._first.append(number + extra_rows)
            extra_rows += len(breaks) - 1
        self._len = len(lines) + extra_rows

    def __len__(self) -> int:
        return self._len

    def at(self, row: int) -> Part:
        """Return the part on that row."""
        before = bisect_right(self._first, row) - 1
        if before < 0:
            return self._whole(row)
        breaks = self._breaks[before]
        below = row - self._first[before]
        if below >= len(breaks):
            return self._whole(self._tall[before] + below - len(breaks) + 1)
        text = self._texts[before]
        end = breaks[below + 1] if below + 1 < len(breaks) else len(text)
        return Part(self._tall[before], text, breaks[below], end)

    def row_of(self, line: int, start: int) -> int:
        """Return the row of a character: the index of its line, and its offset in the printable text."""
        before = bisect_right(self._tall, line) - 1
        if before < 0:
            return line
        breaks = self._breaks[before]
        if self._tall[before] == line:
            return self._first[before] + bisect_right(breaks, start) - 1
        return self._first[before] + len(breaks) - 1 + line - self._tall[before]

    def _whole(self, line: int) -> Part:
        text = self._lines[line]
        length = len(text) if self._wrap else self._shift + 2 * self._room
        shown = printable(text[:length]) + (ELLIPSIS if length < len(text) else "")
        return Part(line, shown, min(self._shift, len(shown)), len(shown))


def _wrapped(lines: Sequence[str], room: int) -> Iterator[tuple[int, str, Sequence[int]]]:
    """Yield the lines that take several rows: index, printable text, offsets of the rows."""
    if isinstance(lines, EvenLines) and lines.longest <= room:
        return
    surely_short = room // MAX_CELLS
    for number in [at for at, text in enumerate(lines) if len(text) > surely_short]:
        text = printable(lines[number])
        breaks = _breaks(text, room)
        if len(breaks) > 1:
            yield number, text, breaks


def _breaks(text: str, room: int) -> Sequence[int]:
    """Return the offsets at which rows begin. No break splits a wide character, or a letter and its
    accent.

    >>> list(_breaks("abcdef", 4)), list(_breaks("a漢字e", 4))
    ([0, 4], [0, 2])
    """
    if 2 * len(text) <= room:
        return (0,)
    if text.isascii():
        return range(0, len(text), room)
    cells = list(accumulate(map(cells_of, text)))
    breaks = [0]
    while True:
        before = cells[breaks[-1] - 1] if breaks[-1] else 0
        following = max(bisect_right(cells, before + room), breaks[-1] + 1)
        if following >= len(text):
            return breaks
        breaks.append(following)
