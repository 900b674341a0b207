"""What stands on the screen, line by line, so that only what changed is drawn again.

Rule 1: a line is compared with what stands on the screen before it is drawn again.
Rule 2: what was prepared for the next frame is dropped whenever anything changes before it.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from rich.segment import Segment

Segments: TypeAlias = list[Segment]

Draw: TypeAlias = Callable[[int], Segments]
"""Makes a line by its number."""


class LineCache:
    """The lines of a widget as they were drawn last, and as the next frame will draw them."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._drawn: dict[int, Segments] = {}
        self._prepared: dict[int, Segments] = {}

    def __bool__(self) -> bool:
        """Whether anything is known to stand on the screen."""
        return bool(self._drawn)

    def forget(self) -> None:
        """All lines are to be drawn again."""
        self._drawn, self._prepared = {}, {}

    def changed(self, lines: Iterable[int]) -> list[int]:
        """Those of the lines that no longer are what stands on the screen."""
        made = {y: self._draw(y) for y in lines}
        self._prepared = {y: line for y, line in made.items() if line != self._drawn.get(y)}
        return list(self._prepared)

    def line(self, y: int) -> Segments:
        """What is to stand on that line, which is drawn now."""
        self._drawn[y] = self._prepared.pop(y, []) or self._draw(y)
        return self._drawn[y]
