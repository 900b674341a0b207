"""The lines of a live table, made of a row or of the order, and of the columns in their places."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from beantop.app.view.column import GAP, Column, Order, Row
from beantop.app.view.lines import Line, fitted, width_of

MARK = "*"
"""Of a marked row, where its first cell leaves room: color is never the only sign."""

StyleOf: TypeAlias = Callable[[str], Style]
"""The style of these names together."""


def header_line(placed: Sequence[tuple[Column[Row], int]], order: Order, width: int) -> Line:
    """The names of the columns; one tells that the rows are ordered by it."""
    line: Line = []
    for column, wide in placed:
        if column.key == order.key:
            line.append((_ordered(column, wide, "▼" if order.descending else "▲"), "column sorted"))
        else:
            line += [(fitted(column.label, wide, right=column.right), "column")]
            line += [(" " * GAP, "column")]
    return [*line, (" " * max(0, width - width_of(line)), "column")]


def _ordered(column: Column[Row], wide: int, sign: str) -> str:
    """The name of the column by which rows are ordered, with the gap after it."""
    if column.right or cell_len(column.label) >= wide:
        return fitted(column.label, wide, right=column.right) + sign  # in the gap
    return fitted(column.label + sign, wide + GAP)


def row_segments(
    row: Row,
    placed: Sequence[tuple[Column[Row], int]],
    width: int,
    style_of: StyleOf,
    *,
    kind: str = "",
    marked: bool = False,
) -> list[Segment]:
    """One row in exactly `width` cells. A `kind` is the one style that all of it has.

    Neighbors of the same style become one segment, which Textual draws faster.
    """
    base = style = style_of(kind)
    segments: list[Segment] = []
    text, left = "", width
    for column, wide in placed:
        content, names = column.cell(row)
        cell_style = base if not names or kind else style_of(names)
        if cell_style is not style:
            if text:
                segments.append(Segment(text, style))
            text, style = "", cell_style
        text += fitted(content, wide, right=column.right) + " " * min(GAP, left - wide)
        left -= wide + GAP
    segments.append(Segment(text, style))
    if left > 0:
        segments.append(Segment(" " * left, base))
    if marked and segments[0].text.startswith(" "):
        segments[0] = Segment(MARK + segments[0].text[1:], segments[0].style)
    return segments
