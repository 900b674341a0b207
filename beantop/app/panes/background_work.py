"""Work that a pane starts and does not wait for."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from beantop.beanstalk import Error, describe_error

Work: TypeAlias = Coroutine[Any, Any, object]

REDRAW_SECONDS = 0.25
"""Seconds between redraws of the progress."""


class BackgroundWork:
    """Runs work for a widget to its end, even if the screen is left: replies to commands must still
    be read."""

    def __init__(self, owner: Widget, redraw: Callable[[], None]) -> None:
        """`redraw` draws `owner` again."""
        self._owner = owner
        self.redraw = redraw

    def start(self, work: Callable[[], Work]) -> None:
        """Start it, unless the program is ending. A coroutine object would then never be awaited."""
        if self._owner.app.is_running:
            _: Worker[object] = self._owner.app.run_worker(work)

    def after(self, seconds: float, do: Callable[[], None]) -> Timer:
        """Call `do` once, unless the timer is stopped or the widget is removed before."""
        return self._owner.set_timer(seconds, do)

    async def redrawing(self, work: Work, redraw: Callable[[], None] | None = None) -> str:
        """Await the work, and redraw its progress meanwhile. Return why it failed, or ""."""
        timer = self._owner.set_interval(REDRAW_SECONDS, redraw or self.redraw)
        try:
            await work
        except Error as error:
            return describe_error(error)
        except ValueError as error:  # the name cannot be sent in a command
            return str(error)
        finally:
            timer.stop()
        return ""
