"""A question for a number before something is changed: how many jobs, how many seconds."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from beantop.app.lines import Line
from beantop.app.screens.dialog import Dialog
from beantop.app.widgets.drawn import Lines


class NumberInput(Input):
    """Takes digits, and leaves all other keys to the dialog."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character is not None and character.isdigit()


class AskNumberScreen(Dialog[int | None]):
    """Asks for a number from 1 to `most`.

    Enter takes the number that was typed, `y` takes `usual` where there is one. An empty line and
    `esc` keep things as they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "take_usual", "Yes", priority=True),
        Binding("escape", "keep", "Keep"),
    ]

    def __init__(
        self, title: str, lines: Sequence[Line], most: int, unit: str, usual: int | None
    ) -> None:
        super().__init__(title, [[], *lines, []])
        self._most = most
        self._unit = unit
        self._usual = usual

    def compose_more(self) -> ComposeResult:
        yield NumberInput(
            restrict="[0-9]*",
            max_length=10,
            placeholder=f"1 to {self._most:,}",
            select_on_focus=False,
            compact=True,
        )
        yield Lines(id="dialog-answers")

    def on_mount(self) -> None:
        super().on_mount()
        answers: Line = [("   ", ""), (" esc  Keep ", "cursor"), ("     ", "")]
        if self._usual is not None:
            answers += [("y  ", "bold"), (f"{self._usual:,} {self._unit}     ", "bad bold")]
        answers += [("enter  ", "bold"), ("the number typed", "")]
        self.query_one("#dialog-answers", Lines).show([[], answers])
        self.query_one(NumberInput).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.deaf:
            return
        if not event.value:
            self.dismiss(None)
        elif 1 <= int(event.value) <= self._most:
            self.dismiss(int(event.value))
        else:
            self.notify(f"It takes a number from 1 to {self._most:,}.", markup=False)

    def action_take_usual(self) -> None:
        if self._usual is not None and not self.deaf:
            self.dismiss(self._usual)

    def action_keep(self) -> None:
        self.dismiss(None)
