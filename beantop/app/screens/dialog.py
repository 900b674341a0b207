"""A box over the screen that names what it is about and waits for an answer."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from beantop.app.lines import Line
from beantop.app.widgets.drawn import Lines

T = TypeVar("T")

DEAF_SECONDS = 0.3
"""After it opened no key says yes: on a slow line it was meant for the screen below."""


class Dialog(ModalScreen[T]):
    """A titled box with lines in it."""

    def __init__(
        self, title: str, lines: Sequence[Line], now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._title = title
        self._lines = list(lines)
        self._now = now
        self._opened_at = now()

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield Lines(id="dialog-lines")
            yield from self.compose_more()

    def compose_more(self) -> ComposeResult:
        """What stands below the lines."""
        yield from ()

    def on_mount(self) -> None:
        self.query_one("#dialog-lines", Lines).show(self._lines)

    @property
    def deaf(self) -> bool:
        """Whether it is too early for a yes."""
        return self._now() - self._opened_at < DEAF_SECONDS
