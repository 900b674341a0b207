"""What a long piece of work has done so far, with a bar, and `esc` to stop it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.widget import AwaitMount
from textual.widgets import Input

from beantop.app.drawing.lines import Line
from beantop.app.screens.dialog import Dialog
from beantop.app.screens.watching import WatchingScreen
from beantop.app.widgets.drawn import Lines
from beantop.text import duration, full

T = TypeVar("T")

BOX_AFTER = 0.4
"""Seconds before a box tells of the progress: most work needs less."""

BAR_WIDTH = 48
DRAWN_EVERY = 0.2  # seconds


class ProgressScreen(Dialog[None]):
    """Shows the lines that `now` gives, until whoever opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stop", "Stop")]

    def __init__(self, title: str, now: Callable[[], list[Line]], stop: Callable[[], None]) -> None:
        hint: Line = [("  esc", "bold"), ("  stops after the batch that is on its way", "dim")]
        super().__init__(title, now(), [[], hint])
        self._now = now
        self._stop = stop

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        self.set_interval(DRAWN_EVERY, self._redraw)

    def _redraw(self) -> None:
        self.query_one("#dialog-lines", Lines).show(self._now())

    def action_stop(self) -> None:
        self._stop()
        self.query_one("#dialog-answers", Lines).show([[], [("  stopping …", "warn")]])


async def with_box(screen: WatchingScreen, work: Coroutine[Any, Any, T], box: ProgressScreen) -> T:
    """What comes of the work, with the box on the screen if it takes long."""
    opening = asyncio.ensure_future(_open(screen.app, box))
    try:
        return await work
    finally:
        opening.cancel()
        if opening.done() and box.is_attached:
            await opening.result()  # what Textual has begun to open cannot be closed yet
        if box.is_attached:
            box.answer(None)


async def _open(app: App[Any], box: ProgressScreen) -> AwaitMount:
    """Put the box over whatever screen the user has gone to, once no key can be meant for another
    dialog or for a line that is typed."""
    await asyncio.sleep(BOX_AFTER)
    while not isinstance(app.screen, WatchingScreen) or isinstance(app.focused, Input):  # noqa: ASYNC110
        await asyncio.sleep(DRAWN_EVERY)  # Textual sets no event when another screen is on top
    return app.push_screen(box)


def progress_lines(tried: int, total: int, rate: float | None) -> list[Line]:
    """How far it is, how fast, and how long it will take, with a bar."""
    share = tried / total if total else 1.0
    filled = int(share * BAR_WIDTH)
    left = duration((total - tried) / rate) if rate else "–"
    speed = f"{full(int(rate))}/s" if rate else "–"
    words = f"  {full(tried)} of {full(total)}    {speed}    {left} left"
    return [
        [],
        [(words, "")],
        [
            ("  ", ""),
            ("█" * filled, "sorted"),
            ("░" * (BAR_WIDTH - filled), "dim"),
            (f" {share:4.0%}", ""),
        ],
    ]
