"""A line to type into, on which keys are taken in the order in which they come."""

from textual import events
from textual.widgets import Input


class Prompt(Input):
    """Textual does what a printable key means at once, and what backspace means only after that key
    went all the way up: of `3`, backspace and `2` in one piece, `3` would be left."""

    async def on_key(self, event: events.Key) -> None:
        if event.key == "backspace":
            event.stop()
            event.prevent_default()
            self.action_delete_left()
