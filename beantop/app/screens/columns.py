"""Which columns to show: one letter a column, or the arrows and space."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.drawing.lines import Line
from beantop.app.screens.choice import Choice


class ColumnsScreen(Choice[frozenset[str] | None]):
    """Offers columns, as letter → (key, label, meaning). The answer is the keys of the chosen ones,
    none of them for the usual ones, or None: all stays as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("full_stop", "reset", "The usual ones"),
        Binding("escape", "keep", "Keep the columns"),
    ]

    def __init__(
        self, columns: Mapping[str, tuple[str, str, str]], chosen: Collection[str]
    ) -> None:
        self._columns = columns
        self._chosen = set(chosen)
        answers: list[Line] = [
            [],
            [
                ("  enter", "bold"),
                ("  show these     ", ""),
                (".", "bold"),
                ("  the usual ones     ", ""),
                ("esc", "bold"),
                ("  cancel", ""),
            ],
        ]
        super().__init__("Columns", self.rows(), answers)

    def on_key(self, event: events.Key) -> None:
        """Enter too is taken here: as a binding it would be overtaken by the letter after it."""
        if self._answered:
            return  # it is for the screen below
        if event.key == "enter":
            event.stop()
            self.answer(frozenset(self._chosen))
        elif event.key == "space":
            event.stop()
            self._toggle([key for key, _, _ in self._columns.values()][self.cursor])
        elif column := self._columns.get(event.character or ""):
            event.stop()
            self._toggle(column[0])

    def _toggle(self, key: str) -> None:
        self._chosen ^= {key}
        self.redraw()

    def action_reset(self) -> None:
        self.answer(frozenset())

    def action_keep(self) -> None:
        self.answer(None)

    def entries(self) -> list[Line]:
        return [self._line(letter, *column) for letter, column in self._columns.items()]

    def _line(self, letter: str, key: str, label: str, meaning: str) -> Line:
        sign, style = ("[x]", "sorted bold") if key in self._chosen else ("[ ]", "")
        return [(f"  {letter}  ", "bold"), (f"{sign} {label:<16}", style), (meaning, "dim")]
