"""What to sort by: one letter a column, or the arrows and enter."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.drawing.lines import Line
from beantop.app.screens.choice import Choice


class SortScreen(Choice[str | None]):
    """Offers columns, as letter → (key, label); the answer is the key of one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Keep the order")]

    def __init__(self, columns: Mapping[str, tuple[str, str]], current: str) -> None:
        self._columns = columns
        self._current = current
        keys = [key for key, _ in columns.values()]
        self.cursor = keys.index(current) if current in keys else 0
        hint: Line = [("   the same again reverses the order", "dim")]
        super().__init__("Sort by", self.rows(), [[], hint])

    def on_key(self, event: events.Key) -> None:
        """Enter too is taken here: as a binding it would be overtaken by the letter after it."""
        if self._answered:
            return  # it is for the screen below
        if event.key == "enter":
            event.stop()
            self.answer([key for key, _ in self._columns.values()][self.cursor])
        elif column := self._columns.get(event.character or ""):
            event.stop()
            self.answer(column[0])

    def action_keep(self) -> None:
        self.answer(None)

    def entries(self) -> list[Line]:
        return [
            [(f"   {letter}  ", "bold"), (f"{label:<18}", "sorted" if key == self._current else "")]
            for letter, (key, label) in self._columns.items()
        ]
