"""The line for typing a filter; it replaces the status line while it is open."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from beantop.app.widgets.prompt import Prompt


class FilterLine(Prompt):
    """Calls `changed` with the text at each change, and reports when the user leaves the line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Keep the filter", key_display="enter", id="keep_filter"),
        Binding("escape", "clear", "Clear it", key_display="esc", id="clear_filter"),
        Binding("down", "leave", "To the rows"),
    ]

    class Left(Message):
        """The user left the line; the filter stays as it is."""

    def __init__(self, hint: str, changed: Callable[[str], None]) -> None:
        super().__init__(id="filter", placeholder=hint, select_on_focus=False, compact=True)
        self._changed = changed

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._changed(event.value)

    async def on_key(self, event: events.Key) -> None:
        """Leave on enter at once, so that the keys after it go to the widget that gets the focus."""
        if self.screen.focused is not self:
            event.prevent_default()
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            self.action_leave()

    def on_blur(self) -> None:
        if self.app.app_focus:  # otherwise another window got the focus, and the line stays open
            self.screen.remove_class("-filtering")
            self.post_message(self.Left())

    def action_leave(self) -> None:
        main = self.screen.query_one(".main")
        self.screen.set_focus(main if main.focusable else None)  # at once: it gets the next key

    def action_clear(self) -> None:
        self.value = ""
        self.action_leave()


class Filter:
    """The filter of a widget.

    Its line is mounted when it is first needed. From Python 3.12 on, tasks start at once, so a
    screen is composed before Textual has put it on the stack. A Textual `Input` asks the app for
    the top screen as soon as it is mounted, and at the start of the program there is none.
    """

    def __init__(
        self,
        owner: Widget,
        hint: str,
        changed: Callable[[str], None],
        before: str | None = None,
    ) -> None:
        """Make the filter of `owner`. `before` selects the child to insert the line before; without it the
        line comes last.

        `hint` is shown in the empty line; `changed` is called with the text while the user types."""
        self._owner = owner
        self._hint = hint
        self._changed = changed
        self._before = before
        self._line: FilterLine | None = None

    @property
    def words(self) -> str:
        """The text in the line."""
        return self._line.value if self._line else ""

    @words.setter
    def words(self, words: str) -> None:
        self._mounted().value = words

    def open(self) -> None:
        """Show the line and focus it at once: it gets the next key."""
        line = self._mounted()
        line.screen.add_class("-filtering")
        line.screen.set_focus(line)

    def clear(self) -> bool:
        """Remove the words and return whether there were any."""
        had_words = bool(self.words)
        if had_words:
            self.words = ""
        return had_words

    def _mounted(self) -> FilterLine:
        if self._line is None:
            self._line = FilterLine(self._hint, self._changed)
            self._owner.mount(self._line, before=self._before)
        return self._line
