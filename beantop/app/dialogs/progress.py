"""The progress of a long action, with a bar and `esc` to stop it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widget import AwaitMount
from textual.widgets import Input

from beantop.app.action_context import Progress
from beantop.app.dialogs.dialog import Dialog, button, button_line

T = TypeVar("T")

BOX_AFTER = 0.4
"""Seconds before the box appears: most actions are done sooner."""

DRAWN_EVERY = 0.2  # seconds


class ProgressDialog(Dialog[None]):
    """Shows the progress until its owner closes it."""

    IS_GUARDED = False

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stop", "Stop")]

    def __init__(self, progress: Progress) -> None:
        buttons = [button("esc", "Stop after the current batch")]
        super().__init__(progress.title, progress.lines(), [[], button_line(buttons)])
        self._progress = progress

    def on_mount(self) -> None:  # Textual also calls Dialog.on_mount, first
        self.set_interval(DRAWN_EVERY, self._redraw)

    def _redraw(self) -> None:
        self.show(self._progress.lines())

    def action_stop(self) -> None:
        self._progress.stop()
        self.show(self._progress.lines(), [[], [("  Stopping …", "warn")]])


async def with_box(app: App[Any], work: Coroutine[Any, Any, T], box: ProgressDialog) -> T:
    """Return the result of the work, with the box on the screen if it takes long."""
    opening = asyncio.ensure_future(_open(app, box))
    try:
        return await work
    finally:
        opening.cancel()
        if opening.done() and box.is_attached:
            await opening.result()  # Textual cannot close a screen that it is still opening
        if box.is_attached:
            box.answer(None)


async def _open(app: App[Any], box: ProgressDialog) -> AwaitMount:
    """Open the box over the current screen, once no other dialog and no input line is open: the next
    key would be meant for them."""
    await asyncio.sleep(BOX_AFTER)
    while isinstance(app.screen, ModalScreen) or isinstance(app.focused, Input):  # noqa: ASYNC110
        await asyncio.sleep(DRAWN_EVERY)  # Textual has no event for a change of the top screen
    return app.push_screen(box)
