"""An input line that handles keys in the order in which they arrive."""

from textual import events
from textual.widgets import Input

LONGEST = 4096
"""Limit on the length in characters: no path is longer, and long words make a search slow."""


class Prompt(Input):
    """An input line that handles backspace at once.

    Textual handles printable keys at once, but backspace only after the event has bubbled up: `3`,
    backspace, `2` in one burst would leave `3` in the line."""

    def on_mount(self) -> None:
        self.max_length = LONGEST  # longer pasted text is rejected with a bell

    async def on_key(self, event: events.Key) -> None:
        if event.key == "backspace":
            event.stop()
            event.prevent_default()
            self.action_delete_left()
