"""Remembers the lines on the screen, so that only changed lines are redrawn.

Rule 1: a line is compared with the one on the screen before it is redrawn.
Rule 2: lines prepared for the next frame are dropped if anything changes before it.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from rich.segment import Segment

Segments: TypeAlias = list[Segment]

Draw: TypeAlias = Callable[[int], Segments]
"""Creates the line with that number."""


class LineCache:
    """The lines of a widget, as last drawn and as prepared for the next frame."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._drawn: dict[int, Segments] = {}
        self._prepared: dict[int, Segments] = {}

    def __bool__(self) -> bool:
        """Whether any line has been drawn."""
        return bool(self._drawn)

    def forget(self) -> None:
        """Forget all lines, so that they are redrawn."""
        self._drawn, self._prepared = {}, {}

    def changed(self, lines: Iterable[int]) -> list[int]:
        """Return the lines that differ from the screen, and prepare them for the next frame."""
        new = {y: self._draw(y) for y in lines}
        self._prepared = {y: line for y, line in new.items() if line != self._drawn.get(y)}
        return list(self._prepared)

    def line(self, y: int) -> Segments:
        """Return the line, which is now being drawn."""
        self._drawn[y] = self._prepared.pop(y, []) or self._draw(y)
        return self._drawn[y]
