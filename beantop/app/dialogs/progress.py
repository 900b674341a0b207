"""What a long piece of work has done so far, with a bar, and `esc` to stop it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widget import AwaitMount
from textual.widgets import Input

from beantop.app.action_context import Progress
from beantop.app.dialogs.dialog import Dialog
from beantop.app.view.lines import Line
from beantop.app.widgets.styled import Lines

T = TypeVar("T")

BOX_AFTER = 0.4
"""Seconds before a box tells of the progress: most work needs less."""

DRAWN_EVERY = 0.2  # seconds


class ProgressDialog(Dialog[None]):
    """Shows how far the work is, until whoever opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stop", "Stop")]

    def __init__(self, progress: Progress) -> None:
        hint: Line = [("  esc", "bold"), ("  stops after the batch that is on its way", "dim")]
        super().__init__(progress.title, progress.lines(), [[], hint])
        self._progress = progress

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        self.set_interval(DRAWN_EVERY, self._redraw)

    def _redraw(self) -> None:
        self.query_one("#dialog-lines", Lines).show(self._progress.lines())

    def action_stop(self) -> None:
        self._progress.stop()
        self.query_one("#dialog-answers", Lines).show([[], [("  stopping …", "warn")]])


async def with_box(app: App[Any], work: Coroutine[Any, Any, T], box: ProgressDialog) -> T:
    """Return what comes of the work, with the box on the screen if it takes long."""
    opening = asyncio.ensure_future(_open(app, box))
    try:
        return await work
    finally:
        opening.cancel()
        if opening.done() and box.is_attached:
            await opening.result()  # what Textual has begun to open cannot be closed yet
        if box.is_attached:
            box.answer(None)


async def _open(app: App[Any], box: ProgressDialog) -> AwaitMount:
    """Put the box over whatever screen the user has gone to, once no key can be meant for another
    dialog or for a line that is typed."""
    await asyncio.sleep(BOX_AFTER)
    while isinstance(app.screen, ModalScreen) or isinstance(app.focused, Input):  # noqa: ASYNC110
        await asyncio.sleep(DRAWN_EVERY)  # Textual sets no event when another screen is on top
    return app.push_screen(box)
