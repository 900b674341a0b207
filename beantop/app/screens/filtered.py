"""Screens with a filter line, which stands in place of the status line while it is open."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from beantop.app.screens.watching import WatchingScreen
from beantop.app.widgets.filter_line import FilterLine


class FilteredScreen(WatchingScreen):
    """Tells what is typed into the line, as it is typed. It is composed by the screen, as `#filter`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,f3,f4", "filter", "Filter", key_display="/", tooltip="Show only some rows"),
    ]

    def filtered(self, words: str) -> None:
        """These are the words now."""
        raise NotImplementedError

    @property
    def filter_line(self) -> FilterLine:
        return self.query_one("#filter", FilterLine)

    def clear_filter(self) -> bool:
        """Take the words away; whether there were any."""
        line = self.filter_line
        had_words = bool(line.value)
        line.value = ""
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
