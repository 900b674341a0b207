"""A titled box over the screen that waits for an answer."""

import math
import time
from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from beantop.app.keys import unheard
from beantop.app.questions import Offer
from beantop.app.terminal import MIN_HEIGHT, MIN_WIDTH
from beantop.app.view.lines import Line, dimmed, wrapped
from beantop.app.widgets.prompt import Prompt
from beantop.app.widgets.styled import Lines
from beantop.ascii_signs import ASCII
from beantop.formatting import plural

T = TypeVar("T")

MIN_DIALOG = 44
"""Minimum width of a dialog in cells, if the window has room for it."""

INPUT_GUARD_SECONDS = 0.3
"""A key pressed within this time after the dialog was drawn cannot confirm: it was meant for the
screen below. What counts is when the key was pressed, not when a busy program handles it. Until the
dialog listens, its buttons are dim."""


TIMER_MARGIN = 0.01
"""Seconds by which Textual's clock may be ahead of ours."""


PRESSED = {"esc": "escape", "enter": "enter", "tab": "tab"}
"""The keys of buttons that are no letters, by their labels."""


def button(key: str, label: str, style: str = "") -> Line:
    """Return a button: a key and what it does. A click presses the key. The style "cursor" is for the safe
    answer."""
    key_style = "cursor" if style == "cursor" else "bold"
    name = key if len(key) == 1 and key.isalnum() else PRESSED.get(key, "")
    click = f" @press({name!r})" if name else ""
    return [(f"{key} ", key_style + click), (label[:1].upper() + label[1:], style + click)]


def button_line(buttons: Sequence[Line]) -> Line:
    """Return one line of buttons.

    >>> from beantop.app.view.lines import plain
    >>> plain(button_line([button("y", "Kick 9 jobs", "bad bold"), button("n", "Cancel", "cursor")]))
    '  y Kick 9 jobs · n Cancel'
    """
    line: Line = [("  ", "")]
    for position, pieces in enumerate(buttons):
        line += [*([(" · ", "dim")] if position else []), *pieces]
    return line


def room_in(width: int) -> int:
    """Return the cells of a line in a dialog, in a window of this width: at most 90 %, less the
    border, the padding and the scrollbar.

    >>> room_in(80)
    67
    """
    return int(width * 0.9) - 5


