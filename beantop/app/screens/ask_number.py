"""A question for a number before something is changed: how many jobs, how many seconds."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from beantop.app.drawing.lines import Line
from beantop.app.screens.dialog import AnswerInput, Dialog


def read_count(text: str) -> int | None:
    """A number of jobs as people type it.

    >>> read_count("8"), read_count("1,204"), read_count("2h")
    (8, 1204, None)
    """
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def read_seconds(text: str) -> int | None:
    """A time span as people type it, in seconds.

    >>> read_seconds("90"), read_seconds("10m"), read_seconds("2h"), read_seconds("soon")
    (90, 600, 7200, None)
    """
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    text = text.strip().lower()
    if text and text[-1] in units:
        count = read_count(text[:-1])
        return None if count is None else count * units[text[-1]]
    return read_count(text)


class NumberInput(AnswerInput):
    """Leaves `y` to the dialog: no number has it."""

    ANSWERS = AnswerInput.ANSWERS | {"y"}

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != "y" and super().check_consume_key(key, character)


class AskNumberScreen(Dialog[int | None]):
    """Asks for a number from `least` to `most`.

    Enter takes the number that was typed, `y` takes `usual` where there is one (`usually` says what
    it means). An empty line and `esc` keep things as they are.
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
        yield NumberInput(
            max_length=20, placeholder=self._hint, select_on_focus=False, compact=True
        )

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        self.query_one(NumberInput).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        number = self._read(event.value)
        if not event.value:
            self.answer(None)
        elif number is not None and self._least <= number <= self._most:
            self.answer(number)
        else:
            self.notify(f"{self._hint[:1].upper()}{self._hint[1:]}.", markup=False)

    def action_take_usual(self) -> None:
        if self._usual is not None:
            self.answer(self._usual)

    def action_keep(self) -> None:
        self.answer(None)
