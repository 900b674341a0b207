"""A box over the screen that names what it is about and waits for an answer."""

import time
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from beantop.app.lines import Line
from beantop.app.widgets.drawn import Lines

T = TypeVar("T")

DEAF_SECONDS = 0.3
"""After it opened no key says yes: on a slow line it was meant for the screen below."""


class Dialog(ModalScreen[T]):
    """A titled box: lines, which scroll where there is no room for them, and below them the
    answers, which are always in sight."""

    ROWS_BETWEEN: ClassVar[int] = 0
    """Lines of the window that `compose_more` takes."""

    def __init__(self, title: str, lines: Sequence[Line], answers: Sequence[Line] = ()) -> None:
        super().__init__()
        self._title = title
        self._lines = list(lines)
        self._answers = list(answers)
        self._opened_at = time.monotonic()

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            with VerticalScroll(id="dialog-scroll", can_focus=False):
                yield Lines(id="dialog-lines")
            yield from self.compose_more()
            yield Lines(id="dialog-answers")

    def compose_more(self) -> ComposeResult:
        """What stands between the lines and the answers."""
        yield from ()

    def on_mount(self) -> None:
        self.query_one("#dialog-lines", Lines).show(self._lines)
        self.query_one("#dialog-answers", Lines).show(self._answers)

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for the border and for what stands below the lines."""
        below = len(self._answers) + self.ROWS_BETWEEN
        scroll = self.query_one("#dialog-scroll")
        scroll.styles.max_height = max(1, event.size.height - 2 - below)

    @property
    def deaf(self) -> bool:
        """Whether it is too early for a yes."""
        return time.monotonic() - self._opened_at < DEAF_SECONDS
