"""Ranges of a text that stand out, such as the matches of a filter."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from beantop.app.view.lines import Line

Range: TypeAlias = tuple[int, int]
"""The offsets of the first character and of the one after the last."""

Find: TypeAlias = Callable[[str], Sequence[Range]]
"""Returns the ranges of a text that stand out, in order; they may overlap."""


def nothing(text: str) -> Sequence[Range]:
    """Return that nothing stands out."""
    return ()


def highlighted(line: Line, ranges: Iterable[Range], style: str) -> Line:
    """Return a line with these ranges of its text in another style.

    >>> highlighted([("an ", ""), ("ADA!", "key")], [(1, 4), (3, 5)], "found")
    [('a', ''), ('n ', 'found'), ('A', 'found'), ('D', 'found'), ('A!', 'key')]
    """
    for start, end in ranges:
        line = _restyled(line, start, end, style)
    return line


def _restyled(line: Line, start: int, end: int, style: str) -> Line:
    parts: Line = []
    at = 0
    for text, before in line:
        first, last = max(0, start - at), max(0, end - at)
        at += len(text)
        if before == style:
            parts.append((text, before))
            continue
        cut = ((text[:first], before), (text[first:last], style), (text[last:], before))
        parts += [piece for piece in cut if piece[0]]
    return parts
