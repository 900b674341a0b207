"""The line for typing a filter; it replaces the status line while it is open."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
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