class Dialog(ModalScreen[T]):
    """A titled box: lines, which scroll if they do not fit, and below them the answers, which are
    always visible."""

    SCROLLING: ClassVar[frozenset[str]] = frozenset({"down", "up", "pagedown", "pageup"})
    """Keys that scroll in every dialog and never answer it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", "Down"),
        Binding("up", "scroll(-1)", "Up"),
        Binding("pagedown", "page(1)", "Page down"),
        Binding("pageup", "page(-1)", "Page up"),
    ]

    ROWS_BETWEEN: ClassVar[int] = 0
    """Lines of the window that `compose_more` takes."""

    MUST_BE_READ: ClassVar[bool] = False
    """Whether a key can confirm only after all lines were on the screen."""

    IS_GUARDED: ClassVar[bool] = True
    """Whether keys that come too early are not heard."""

    CANCELING: ClassVar[frozenset[str]] = frozenset({"escape"})
    """Keys that cancel, but not before the dialog was drawn."""

    def __init__(self, title: str, lines: Sequence[Line], answers: Sequence[Line] = ()) -> None:
        super().__init__()
        self._title = title
        self._lines = list(lines)
        self._answers = list(answers)
        self._shown_at = math.inf
        self._read_at = math.inf if self.MUST_BE_READ else -math.inf
        self._ignored_at = -math.inf
        """When a key came too early: one that is held down must not confirm later."""
        self._rows = 0
        """Number of lines after wrapping."""
        self._room = 0
        """Number of lines that fit into the window."""
        self._note = ""
        """A sentence about the last key, above the answers."""
        self._listens = not self.IS_GUARDED
        """Whether the answers are drawn as buttons that can be pressed."""
        self._answered = False
        self.offer: Offer | None = None
        """What leads to another question. Its key is taken however early it comes."""
        self.take_early_keys: Callable[[], Sequence[events.Key]] = tuple
        """Returns the keys that were pressed before the dialog was opened, and forgets them."""

    @property
    def offer_key(self) -> str:
        """The key that takes the offer; "" if there is none."""
        return self.offer.key if self.offer else ""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            dialog.styles.min_width = max(MIN_DIALOG, cell_len(self._title) + 6)
            with VerticalScroll(id="dialog-scroll", can_focus=False):
                yield Lines(id="dialog-lines")
            yield from self.compose_more()
            yield Lines(id="dialog-answers")

    def compose_more(self) -> ComposeResult:
        """Yield the widgets between the lines and the answers."""
        yield from ()

    def on_mount(self) -> None:
        self._draw()
        for key in self.take_early_keys()[-1:]:
            if key.key == self.offer_key:
                self.call_after_refresh(self.take_offer)
            else:
                self.note_unheard(key)
        self.watch(self.query_one("#dialog-scroll"), "scroll_y", self._note_scrolled, init=False)
        self.call_after_refresh(self._note_shown)

    def show(self, lines: Sequence[Line], answers: Sequence[Line] | None = None) -> None:
        """Show these lines instead of the current ones, and other answers if given."""
        self._lines = list(lines)
        if answers is not None:
            self._answers = list(answers)
        self._draw()

    def note(self, sentence: str) -> None:
        """Say something about the last key, above the answers; "" takes it away."""
        if sentence != self._note:
            self._note = sentence
            self._draw()

    def _draw(self) -> None:
        """Fit the lines and the answers to the window."""
        width = room_in(self.app.size.width)
        lines = [part for line in self._lines for part in self.fit(line, width)]
        answers = [part for line in self._below() for part in wrapped(line, width)]
        self.query_one("#dialog-lines", Lines).show(lines)
        self.query_one("#dialog-answers", Lines).show(answers)
        below = len(answers) + self.ROWS_BETWEEN  # and two lines of border
        scroll = self.query_one("#dialog-scroll")
        self._rows, self._room = len(lines), max(1, self.app.size.height - 2 - below)
        scroll.styles.max_height = self._room
        self._note_scrolled()

    def _below(self) -> list[Line]:
        """Return the lines below the others: the answers, with the note in place of an empty line."""
        answers = self._answers if self._listens else [dimmed(line) for line in self._answers]
        if not self._note:
            return answers
        return [[(f" {self._note}", "warn")], *(answers if answers[:1] != [[]] else answers[1:])]

    def fit(self, line: Line, width: int) -> list[Line]:
        """Return a line as lines of at most `width` cells."""
        return wrapped(line, width)

    def _note_shown(self) -> None:
        self._shown_at = time.monotonic()
        self._draw_buttons()

    def _draw_buttons(self) -> None:
        """Draw the answers as buttons if they can be pressed now, and else once they can."""
        listens = not self.IS_GUARDED or self.accepts(time.monotonic())
        if listens != self._listens:
            self._listens = listens
            self._draw()
        left = self.accepts_from - time.monotonic()
        if self.IS_GUARDED and 0 < left < math.inf:
            self.set_timer(left + TIMER_MARGIN, self._draw_buttons)

    def _note_scrolled(self) -> None:
        """Tell how many lines are further down, and note when the last one appears."""
        if not self.MUST_BE_READ:
            return
        unseen = self._rows - self._room - round(self.query_one("#dialog-scroll").scroll_y)
        sign = f"↓ {plural(unseen, 'more line')}" if unseen > 0 else ""
        in_ascii = self.app.has_class("-ascii")
        self.query_one("#dialog").border_subtitle = Content(
            sign.translate(ASCII) if in_ascii else sign
        )
        if unseen <= 0 and self._read_at == math.inf:
            self._read_at = time.monotonic()
            self.call_after_refresh(self._draw_buttons)

    def action_press(self, key: str) -> None:
        """Press a key, as a click on its button does."""
        self.app.simulate_key(key)

    def on_click(self, event: events.Click) -> None:
        """A click outside the box closes it, as esc does."""
        if event.widget is self:
            self.action_press("escape")

    def action_scroll(self, lines: int) -> None:
        self.query_one("#dialog-scroll").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        self.action_scroll(pages * self.query_one("#dialog-scroll").size.height)

    def answer(self, answer: T) -> None:
        """Close with this answer. Later answers, from keys pressed meanwhile, are ignored."""
        if not self._answered:
            self._answered = True
            self.pop_until_active()  # close what is on top of it first
            self.dismiss(answer)

    def on_resize(self, event: events.Resize) -> None:
        self._draw()
        self._draw_buttons()

    def was_drawn(self, pressed_at: float) -> bool:
        """Whether the dialog was on the screen when a key was pressed."""
        return pressed_at >= self._shown_at

    def accepts(self, pressed_at: float) -> bool:
        """Whether a key pressed then may confirm: not too early, not before all was read, and in a
        window that is large enough."""
        width, height = self.app.size
        readable = width >= MIN_WIDTH and height >= MIN_HEIGHT
        return readable and pressed_at >= self.accepts_from

    @property
    def accepts_from(self) -> float:
        """The time from which on a key may confirm."""
        return max(self._shown_at, self._read_at, self._ignored_at) + INPUT_GUARD_SECONDS

    def confirms(self, key: events.Key) -> bool:
        """Whether this key confirms. If there is more to read, scroll to it instead; if the key came
        too early, say so."""
        if key.time < self._shown_at + INPUT_GUARD_SECONDS:
            self._ignore(key)
        elif self._read_at == math.inf:
            self.action_page(1)
        elif key.time < self.accepts_from:
            self._ignore(key)
        return self.accepts(key.time)

    def _ignore(self, key: events.Key) -> None:
        self._ignored_at = key.time
        self.note_unheard(key)
        self._draw_buttons()

    def take_offer(self) -> None:
        """Answer with the offer."""

    def note_unheard(self, key: events.Key) -> None:
        """Say that a key came before the dialog listened."""
        self.note(unheard(key))

    def on_key(self, event: events.Key) -> None:
        """Do not let a key cancel that was pressed before the question could be read."""
        if self.IS_GUARDED and event.key in self.CANCELING and not self.was_drawn(event.time):
            event.stop()
            self.note_unheard(event)


class AnswerInput(Prompt):
    """The input line of a dialog. Keys that confirm are ignored while the dialog does not accept them."""

    letters: frozenset[str] = frozenset()
    """Keys left to the dialog: nothing that can be typed contains them."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key not in self.letters and super().check_consume_key(key, character)

    async def on_key(self, event: events.Key) -> None:
        """Handle enter at once, before the keys after it. Leave other answers to the dialog, and drop
        answers that come too early."""
        dialog = self.screen
        if event.key in {"enter", *self.letters} and isinstance(dialog, Dialog):
            event.prevent_default()
            if event.key == dialog.offer_key:
                return
            if not dialog.confirms(event):
                event.stop()
            elif event.key == "enter":
                event.stop()
                await self.action_submit()


class Notice(Dialog[None]):
    """Text to read, scroll and close."""

    IS_GUARDED = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,f1,enter", "close", "Close", key_display="esc"),
        Binding("j", "scroll(1)", "Down"),
        Binding("k", "scroll(-1)", "Up"),
        Binding("space", "page(1)", "Page down"),
        Binding("home,g", "scroll(-100000)", "Top"),
        Binding("end,G", "scroll(100000)", "Bottom"),
    ]

    CLOSES = "esc"
    """The keys that the last line shows."""

    def __init__(self, title: str, lines: Sequence[Line], offers: Sequence[Line] = ()) -> None:
        """Make a notice; `offers`, always visible above the last line, are other keys and their actions."""
        buttons = [button(self.CLOSES, "Close", "dim"), button("↓ ↑", "Scroll", "dim")]
        super().__init__(title, lines, [*offers, button_line(buttons)])

    def action_close(self) -> None:
        self.answer(None)
