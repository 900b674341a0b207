"""The lines of a live table: its header, and its rows as segments."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from beantop.app.view.column import GAP, Column, Order, Row
from beantop.app.view.highlight import highlighted
from beantop.app.view.lines import Line, fitted, width_of

MARK = "*"
"""Sign of a marked row, if its first cell leaves room: color is never the only sign."""

StyleOf: TypeAlias = Callable[[str], Style]
"""Returns the combined style of some style names."""


def header_line(placed: Sequence[tuple[Column[Row], int]], order: Order, width: int) -> Line:
    """Return the labels of the columns, with an arrow on the one that rows are sorted by."""
    line: Line = []
    for column, cells in placed:
        if column.key == order.key:
            line.append(
                (_ordered(column, cells, "▼" if order.descending else "▲"), "column sorted")
            )
        else:
            line += [(fitted(column.label, cells, right=column.right), "column")]
            line += [(" " * GAP, "column")]
    return [*line, (" " * max(0, width - width_of(line)), "column")]


def _ordered(column: Column[Row], cells: int, sign: str) -> str:
    """Return the label of the sorted column, with the gap after it."""
    if column.right or cell_len(column.label) >= cells:
        return fitted(column.label, cells, right=column.right) + sign  # in the gap
    return fitted(column.label + sign, cells + GAP)


def _on(kind: str, names: str) -> str:
    """Return the styles of a cell in a row of that kind. What is dim is as bright as its row.

    >>> _on("", "dim"), _on("marked", "dim"), _on("marked", "bad bold")
    ('dim', 'marked', 'marked bad bold')
    """
    if not kind:
        return names
    return kind if names == "dim" else f"{kind} {names}"


def row_segments(
    row: Row,
    placed: Sequence[tuple[Column[Row], int]],
    width: int,
    style_of: StyleOf,
    *,
    kind: str = "",
    marked: bool = False,
) -> list[Segment]:
    """Return one row in exactly `width` cells. A `kind` is a style for the whole row, on which cells
    keep their colors.

    Neighbors of the same style become one segment, which Textual draws faster.
    """
    base = style = style_of(kind)
    segments: list[Segment] = []
    text, left = "", width
    for column, cells in placed:
        content, names = column.cell(row)
        cell_names = _on(kind, names) if names else kind
        shown = fitted(content, cells, right=column.right) + " " * min(GAP, left - cells)
        left -= cells + GAP
        for piece, piece_style in _pieces(column, shown, cell_names, style_of):
            if piece_style is not style:
                if text:
                    segments.append(Segment(text, style))
                text, style = "", piece_style
            text += piece
    segments.append(Segment(text, style))
    if left > 0:
        segments.append(Segment(" " * left, base))
    if marked and segments[0].text.startswith(" "):
        segments[0] = Segment(MARK + segments[0].text[1:], segments[0].style)
    return segments


def _pieces(
    column: Column[Row], text: str, names: str, style_of: StyleOf
) -> Iterable[tuple[str, Style]]:
    """Yield the pieces of a cell in their styles: what stands out in it, and the rest."""
    style = style_of(names)
    if not column.find or not (ranges := column.find(text)):
        return [(text, style)]
    found = style_of(f"{names} found")
    line = highlighted([(text, "")], ranges, "found")
    return [(piece, found if name else style) for piece, name in line]
