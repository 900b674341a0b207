"""The filter of a widget, whose line is made when it is first needed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.widget import Widget

if TYPE_CHECKING:
    from beantop.app.widgets.filter_line import FilterLine


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
    def is_open(self) -> bool:
        """Whether the user is typing in the line."""
        return self._line is not None and self._line.has_focus

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

    def _mounted(self) -> "FilterLine":
        if self._line is None:
            from beantop.app.widgets.filter_line import FilterLine

            self._line = FilterLine(self._hint, self._changed)
            self._owner.mount(self._line, before=self._before)
        return self._line
