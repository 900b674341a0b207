"""A question before something is changed. Only `y` says yes; keys that scroll say nothing, and every
other key says no, unless it was pressed before the question was drawn, as when `D` is held down."""

from collections.abc import Sequence

from textual import events

from beantop.app.drawing.lines import Line
from beantop.app.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """Asks whether to do what the title and the lines say; `yes` and `no` say what each answer does."""

    def __init__(self, title: str, lines: Sequence[Line], yes: str, no: str = "Cancel") -> None:
        answers: Line = [
            ("  ", ""),
            (f" n  {no} ", "cursor"),
            ("      y  ", "bold"),
            (yes, "bad bold"),
        ]
        super().__init__(title, [[], *lines], [[], answers])

    def on_key(self, event: events.Key) -> None:
        if event.key in self.SCROLLING:
            return
        event.stop()
        if event.key == "y" and self.hears(event.time):
            self.answer(True)
        elif event.key != "y" and self.was_drawn(event.time):
            self.answer(False)
