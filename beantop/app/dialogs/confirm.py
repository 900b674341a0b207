"""A question before something is changed.

Only `y` confirms; while lines of the question are below the window, it scrolls to them. Scroll keys do
not answer, and any other key cancels, unless it was pressed before the question was drawn, as when `D`
is held down.
"""

from textual import events

from beantop.app.dialogs.dialog import Dialog, button, button_line
from beantop.app.questions import Confirm, Offer


class ConfirmDialog(Dialog[bool | Offer]):
    """Asks whether to do what the title and the lines say. The key of an offer takes that instead."""

    MUST_BE_READ = True

    def __init__(self, question: Confirm, offer: Offer | None = None) -> None:
        buttons = [button("y", question.yes, "bad bold"), button("n", question.no, "cursor")]
        if offer:
            buttons.insert(1, button(offer.key, offer.label))
        super().__init__(question.title, [[], *question.lines], [[], button_line(buttons)])
        self.offer = offer

    def take_offer(self) -> None:
        if self.offer:
            self.answer(self.offer)

    def on_key(self, event: events.Key) -> None:
        if event.key in self.SCROLLING:
            return
        event.stop()
        if event.key == self.offer_key:
            self.take_offer()
        elif event.key == "y":
            if self.confirms(event):
                self.answer(True)
        elif self.was_drawn(event.time):
            self.answer(False)
        else:
            self.note_unheard(event)
