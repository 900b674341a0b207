"""A question before something is changed. Only `y` says yes; keys that scroll say nothing, and every
other key says no, unless it was pressed before the question was drawn, as when `D` is held down."""

from textual import events

from beantop.app.dialogs.dialog import Dialog
from beantop.app.questions import Confirm
from beantop.app.view.lines import Line


class ConfirmDialog(Dialog[bool]):
    """Asks whether to do what the title and the lines say."""

    def __init__(self, question: Confirm) -> None:
        answers: Line = [
            ("  ", ""),
            (f" n  {question.no} ", "cursor"),
            ("      y  ", "bold"),
            (question.yes, "bad bold"),
        ]
        super().__init__(question.title, [[], *question.lines], [[], answers])

    def on_key(self, event: events.Key) -> None:
        if event.key in self.SCROLLING:
            return
        event.stop()
        if event.key == "y" and self.accepts(event.time):
            self.answer(True)
        elif event.key != "y" and self.was_drawn(event.time):
            self.answer(False)
