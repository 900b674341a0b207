"""A question for a word or two before something is changed: the name of a tube, a priority."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from beantop.app.drawing.lines import Line
from beantop.app.screens.dialog import AnswerInput, Dialog
from beantop.text import shown


class AskTextScreen(Dialog[str | None]):
    """Asks for a text that `check` finds nothing wrong with; it answers with a sentence, or nothing.

    Enter takes what was typed, if anything was; `esc` keeps things as they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Cancel")]

    ROWS_BETWEEN: ClassVar[int] = 1

    def __init__(
        self,
        title: str,
        lines: Sequence[Line],
        *,
        hint: str,
        yes: str,
        check: Callable[[str], str] = lambda text: "",
    ) -> None:
        answers: Line = [
            ("  ", ""),
            (" esc  Cancel ", "cursor"),
            ("     enter  ", "bold"),
            (yes, "bad bold"),
        ]
        super().__init__(title, [[], *lines, []], [[], answers])
        self._hint = hint
        self._check = check

    def compose_more(self) -> ComposeResult:
        yield AnswerInput(
            max_length=220, placeholder=self._hint, select_on_focus=False, compact=True
        )

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self.answer(None)
        elif problem := self._check(text):
            self.notify(shown(problem), markup=False)
        else:
            self.answer(text)

    def action_keep(self) -> None:
        self.answer(None)
