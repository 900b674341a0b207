"""The line to type a filter into; it stands in place of the status line while it is open."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from beantop.app.widgets.prompt import Prompt


class FilterLine(Prompt):
    """Tells of each change as it is typed, and when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Keep the filter", key_display="enter"),
        Binding("escape", "clear", "Clear it", key_display="esc"),
        Binding("down", "leave", "To the rows", show=False),
    ]

    class Left(Message):
        """The filter is as it shall be."""

    def __init__(self, *, id: str, hint: str) -> None:
        super().__init__(
            id=id,
            placeholder=hint,
            select_on_focus=False,
            compact=True,
        )

    async def on_key(self, event: events.Key) -> None:
        """Leave at once; what comes behind it is for where the focus went, and is sent there."""
        if self.screen.focused is not self:
            event.prevent_default()
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            self.action_leave()

    def on_blur(self) -> None:
        if self.app.app_focus:  # else another window has the focus: the line stays open for it
            self.post_message(self.Left())

    def action_leave(self) -> None:
        self.screen.set_focus(self.screen.query_one(".main"))  # at once: the next key is for it

    def action_clear(self) -> None:
        self.value = ""
        self.action_leave()
