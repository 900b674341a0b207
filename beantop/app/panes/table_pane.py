"""A live table with a rule line above it, a sort order and a filter line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, Generic, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from beantop.app.keys import named
from beantop.app.view.column import Column, Order, Row, sortable
from beantop.app.view.lines import Line, Piece
from beantop.app.widgets.filter import Filter
from beantop.app.widgets.live_table import LiveTable
from beantop.app.widgets.selection import Key
from beantop.app.widgets.styled import Lines

EVERY_COLUMN = 10_000
"""Width in cells of a window with room for all columns."""

FILTER_HINT = "words and, a|b or, !x not, /re/ regex"


class Orders(NamedTuple):
    """The sort orders of a table."""

    letters: Mapping[str, str]
    """Letters that choose the columns in the sort dialog, by column key."""
    ascending: str = "name"
    """Key of the column that is sorted in ascending order by default."""
    labels: Mapping[str, str] | None = None
    """Full names of columns with abbreviated heads, by column key."""
    names: Mapping[Order, str] = {}
    """Names of orders that the head of a column does not tell."""


class TablePane(Vertical, Generic[Row, Key], inherit_bindings=False):
    """A table with sorting and marks. Its owner supplies the rows and filters them."""

    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("s,f6", "sort", "Sort", tooltip="Choose the sort order"),
            # The names of these two in [keys] come from their descriptions.
            Binding(
                "less_than_sign",
                "sort_beside(-1)",
                "Sort by the column left",
                tooltip="Sort by the column to the left",
            ),
            Binding(
                "greater_than_sign",
                "sort_beside(1)",
                "Sort by the column right",
                tooltip="Sort by the column to the right",
            ),
            Binding("i", "invert", "Reverse the order"),
            Binding("slash,f3,f4", "filter", "Filter", key_display="/", tooltip="Filter the rows"),
        ]
    )

    FOOTER: ClassVar[Sequence[str]] = ()
    """Names of the keys that the footer shows, in order."""

    ROW: ClassVar[str] = ""
    """Prefix of a row's key in a sentence, as "job "."""

    OPEN: ClassVar[str] = "screen.open"
    """The action that opens the row under the cursor."""

    def __init__(
        self,
        columns_for: Callable[[int], Sequence[Column[Row]]],
        key_of: Callable[[Row], Key],
        orders: Orders,
        order: Order,
        redraw: Callable[[], None],
        *,
        id: str,
        marks: bool = True,
        filter_hint: str = FILTER_HINT,
    ) -> None:
        """`redraw` sorts and shows the rows again; `id` is the widget id of the table.

        An empty `filter_hint` disables the filter.
        """
        super().__init__()
        self.table: LiveTable[Row, Key] = LiveTable(
            columns_for, key_of, marks=marks, id=id, classes="main"
        )
        self.order = order
        self._rule = Lines(id="rule")
        self.filter = Filter(self, filter_hint, self.filtered)
        self._can_filter = bool(filter_hint)
        self._columns_for = columns_for
        self._orders = orders
        self.redraw = redraw

    def compose(self) -> ComposeResult:
        yield self._rule
        yield self.table

    def filtered(self, words: str) -> None:
        """Show only the rows that match the words of a filter."""

    def show_rule(self, line: Line) -> None:
        self._rule.show([line])

    def show_rows(
        self,
        rows: Sequence[Row],
        *,
        below: Sequence[Line] = (),
        chosen: object = None,
        at_top: bool = False,
        at_end: bool = False,
    ) -> None:
        """Show rows that are sorted already; see `LiveTable.show`."""
        self.table.show(
            rows, order=self.order, below=below, chosen=chosen, at_top=at_top, at_end=at_end
        )

    def in_order(self, rows: Iterable[Row]) -> list[Row]:
        value_of = self._ordering.sort
        assert value_of  # _ordering is a sortable column
        return sorted(rows, key=value_of, reverse=self.order.descending)

    @property
    def order_words(self) -> Piece:
        """The sort order, for the rule line. Its column may be hidden."""
        if name := self._orders.names.get(self.order):
            return name, "@sort"
        labels = self._orders.labels or {}
        label = labels.get(self.order.key) or self._ordering.label
        return f"sort {label} {'▼' if self.order.descending else '▲'}", "@sort"

    @property
    def why_just_moved(self) -> str:
        """Why a key must not act on the row under the cursor, if that has just changed; else ""."""
        if self.table.marked or not (shift := self.table.just_moved):
            return ""
        before, now = f"{self.ROW}{shift.before}", f"{self.ROW}{self.table.current_key}"
        if shift.is_gone:
            return f"{self.ROW.capitalize()}{shift.before} is gone. The cursor is now on {now}. Nothing was done."
        return f"The cursor has just moved from {before} to {now}. Nothing was done."

    def unmark(self) -> bool:
        """Remove all marks. Return whether there were any."""
        had_marks = bool(self.table.marked)
        if had_marks:
            self.table.marked = frozenset()
            self.redraw()
        return had_marks

    def order_by(self, key: str) -> None:
        self.set_order(self.chosen_order.chosen(key, self._orders.ascending))

    @property
    def chosen_order(self) -> Order:
        """The order that the user chose, which may take a while to be applied."""
        return self.order

    def set_order(self, order: Order) -> None:
        """Show the rows in this order, with the cursor on the first one."""
        self.order = order
        self.redraw()
        self.table.move_to(0)

    @property
    def _ordering(self) -> Column[Row]:
        """The column that the table is ordered by."""
        columns = sortable(self._columns_for(EVERY_COLUMN))
        return next(column for column in columns if column.key == self.order.key)

    def _label_of(self, column: Column[Row]) -> str:
        return (self._orders.labels or {}).get(column.key, column.label)

    # Keys:

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._can_filter or action != "filter"

    def action_sort(self) -> None:
        columns = sortable(self._columns_for(self.screen.size.width))
        digits = iter("123456789")  # for columns without a letter, as far as they go
        letters = {
            column.key: self._orders.letters.get(column.key) or next(digits, "")
            for column in columns
        }
        choices = {
            letters[column.key]: (column.key, self._label_of(column))
            for column in columns
            if letters[column.key]
        }
        from beantop.app.dialogs.pick import OrderDialog

        if self.screen.is_active:  # at once, so that the next key reaches the dialog
            self.app.push_screen(OrderDialog(choices, self.chosen_order.key), self._take_order)

    def _take_order(self, key: str | None) -> None:
        if key is not None:
            self.order_by(key)

    def action_sort_beside(self, by: int) -> None:
        keys = [column.key for column in sortable(self._columns_for(self.screen.size.width))]
        chosen = self.chosen_order.key
        at = keys.index(chosen) if chosen in keys else 0
        self.order_by(keys[(at + by) % len(keys)])

    def action_invert(self) -> None:
        self.order_by(self.chosen_order.key or self._orders.ascending)

    def action_filter(self) -> None:
        self.filter.open()

    def on_live_table_header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        self.order_by(event.column)

    def on_live_table_marked(self) -> None:
        self.redraw()

    async def on_live_table_opened(self) -> None:
        await self.run_action(self.OPEN)
