"""A question for a number before something is changed: how many jobs, how many seconds."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from beantop.app.drawing.lines import Line
from beantop.app.screens.dialog import AnswerInput, Dialog
from beantop.monitor.rules import parse_duration


def read_count(text: str) -> int | None:
    """A number of jobs as people type it.

    >>> read_count("8"), read_count("1,204"), read_count("2h")
    (8, 1204, None)
    """
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def read_seconds(text: str) -> int | None:
    """A time span as people type it, in whole seconds.

    >>> read_seconds("90"), read_seconds("10M"), read_seconds("1.5h"), read_seconds("soon")
    (90, 600, 5400, None)
    """
    try:
        return round(parse_duration(text.lower().replace(",", "")))
    except ValueError:
        return None


class NumberInput(AnswerInput):
    """Leaves `y` to the dialog, where it means something: no number has it."""

    ANSWERS = AnswerInput.ANSWERS | {"y"}

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != "y" and super().check_consume_key(key, character)


class AskNumberScreen(Dialog[int | None]):
    """Asks for a number from `least` to `most`.

    Enter takes the number that was typed. As long as nothing is, `y` takes `usual` where there is
    one (`usually` says what it means). An empty line and `esc` keep things as they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "take_usual", "Yes"),
        Binding("escape", "keep", "Cancel"),
    ]

    ROWS_BETWEEN: ClassVar[int] = 1

    def __init__(
        self,
        title: str,
        lines: Sequence[Line],
        *,
        read: Callable[[str], int | None],
        least: int = 1,
        most: int,
        hint: str,
        usual: int | None,
        usually: str = "",
    ) -> None:
        answers: Line = [("  ", ""), (" esc  Cancel ", "cursor"), ("     ", "")]
        if usual is not None:
            answers += [("y  ", "bold"), (f"{usually}     ", "bad bold")]
        answers += [("enter  ", "bold"), ("the number typed", "")]
        super().__init__(title, [[], *lines, []], [[], answers])
        self._read = read
        self._least = least
        self._most = most
        self._hint = hint
        self._usual = usual

    def compose_more(self) -> ComposeResult:
        kind = AnswerInput if self._usual is None else NumberInput
        yield kind(max_length=20, placeholder=self._hint, select_on_focus=False, compact=True)

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        self._input.focus()

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    def _taken(self, text: str) -> int | None:
        """The number of the text, if it is one that can be taken."""
        number = self._read(text)
        return number if number is not None and self._least <= number <= self._most else None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        number = self._taken(event.value)
        if not event.value or number is not None:
            self.answer(number)
        else:
            self._say_what_to_type()

    def action_take_usual(self) -> None:
        typed = self._input.value
        if not typed:
            self.answer(self._usual)
        elif self._taken(typed) is None:
            self._say_what_to_type()
        else:
            self.notify(f"Enter takes {typed.strip()}.", markup=False)

    def _say_what_to_type(self) -> None:
        self.notify(f"{self._hint[:1].upper()}{self._hint[1:]}.", markup=False)

    def action_keep(self) -> None:
        self.answer(None)
