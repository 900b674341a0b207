"""Questions that are answered by typing: a number of jobs or seconds, the name of a tube."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from beantop.app.dialogs.dialog import AnswerInput, Dialog
from beantop.app.questions import AskNumber, AskText
from beantop.app.view.lines import Line
from beantop.formatting import printable


class NumberInput(AnswerInput):
    """Leaves `y` to the dialog, where it means something: no number has it."""

    ANSWERS = AnswerInput.ANSWERS | {"y"}

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != "y" and super().check_consume_key(key, character)


class AskNumberDialog(Dialog[int | None]):
    """Asks for a number.

    Enter takes the number that was typed. While nothing is typed, `y` takes the usual one where
    there is one. An empty line and `esc` change nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "take_usual", "Yes"),
        Binding("escape", "keep", "Cancel"),
    ]

    ROWS_BETWEEN: ClassVar[int] = 1

    def __init__(self, question: AskNumber) -> None:
        answers: Line = [("  ", ""), (" esc  Cancel ", "cursor"), ("     ", "")]
        if question.usual is not None:
            answers += [("y  ", "bold"), (f"{question.usually}     ", "bad bold")]
        answers += [("enter  ", "bold"), ("the number typed", "")]
        super().__init__(question.title, [[], *question.lines, []], [[], answers])
        self._question = question

    def compose_more(self) -> ComposeResult:
        kind = AnswerInput if self._question.usual is None else NumberInput
        hint = self._question.hint
        yield kind(max_length=20, placeholder=hint, select_on_focus=False, compact=True)

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        self.set_focus(self._input)

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    def _taken(self, text: str) -> int | None:
        """The number of the text, if it is one that can be taken."""
        asked, number = self._question, self._question.read(text)
        return number if number is not None and asked.least <= number <= asked.most else None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        number = self._taken(event.value)
        if not event.value or number is not None:
            self.answer(number)
        else:
            self._say_what_to_type()

    def action_take_usual(self) -> None:
        typed = self._input.value
        if not typed:
            self.answer(self._question.usual)
        elif self._taken(typed) is None:
            self._say_what_to_type()
        else:
            self.notify(f"Enter takes {typed.strip()}.", markup=False)

    def _say_what_to_type(self) -> None:
        hint = self._question.hint
        self.notify(f"{hint[:1].upper()}{hint[1:]}.", markup=False)

    def action_keep(self) -> None:
        self.answer(None)


class AskTextDialog(Dialog[str | None]):
    """Asks for a text. Enter takes what was typed, if anything was; `esc` changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Cancel")]

    ROWS_BETWEEN: ClassVar[int] = 1

    def __init__(self, question: AskText) -> None:
        answers: Line = [
            ("  ", ""),
            (" esc  Cancel ", "cursor"),
            ("     enter  ", "bold"),
            (question.yes, "bad bold"),
        ]
        super().__init__(question.title, [[], *question.lines, []], [[], answers])
        self._question = question

    def compose_more(self) -> ComposeResult:
        hint = self._question.hint
        yield AnswerInput(max_length=220, placeholder=hint, select_on_focus=False, compact=True)

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        self.set_focus(self.query_one(Input))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self.answer(None)
        elif problem := self._question.check(text):
            self.notify(printable(problem), markup=False)
        else:
            self.answer(text)

    def action_keep(self) -> None:
        self.answer(None)
