"""All deletions that are kept, the latest first, to choose one to put back."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.lines import Line, fitted, shorten_end
from beantop.app.screens.dialog import Dialog
from beantop.app.widgets.drawn import Lines
from beantop.jobs.trash import Deletion
from beantop.text import duration, full, shown

WHAT_WIDTH, SERVER_WIDTH = 34, 20


class TrashScreen(Dialog[Deletion | None]):
    """The answer is the deletion that is to be put back, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down"),
        Binding("up,k", "move(-1)", "Up"),
        Binding("enter", "choose", "Put back"),
        Binding("escape,q,u", "keep", "Close"),
    ]

    def __init__(self, deletions: Sequence[Deletion], now: float) -> None:
        self._deletions = list(deletions)
        self._now = now
        self._cursor = 0
        hint: Line = [
            ("  enter", "bold"),
            (" puts it back, after a question     ", ""),
            ("esc", "bold"),
            (" closes", ""),
        ]
        super().__init__("Trash", self._rows(), [[], hint])

    def action_move(self, by: int) -> None:
        self._cursor = max(0, min(self._cursor + by, len(self._deletions) - 1))
        self.query_one("#dialog-lines", Lines).show(self._rows())
        self.query_one("#dialog-scroll").scroll_to(y=max(0, self._cursor - 3), animate=False)

    def action_choose(self) -> None:
        self.answer(self._deletions[self._cursor] if self._deletions else None)

    def action_keep(self) -> None:
        self.answer(None)

    def _rows(self) -> list[Line]:
        if not self._deletions:
            return [
                [],
                [("  Nothing is in the trash: nothing was deleted in the last 30 days.", "")],
            ]
        return [[], *(self._row(place, one) for place, one in enumerate(self._deletions))]

    def _row(self, place: int, deletion: Deletion) -> Line:
        ago = duration(max(0.0, self._now - deletion.time))
        what = fitted(shorten_end(shown(deletion.what), WHAT_WIDTH), WHAT_WIDTH)
        server = fitted(shorten_end(shown(deletion.server), SERVER_WIDTH), SERVER_WIDTH)
        text = f"  {ago:>8} ago  {what}  {server}  {_rest(deletion)}  "
        style = "cursor" if place == self._cursor else "" if deletion.restorable else "dim"
        return [(text, style)]


def _rest(deletion: Deletion) -> str:
    """What can be done with it."""
    if left := len(deletion.restorable):
        return f"{full(left)} to put back"
    return "put back" if deletion.put_back else "nothing to put back"
