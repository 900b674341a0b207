"""Screens with a filter line, which stands in place of the status line while it is open."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from beantop.app.screens.watching import WatchingScreen
from beantop.app.widgets.filter_line import FilterLine


class FilteredScreen(WatchingScreen):
    """Reports the words of the filter line as they are typed.

    The line is mounted when it is first needed. Python 3.12 and newer start a task at once, so a
    screen is composed before Textual has put it on its stack; a Textual `Input` asks the app for
    the screen on top as soon as it is mounted, and at the start there is none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,f3,f4", "filter", "Filter", key_display="/", tooltip="Show only some rows"),
    ]

    FILTER_HINT: ClassVar[str] = "words and, a|b or, !x not, /re/ regex"
    """What an empty filter line shows."""

    _filter_line: FilterLine | None = None

    def filtered(self, words: str) -> None:
        """Show only what these words match."""
        raise NotImplementedError

    @property
    def filter_line(self) -> FilterLine:
        """The filter line, mounted if it was not yet."""
        if self._filter_line is None:
            self._filter_line = FilterLine(id="filter", hint=self.FILTER_HINT)
            self.mount(self._filter_line, before="#status")
        return self._filter_line

    @property
    def filter_words(self) -> str:
        """The words in the filter line."""
        return self._filter_line.value if self._filter_line else ""

    def clear_filter(self) -> bool:
        """Take the words away; whether there were any."""
        had_words = bool(self.filter_words)
        if had_words:
            self.filter_line.value = ""
        return had_words

    async def action_back(self) -> None:
        """One step: first the words go."""
        if not self.clear_filter():
            await self.run_action("app.leave")

    def action_filter(self) -> None:
        self.add_class("-filtering")
        self.set_focus(self.filter_line)  # at once: the next key is for it

    def on_input_changed(self, event: Input.Changed) -> None:
        self.filtered(event.value)

    def on_filter_line_left(self) -> None:
        self.remove_class("-filtering")
