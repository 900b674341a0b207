"""The columns of a live table: their cells, their widths and their order."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from beantop.app.view.highlight import Find
from beantop.app.view.lines import Piece

Row = TypeVar("Row")

GAP = 1
"""Cells between two columns."""

EDGE = 1
"""Free cells at the right edge of the table."""

MIN_COUNT = 4
"""Minimum width of a cut column, in cells: with less room, the column is left out."""


class Column(NamedTuple, Generic[Row]):
    """One column. A `width` of 0 takes the room that the others leave."""

    key: str
    label: str
    width: int
    cell: Callable[[Row], Piece]
    """Returns the printable text of a row in this column, with its style."""
    right: bool = True
    sort: Callable[[Row], float | str] | None = None
    """Returns the sort key of a row; None if rows cannot be sorted by this column."""
    find: Find | None = None
    """Returns what stands out in the text of a cell; None for nothing."""


class Order(NamedTuple):
    """The key of the column that a table is sorted by, and the direction."""

    key: str
    descending: bool = False

    def chosen(self, key: str, ascending: str) -> "Order":
        """Return the order after the user chose the column `key`.

        The largest value comes first, except for the column `ascending`. Choosing the current
        column reverses the order.

        >>> Order("ready", True).chosen("name", "name"), Order("ready", True).chosen("ready", "name")
        (Order(key='name', descending=False), Order(key='ready', descending=False))
        """
        return Order(key, not self.descending if key == self.key else key != ascending)


AS_THEY_COME = Order("")


def sortable(columns: Sequence[Column[Row]]) -> list[Column[Row]]:
    """Return the columns that rows can be sorted by."""
    return [column for column in columns if column.sort]


def laid_out(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """Return the columns that fit in `width` cells, with their final widths."""
    width -= EDGE
    fixed = sum(column.width + GAP for column in columns) - GAP
    placed = []
    left = width
    for column in columns:
        wanted = column.width or max(1, width - fixed)
        if left < (min(column.width, MIN_COUNT) or 1):
            break
        placed.append((column, min(wanted, left)))
        left -= wanted + GAP
    return placed


def name_room(columns: Sequence[Column[Row]]) -> int:
    """Return the cells that these columns leave for a name."""
    return next(column.width for column in columns if column.key == "name")


def column_at(x: int, placed: Sequence[tuple[Column[Row], int]]) -> Column[Row] | None:
    """Return the column at the horizontal position `x`; a gap belongs to the column before it."""
    end = 0
    for column, width in placed:
        end += width + GAP
        if x < end:
            return column
    return None
