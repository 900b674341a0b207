"""A question before something is changed. Only `y` says yes; every other key says no."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.lines import Line
from beantop.app.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """Asks whether to do what the title and the lines say; `yes` and `no` say what each answer does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "accept", "Yes")]

    def __init__(self, title: str, lines: Sequence[Line], yes: str, no: str = "Cancel") -> None:
        answers: Line = [
            ("  ", ""),
            (f" n  {no} ", "cursor"),
            ("      y  ", "bold"),
            (yes, "bad bold"),
        ]
        super().__init__(title, [[], *lines], [[], answers])

    def action_accept(self) -> None:
        if not self.deaf:
            self.answer(True)

    def on_key(self, event: events.Key) -> None:
        if event.key != "y":
            event.stop()
            self.answer(False)
