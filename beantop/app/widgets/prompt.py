"""A line to type into, on which keys are taken in the order in which they come."""

from textual import events
from textual.widgets import Input

LONGEST = 4096
"""Characters: a path has no more, and to look for more would take the longer the more it is."""


class Prompt(Input):
    """Textual does what a printable key means at once, and what backspace means only after that key
    went all the way up: of `3`, backspace and `2` in one piece, `3` would be left."""

    def on_mount(self) -> None:
        self.max_length = LONGEST  # what is pasted and is longer is refused, with a bell

    async def on_key(self, event: events.Key) -> None:
        if event.key == "backspace":
            event.stop()
            event.prevent_default()
            self.action_delete_left()
