"""The columns of a live table: what stands in a cell, and how wide columns become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from beantop.app.view.lines import Piece

Row = TypeVar("Row")

GAP = 1
"""Cells between two columns."""

EDGE = 1
"""Cells that stay free at the right end of the table."""

MIN_COUNT = 4
"""Cells in which something can be told; a column that has fewer of those that it needs is left out."""


@dataclass(frozen=True)  # with slots, Python 3.11 cannot call a subscripted Generic
class Column(Generic[Row]):
    """One column. A `width` of 0 takes what the others leave."""

    key: str
    label: str
    width: int
    cell: Callable[[Row], Piece]
    """The text of a row in this column, safe to show, and its style."""
    right: bool = True
    sort: Callable[[Row], float | str] | None = None
    """What rows are put in order by; None for a column that has no order."""


class Order(NamedTuple):
    """The key of the column that a table is ordered by, and which end comes first."""

    key: str
    descending: bool = False

    def chosen(self, key: str, ascending: str) -> "Order":
        """The order after that column was chosen: the largest first, but `ascending` from its
        beginning. The same column again turns the order round.

        >>> Order("ready", True).chosen("name", "name"), Order("ready", True).chosen("ready", "name")
        (Order(key='name', descending=False), Order(key='ready', descending=False))
        """
        return Order(key, not self.descending if key == self.key else key != ascending)


AS_THEY_COME = Order("")


def sortable(columns: Sequence[Column[Row]]) -> list[Column[Row]]:
    """Those of the columns by which rows can be ordered."""
    return [column for column in columns if column.sort]


def laid_out(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """The columns with their real widths, and as many of them as there is room for."""
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


def column_at(x: int, placed: Sequence[tuple[Column[Row], int]]) -> Column[Row] | None:
    """The column that stands there, or whose gap does."""
    end = 0
    for column, width in placed:
        end += width + GAP
        if x < end:
            return column
    return None
