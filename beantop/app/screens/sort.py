"""What to sort by: one letter a column."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.lines import Line
from beantop.app.screens.dialog import Dialog


class SortScreen(Dialog[str | None]):
    """Offers columns, as letter → (key, label); the answer is the key of one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Keep the order")]

    def __init__(self, columns: Mapping[str, tuple[str, str]], current: str) -> None:
        self._columns = columns
        lines = [_line(letter, *column, current) for letter, column in columns.items()]
        hint: Line = [("   the same again reverses the order", "dim")]
        super().__init__("Sort by", [[], *lines], [[], hint])

    def on_key(self, event: events.Key) -> None:
        if self._answered:
            return  # it is for the screen below
        if column := self._columns.get(event.character or ""):
            event.stop()
            self.answer(column[0])

    def action_keep(self) -> None:
        self.answer(None)


def _line(letter: str, key: str, label: str, current: str) -> Line:
    return [(f"   {letter}  ", "bold"), (label, "sorted" if key == current else "")]
