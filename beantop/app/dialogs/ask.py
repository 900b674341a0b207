"""Dialogs whose answer is typed: a number of jobs or seconds, the name of a tube."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from beantop.app.dialogs.dialog import AnswerInput, Dialog, button, button_line
from beantop.app.questions import AskNumber, AskText, Offer
from beantop.formatting import printable


class AskNumberDialog(Dialog[int | Offer | None]):
    """Asks for a number.

    Enter accepts the number in the line, or the word for the largest one. A number that is too
    large is lowered with a message, and needs another enter. While the line is empty, `y` accepts
    the usual number, if there is one, and the key of an offer takes that. Enter on an empty line says what
    to type; `esc` cancels.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "take_usual", "Yes"),
        Binding("escape", "keep", "Cancel"),
    ]

    ROWS_BETWEEN: ClassVar[int] = 1

    MUST_BE_READ = True

    def __init__(self, question: AskNumber, offer: Offer | None = None) -> None:
        buttons = [button("enter", question.yes), button("esc", "Cancel", "cursor")]
        if offer:
            buttons.insert(1, button(offer.key, offer.label))
        if question.usual is not None:
            buttons.insert(0, button("y", question.usually, "bad bold"))
        super().__init__(question.title, [[], *question.lines, []], [[], button_line(buttons)])
        self._question, self.offer = question, offer

    def compose_more(self) -> ComposeResult:
        hint = self._question.hint
        line = AnswerInput(max_length=20, placeholder=hint, select_on_focus=False, compact=True)
        usual = {"y"} if self._question.usual is not None else set()
        line.letters = frozenset({self.offer.key, *usual} if self.offer else usual)
        yield line

    def on_mount(self) -> None:  # Textual also calls Dialog.on_mount, first
        self.set_focus(self._input)

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    def _read(self, text: str) -> int | None:
        """Return the number in the text, or None if it is neither a number nor the word for one."""
        question = self._question
        if question.word and text.strip().lower() == question.word:
            return question.most
        return question.read(text)

    def _is_accepted(self, number: int | None) -> bool:
        return number is not None and self._question.least <= number <= self._question.most

    def on_input_submitted(self, event: Input.Submitted) -> None:
        number = self._read(event.value)
        if self._is_accepted(number):
            self.answer(number)
        elif number is not None and number > self._question.most and self._question.too_many:
            self._lower()
        else:
            self._show_hint()

    def on_input_changed(self) -> None:
        self.note("")

    def on_key(self, event: events.Key) -> None:
        if event.key == self.offer_key:
            event.stop()
            self.take_offer()

    def take_offer(self) -> None:
        self._take(self.offer)

    def action_take_usual(self) -> None:
        self._take(self._question.usual)

    def _take(self, answer: int | Offer | None) -> None:
        """Answer by a letter, unless something is typed."""
        typed = self._input.value
        if not typed:
            self.answer(answer)
        elif self._is_accepted(self._read(typed)):
            self.note(f"Press enter to use {typed.strip()}.")
        else:
            self._show_hint()

    def _lower(self) -> None:
        """Write the largest number in the line, for another enter."""
        line = self._input
        with line.prevent(Input.Changed):
            line.value = f"{self._question.most:,}"
        line.cursor_position = len(line.value)
        self.note(self._question.too_many)

    def _show_hint(self) -> None:
        hint = self._question.hint
        self.note(f"{hint[:1].upper()}{hint[1:]}.")

    def action_keep(self) -> None:
        self.answer(None)


class _FirstMatch(Suggester):
    """Shows the rest of the first match behind the cursor."""

    def __init__(self, complete: Callable[[str], str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return self._complete(value) or None


class CompletingInput(AnswerInput):
    """An input line in which tab takes the first match."""

    def complete_with(self, complete: Callable[[str], str]) -> None:
        self._complete = complete
        self.suggester = _FirstMatch(complete)

    async def on_key(self, event: events.Key) -> None:
        """Handle tab at once, before the keys after it."""
        if event.key == "tab":
            event.stop()
            event.prevent_default()
            self.value = self._complete(self.value) or self.value
            self.action_end()


class AskTextDialog(Dialog[str | None]):
    """Asks for a text. Enter accepts it as it was typed; enter on an empty line and `esc` cancel."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Cancel")]

    STYLE: ClassVar[str] = "bad bold"
    """The style of the button that accepts."""

    ROWS_BETWEEN: ClassVar[int] = 1

    MUST_BE_READ = True

    def __init__(self, question: AskText) -> None:
        buttons = [button("enter", question.yes, self.STYLE), button("esc", "Cancel", "cursor")]
        if question.complete:
            buttons.insert(1, button("tab", "Complete"))
        super().__init__(question.title, [[], *question.lines, []], [[], button_line(buttons)])
        self._question = question

    def compose_more(self) -> ComposeResult:
        question = self._question
        kind = CompletingInput if question.complete else AnswerInput
        line = kind(
            question.text,
            max_length=220,
            placeholder=question.hint,
            select_on_focus=False,
            compact=True,
        )
        if question.complete and isinstance(line, CompletingInput):
            line.complete_with(question.complete)
        yield line

    def on_mount(self) -> None:  # Textual also calls Dialog.on_mount, first
        line = self.query_one(Input)
        self.set_focus(line)
        line.action_end()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self.answer(None)
        elif problem := self._question.check(text):
            self.note(printable(problem))
        else:
            self.answer(text)

    def on_input_changed(self) -> None:
        self.note("")

    def action_keep(self) -> None:
        self.answer(None)


class ChooseTextDialog(AskTextDialog):
    """Asks for a text that only changes what is shown, so that no key is too early."""

    STYLE = "bold"

    IS_GUARDED = False

    MUST_BE_READ = False

    def confirms(self, key: events.Key) -> bool:
        return True
