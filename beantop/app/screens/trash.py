"""All deletions that are kept, the latest first, to choose one to put back."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.drawing.lines import Line, fitted, shorten_end
from beantop.app.screens.choice import Choice
from beantop.jobs.deletion import Summary
from beantop.text import duration, full, shown

WHAT_WIDTH, SERVER_WIDTH = 34, 24

EMPTY = "  Nothing is in the trash: nothing was deleted in the last 30 days.  "


class TrashScreen(Choice[Summary | None]):
    """The answer is the deletion that is to be put back, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down"),
        Binding("k", "move(-1)", "Up"),
        Binding("enter", "choose", "Put back"),
        Binding("escape,q,u", "keep", "Close"),
    ]

    def __init__(self, deletions: Sequence[Summary], now: float) -> None:
        self._deletions = list(deletions)
        self._now = now
        hint: Line = [
            ("  enter", "bold"),
            (" puts it back, after a question     ", ""),
            ("esc", "bold"),
            (" closes", ""),
        ]
        super().__init__("Trash", self.rows(), [[], hint])

    def action_choose(self) -> None:
        self.answer(self._deletions[self.cursor] if self._deletions else None)

    def action_keep(self) -> None:
        self.answer(None)

    def entries(self) -> list[Line]:
        return [self._line(deletion) for deletion in self._deletions] or [[(EMPTY, "")]]

    def _line(self, deletion: Summary) -> Line:
        ago = duration(max(0.0, self._now - deletion.time))
        what = fitted(shorten_end(shown(deletion.what), WHAT_WIDTH), WHAT_WIDTH)
        server = fitted(shorten_end(shown(deletion.server), SERVER_WIDTH), SERVER_WIDTH)
        text = f"  {ago:>7} ago  {_rest(deletion):<17}  {what}  {server}  "
        return [(text, "" if deletion.restorable else "dim")]


def _rest(deletion: Summary) -> str:
    """What can be done with it."""
    if deletion.restorable:
        return f"{full(deletion.restorable)} to put back"
    return "put back" if deletion.put_back else "nothing to put back"
