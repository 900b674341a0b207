"""Lists to pick from: an order, columns, a state, a deletion."""

from collections.abc import Collection, Mapping
from typing import ClassVar, TypeVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.dialogs.dialog import Dialog, button, button_line
from beantop.app.questions import PickDeletion, PickState
from beantop.app.view.lines import Line, cut, fitted, shorten_end
from beantop.beanstalk import State
from beantop.formatting import duration, grouped, printable
from beantop.jobs.trash.deletion import Summary

T = TypeVar("T")

STATE_LETTERS: Mapping[State, str] = {"ready": "r", "reserved": "s", "delayed": "d", "buried": "b"}

WHAT_WIDTH, SERVER_WIDTH = 34, 24
"""Widths of a deletion's columns, in cells."""

EMPTY_TRASH = "  The trash is empty: nothing was deleted in the last 30 days.  "


class PickDialog(Dialog[T]):
    """A list with a cursor; it is redrawn whenever the cursor moves."""

    IS_GUARDED = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down"),
        Binding("up,k", "move(-1)", "Up"),
    ]

    cursor = 0
    """Index of the current entry."""

    _last = 0
    """Index of the last entry."""

    def entries(self) -> list[Line]:
        """Return the lines of the entries."""
        raise NotImplementedError

    def rows(self) -> list[Line]:
        """Return the lines of the entries, with the current one highlighted."""
        entries = self.entries()
        self._last = len(entries) - 1
        for place, line in enumerate(entries):
            click = f"@pick({place})"
            is_current = place == self.cursor
            entries[place] = [
                (text, f"{'cursor' if is_current else style} {click}") for text, style in line
            ]
        return [*self.before(), *entries]

    def before(self) -> list[Line]:
        """Return the lines above the entries."""
        return [[]]

    def fit(self, line: Line, width: int) -> list[Line]:
        return [cut(line, width)]  # an entry is one line

    def redraw(self) -> None:
        self.show(self.rows())

    def action_pick(self, place: int) -> None:
        """Choose an entry, as a click on it does."""
        self.action_move(place - self.cursor)
        self.action_press("enter")

    def action_move(self, by: int) -> None:
        self.cursor = max(0, min(self.cursor + by, self._last))
        self.redraw()
        row = len(self.before()) - 1 + self.cursor
        self.query_one("#dialog-scroll").scroll_to(y=max(0, row - 3), animate=False)


class OrderDialog(PickDialog[str | None]):
    """Offers columns to sort by, as letter → (key, label); the answer is a key, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Keep the order")]

    def __init__(self, columns: Mapping[str, tuple[str, str]], current: str) -> None:
        self._columns = columns
        self._current = current
        keys = [key for key, _ in columns.values()]
        self.cursor = keys.index(current) if current in keys else 0
        hint: Line = [("   Choose the current column to reverse the order.", "dim")]
        super().__init__("Sort by", self.rows(), [[], hint])

    def on_key(self, event: events.Key) -> None:
        """Handle enter here too: as a binding, it would run after the letter that follows it."""
        if self._answered:
            return  # the key is meant for the screen below
        if event.key == "enter":
            event.stop()
            self.answer([key for key, _ in self._columns.values()][self.cursor])
        elif column := self._columns.get(event.character or ""):
            event.stop()
            self.answer(column[0])

    def action_keep(self) -> None:
        self.answer(None)

    def entries(self) -> list[Line]:
        return [
            [(f"   {letter}  ", "bold"), (f"{label:<18}", "sorted" if key == self._current else "")]
            for letter, (key, label) in self._columns.items()
        ]


class ColumnsDialog(PickDialog[frozenset[str] | None]):
    """Offers columns to show, as letter → (key, label, meaning).

    The answer is the keys of the chosen columns, an empty set for the default columns, or None for
    no change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("full_stop", "reset", "Default columns"),
        Binding("escape", "keep", "Keep the columns"),
    ]

    def __init__(
        self, columns: Mapping[str, tuple[str, str, str]], chosen: Collection[str]
    ) -> None:
        self._columns = columns
        self._chosen = set(chosen)
        buttons = [button("enter", "Apply"), button(".", "Defaults"), button("esc", "Cancel")]
        super().__init__("Columns", self.rows(), [[], button_line(buttons)])

    def on_key(self, event: events.Key) -> None:
        """Handle enter here too: as a binding, it would run after the letter that follows it."""
        if self._answered:
            return  # the key is meant for the screen below
        if event.key == "enter":
            event.stop()
            self.answer(frozenset(self._chosen))
        elif event.key == "space":
            event.stop()
            self._toggle([key for key, _, _ in self._columns.values()][self.cursor])
        elif column := self._columns.get(event.character or ""):
            event.stop()
            self._toggle(column[0])

    def action_pick(self, place: int) -> None:
        self.action_move(place - self.cursor)
        self.action_press("space")

    def _toggle(self, key: str) -> None:
        self._chosen ^= {key}
        self.redraw()

    def action_reset(self) -> None:
        self.answer(frozenset())

    def action_keep(self) -> None:
        self.answer(None)

    def entries(self) -> list[Line]:
        return [self._line(letter, *column) for letter, column in self._columns.items()]

    def _line(self, letter: str, key: str, label: str, meaning: str) -> Line:
        sign, style = ("[x]", "sorted bold") if key in self._chosen else ("[ ]", "")
        return [(f"  {letter}  ", "bold"), (f"{sign} {label:<16}", style), (meaning, "dim")]


