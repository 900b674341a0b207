"""Screens with a live table whose order the user chooses."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic

from textual.binding import Binding, BindingType

from beantop.app.drawing.lines import Piece
from beantop.app.screens.sort import SortScreen
from beantop.app.screens.watching import WatchingScreen, Work
from beantop.app.widgets.column import Column, Order, Row, sortable
from beantop.app.widgets.live_table import LiveTable

EVERY_COLUMN = 10_000
"""Cells of a window that would have room for all columns."""


class OrderedScreen(WatchingScreen, Generic[Row]):
    """The table and the keys for its order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="enter"),
        Binding("s,f6", "sort", "Sort", tooltip="Choose the order"),
        Binding("less_than_sign", "sort_beside(-1)", "Sort by the column left", show=False),
        Binding("greater_than_sign", "sort_beside(1)", "Sort by the column right", show=False),
        Binding("i", "invert", "Reverse the order", show=False),
    ]

    LETTERS: ClassVar[Mapping[str, str]]
    """The key that stands for a column where one is to be chosen, by the column's."""
    LABELS: ClassVar[Mapping[str, str]] = {}
    """What columns are called there, where the head of the table has too little room."""
    ASCENDING: ClassVar[str] = "name"
    """The column that is read from its beginning."""
    ROW: ClassVar[str] = ""
    """What stands before the key of a row at the beginning of a sentence."""

    table: LiveTable[Row, Any]  # each screen knows what its keys are
    order: Order

    # What each screen gives:

    def columns(self, width: int) -> list[Column[Row]]:
        """Those that a window of this width has room for."""
        raise NotImplementedError

    def action_open(self) -> None:
        """Open what the cursor stands on."""
        raise NotImplementedError

    def reordered(self) -> None:
        """The user chose another order."""
        self.redraw()

    # What they share:

    def label_of(self, column: Column[Row]) -> str:
        return self.LABELS.get(column.key, column.label)

    @property
    def ordering(self) -> Column[Row]:
        """The column that the table is ordered by."""
        columns = sortable(self.columns(EVERY_COLUMN))
        return next(column for column in columns if column.key == self.order.key)

    @property
    def order_words(self) -> Piece:
        """By what it is ordered, which may be a column that is not shown."""
        label = self.LABELS.get(self.order.key) or self.ordering.label
        return f"sort {label} {'▼' if self.order.descending else '▲'}", ""

    def in_order(self, rows: Iterable[Row]) -> list[Row]:
        value_of: Callable[[Row], float | str] | None = self.ordering.sort
        assert value_of  # or it would not be among the sortable ones
        return sorted(rows, key=value_of, reverse=self.order.descending)

    def order_by(self, key: str) -> None:
        self.order = self.order.chosen(key, self.ASCENDING)
        self.reordered()

    def act_on_rows(self, work: Work) -> None:
        """Carry out an action on the marked rows, or on the one under the cursor if there was time
        to see it there."""
        slide = None if self.table.marked else self.table.unseen
        if slide:
            work.close()
            now = self.table.current_key
            self.say(f"{self.ROW}{slide.gone} has gone: the cursor stands on {now} now.")
        else:
            self.act(work)

    # Keys:

    def action_sort(self) -> None:
        columns = sortable(self.columns(self.size.width))
        choices = {self.LETTERS[one.key]: (one.key, self.label_of(one)) for one in columns}
        self.choose(SortScreen(choices, self.order.key), self.order_by)

    def action_sort_beside(self, by: int) -> None:
        keys = [column.key for column in sortable(self.columns(self.size.width))]
        at = keys.index(self.order.key) if self.order.key in keys else 0
        self.order_by(keys[(at + by) % len(keys)])

    def action_invert(self) -> None:
        self.order_by(self.order.key or self.ASCENDING)

    def on_live_table_header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        self.order_by(event.column)

    def on_live_table_marked(self) -> None:
        self.redraw()

    def on_live_table_opened(self) -> None:
        self.action_open()
