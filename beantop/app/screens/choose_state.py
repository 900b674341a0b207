"""Which jobs of a tube: those of one state, by its letter."""

from collections.abc import Mapping

from textual import events

from beantop.app.drawing.lines import Line
from beantop.app.screens.dialog import Dialog
from beantop.beanstalk import State
from beantop.text import full

LETTERS: Mapping[State, str] = {"ready": "r", "reserved": "s", "delayed": "d", "buried": "b"}


class ChooseStateScreen(Dialog[State | None]):
    """Offers the states of `counts`; any other key that does not scroll keeps all as it is."""

    def __init__(self, title: str, lines: list[Line], counts: Mapping[State, int | None]) -> None:
        self._states: dict[str | None, State] = {LETTERS[state]: state for state in counts}
        offers: list[Line] = [
            [(f"   {letter}  ", "bold"), (f"{state:<9}", ""), (full(counts[state]), "bold")]
            for letter, state in self._states.items()
        ]
        super().__init__(title, [[], *lines, [], *offers], [[], [("  esc  cancels", "dim")]])

    def on_key(self, event: events.Key) -> None:
        if event.key in self.SCROLLING:
            return
        event.stop()
        if self.hears(event.time):
            self.answer(self._states.get(event.character))
        elif event.key == "escape":
            self.answer(None)
