"""What a long piece of work has done so far, with a bar, and `esc` to stop it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType

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
    running = asyncio.ensure_future(work)
    await asyncio.wait([running], timeout=BOX_AFTER)
    opens = not running.done() and screen.is_active
    opened = screen.app.push_screen(box) if opens else None
    try:
        return await running
    finally:
        if opened and box.is_attached:
            await opened  # what Textual has begun to open cannot be closed yet
        if box.is_attached:
            box.answer(None)


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
