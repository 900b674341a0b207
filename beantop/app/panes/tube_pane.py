"""A table of tubes, of one server or of all, with filters: by words, by condition, without idle
tubes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.keys import named
from beantop.app.messages import Chosen, CopyWanted
from beantop.app.panes.table_pane import Orders, TablePane
from beantop.app.view.column import Column, Order, Row
from beantop.app.view.tube_filter import TubeFilter
from beantop.app.view.tube_rows import BY_NAME, WORST_FIRST, remembered
from beantop.formatting import printable

HOLD_SECONDS = 3.0
"""Seconds for which rows keep their order after the cursor moved."""


class TubePane(TablePane[Row, str]):
    """Holds the filter that the user chose. Its owner finds the tubes and draws them."""

    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("exclamation_mark", "only_problems", "Only tubes with a sign"),
            Binding("z", "without_idle", "Hide or show idle tubes"),
            Binding("w", "worst_first", "Sort worst first, or by name"),
            Binding("y", "copy", "Copy the tube's name"),
        ]
    )

    def __init__(
        self,
        columns_for: Callable[[int], Sequence[Column[Row]]],
        key_of: Callable[[Row], str],
        name_of: Callable[[Row], str],
        orders: Orders,
        order: Order,
        redraw: Callable[[], None],
        now: Callable[[], float],
        *,
        marks: bool = True,
        without_idle: bool = False,
    ) -> None:
        """`name_of` returns the name of a row's tube; `now` the time, in seconds."""
        super().__init__(columns_for, key_of, orders, order, redraw, id="tubes", marks=marks)
        self.only = TubeFilter(without_idle=without_idle)
        self._name_of, self._now = name_of, now
        self._moved_at = -math.inf
        self._arranged_by: object = None

    def holds(self, chosen: object) -> bool:
        """Return whether the rows keep their order on the screen: while the user moves the cursor or
        has marked rows, unless something else was `chosen` to arrange them by meanwhile."""
        is_moving = self._now() - self._moved_at < HOLD_SECONDS or bool(self.table.marked)
        if is_moving and self._arranged_by == chosen:
            return True
        self._arranged_by = chosen
        return False

    def filtered(self, words: str) -> None:
        self._show_only(replace(self.only, words=words))

    def show_more(self) -> bool:
        """Undo one step: clear the words, or else show tubes without a condition again. Return
        whether there was anything to undo."""
        if self.filter.clear():
            return True
        had_only_problems = self.only.only_problems
        self._show_only(replace(self.only, only_problems=False))
        return had_only_problems

    def set_order(self, order: Order) -> None:
        super().set_order(order)
        self.post_message(Chosen(sort=remembered(order)))

    def on_live_table_moved(self) -> None:
        self._moved_at = self._now()

    # Keys:

    def action_copy(self) -> None:
        if row := self.table.current:
            name = printable(self._name_of(row))
            self.post_message(CopyWanted(name, name))

    def action_worst_first(self) -> None:
        self.set_order(BY_NAME if self.order == WORST_FIRST else WORST_FIRST)

    def action_only_problems(self) -> None:
        self._show_only(replace(self.only, only_problems=not self.only.only_problems))

    def action_without_idle(self) -> None:
        hidden = not self.only.without_idle
        self.post_message(Chosen(hide_idle=hidden))
        self._show_only(replace(self.only, without_idle=hidden))

    def _show_only(self, tubes: TubeFilter) -> None:
        self.only = tubes
        self.redraw()
