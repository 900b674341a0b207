"""Which part of which line of a body stands on which row of the screen."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from beantop.app.view.lines import ELLIPSIS, cells_of
from beantop.formatting import printable
from beantop.jobs.bodies.lines import EvenLines

MAX_CELLS = 10
"""That one character takes when it is shown: as an escape, `\\U0010ffff`."""


@dataclass(frozen=True, slots=True)
class Part:
    """What stands on a row."""

    line: int
    """The number of the line, from 0."""
    text: str
    """The whole line, safe to show."""
    start: int
    end: int
    """From where to where it stands on this row."""


class BodyRows:
    """The rows of some lines, each wrapped after `room` cells, or cut there.

    Only the lines that take several rows are kept, so that a million short ones cost no more than
    to look how long they are.
    """

    def __init__(self, lines: Sequence[str], room: int, *, wrap: bool) -> None:
        self._lines = lines
        self._room = room
        self._wrap = wrap
        self._tall: list[int] = []  # the numbers of the lines that take several rows
        self._texts: list[str] = []  # they, safe to show
        self._breaks: list[Sequence[int]] = []  # where in them rows begin
        self._first: list[int] = []  # on which row they begin
        more = 0
        for number, text, breaks in _wrapped(lines, room) if wrap else ():
            self._tall.append(number)
            self._texts.append(text)
            self._breaks.append(breaks)
            self._first.append(number + more)
            more += len(breaks) - 1
        self._len = len(lines) + more

    def __len__(self) -> int:
        return self._len

    def at(self, row: int) -> Part:
        """What stands on that row."""
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
        """On which row the character with that number stands, of that line as it is shown."""
        before = bisect_right(self._tall, line) - 1
        if before < 0:
            return line
        breaks = self._breaks[before]
        if self._tall[before] == line:
            return self._first[before] + bisect_right(breaks, start) - 1
        return self._first[before] + len(breaks) - 1 + line - self._tall[before]

    def _whole(self, line: int) -> Part:
        text = self._lines[line]
        most = len(text) if self._wrap else 2 * self._room
        safe = printable(text[:most]) + (ELLIPSIS if most < len(text) else "")
        return Part(line, safe, 0, len(safe))


def _wrapped(lines: Sequence[str], room: int) -> Iterator[tuple[int, str, Sequence[int]]]:
    """The lines that take several rows: their numbers, how they are shown, where rows begin."""
    if isinstance(lines, EvenLines) and lines.longest <= room:
        return
    surely_short = room // MAX_CELLS
    for number in [at for at, text in enumerate(lines) if len(text) > surely_short]:
        text = printable(lines[number])
        breaks = _breaks(text, room)
        if len(breaks) > 1:
            yield number, text, breaks


def _breaks(text: str, room: int) -> Sequence[int]:
    """Where rows begin: a wide character is never cut in two, nor an accent taken from its letter.

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
