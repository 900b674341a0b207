"""What dialogs that offer a list have in common: a cursor, beside the letter of each entry."""

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType

from beantop.app.drawing.lines import Line
from beantop.app.screens.dialog import Dialog
from beantop.app.widgets.drawn import Lines

T = TypeVar("T")


class Choice(Dialog[T]):
    """Draws `rows` again whenever the cursor moves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down"),
        Binding("up", "move(-1)", "Up"),
    ]

    cursor = 0
    """The number of the entry it stands on."""

    _last = 0
    """That of the last one."""

    def entries(self) -> list[Line]:
        """The lines of the entries."""
        raise NotImplementedError

    def rows(self) -> list[Line]:
        """The lines of the entries, that of the cursor told by its style."""
        entries = self.entries()
        self._last = len(entries) - 1
        for place, line in enumerate(entries):
            if place == self.cursor:
                entries[place] = [(text, "cursor") for text, _ in line]
        return [[], *entries]

    def redraw(self) -> None:
        self.query_one("#dialog-lines", Lines).show(self.rows())

    def action_move(self, by: int) -> None:
        self.cursor = max(0, min(self.cursor + by, self._last))
        self.redraw()
        self.query_one("#dialog-scroll").scroll_to(y=max(0, self.cursor - 3), animate=False)