class StateDialog(PickDialog[State | None]):
    """Offers states by their letters, and by a cursor."""

    IS_GUARDED = True
    CANCELING = frozenset({"escape", "q"})

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "keep", "Cancel"),
    ]

    def __init__(self, question: PickState) -> None:
        self._question = question
        self._states = {STATE_LETTERS[state]: state for state in question.counts}
        buttons = [button("↓ ↑", "Move"), button("enter", "Choose"), button("esc", "Cancel")]
        super().__init__(question.title, self.rows(), [[], button_line(buttons)])

    def on_key(self, event: events.Key) -> None:
        """Handle enter here too: as a binding, it would run after the letter that follows it."""
        state = self._states.get(event.character or "")
        if event.key == "enter":
            state = list(self._states.values())[self.cursor]
        if state:
            event.stop()
            if self.confirms(event):
                self.answer(state)

    def action_keep(self) -> None:
        self.answer(None)

    def before(self) -> list[Line]:
        return [[], *self._question.lines, []]

    def entries(self) -> list[Line]:
        counts = self._question.counts
        return [
            [
                (f"   {letter}  ", "bold"),
                (f"{state:<9}", ""),
                (f"{grouped(counts[state])} ", "bold"),
            ]
            for letter, state in self._states.items()
        ]


class TrashDialog(PickDialog[Summary | None]):
    """Offers deletions, the newest first; the answer is the deletion to put back, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Put back"),
        Binding("escape,q,u", "keep", "Close"),
    ]

    def __init__(self, question: PickDeletion) -> None:
        self._deletions = list(question.deletions)
        self._now = question.now
        buttons = [button("enter", "Put back (asks first)"), button("esc", "Close")]
        super().__init__(question.title, self.rows(), [[], button_line(buttons)])

    def action_choose(self) -> None:
        self.answer(self._deletions[self.cursor] if self._deletions else None)

    def action_keep(self) -> None:
        self.answer(None)

    def entries(self) -> list[Line]:
        return [self._line(deletion) for deletion in self._deletions] or [[(EMPTY_TRASH, "")]]

    def _line(self, deletion: Summary) -> Line:
        ago = duration(max(0.0, self._now - deletion.time))
        what = fitted(shorten_end(printable(deletion.what), WHAT_WIDTH), WHAT_WIDTH)
        server = fitted(shorten_end(printable(deletion.server), SERVER_WIDTH), SERVER_WIDTH)
        text = f"  {ago:>7} ago  {_what_is_left(deletion):<17}  {what}  {server}  "
        return [(text, "" if deletion.restorable else "dim")]


def _what_is_left(deletion: Summary) -> str:
    """Return how much of a deletion can still be put back."""
    if deletion.restorable:
        return f"{grouped(deletion.restorable)} to put back"
    if deletion.unreadable:
        return "unreadable"
    return "put back" if deletion.put_back else "nothing to put back"
