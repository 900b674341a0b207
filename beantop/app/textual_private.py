"""The parts of Textual that beantop needs and that have no public name, as they are in Textual 8.2.8.

What its own driver needs of Textual's drivers is in `driver.py`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from textwrap import wrap
from typing import Any

from rich.console import RenderableType
from rich.text import Text
from textual.app import App
from textual.await_remove import AwaitRemove
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets._toast import ToastRack

from beantop.app.driver import TerminalDriver

TOAST_WIDTH, TOAST_BORDER = 60, 3
"""Cells of the widest toast, and those of them that have no text."""


class TextualApp(App[None]):
    """An app that keeps running if its terminal stops reading."""

    def get_driver_class(self) -> type[Driver]:
        driver_class = super().get_driver_class()
        return TerminalDriver if driver_class is LinuxDriver else driver_class

    def on_caught_up(self) -> None:
        self.refresh(layout=True)

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        """Mark a new screen as styled. Textual would parse all styles again when it is shown, though they were
        parsed for the current theme. If the theme has just changed, `refresh_css` is pending anyway."""
        super()._load_screen_css(screen)
        screen._css_update_count = self._css_update_count

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """Drop the lines drawn for the removed widgets, too: Textual keeps 1,024 of these caches alive."""
        removed = [each for node in nodes for each in node.walk_children(with_self=True)]
        done = super()._prune(*nodes, parent=parent)
        self.call_later(_drop_lines, removed)
        return done

    def crash_report(self, error: BaseException) -> str:
        """Return what is printed if the program ends with an error that nothing caught."""
        raise NotImplementedError

    def write_to_terminal(self, sequence: str) -> None:
        """Write a control sequence, once the terminal is in use."""
        if self._driver is not None:
            self._driver.write(sequence)

    def keep_toasts(self, count: int, lines: int) -> None:
        """Remove the oldest toasts until at most `count` are left, in at most `lines` lines."""
        kept = list(self._notifications)
        heights = [toast_height(each.message) for each in kept]
        while kept and (len(kept) > count or sum(heights[-len(kept) :]) > lines):
            self._unnotify(kept.pop(0))

    def as_toast(self, message: str) -> str:
        """Return the message broken into the lines of a toast. Where Textual breaks them, it loses the last
        line if another one fills the toast."""
        width = min(TOAST_WIDTH, self.size.width // 2) - TOAST_BORDER
        return "\n".join(wrap(message, max(1, width - 1)))

    def call_as_app(self, function: Callable[[], object]) -> None:
        """Call a function from outside the event loop's tasks, as from a signal handler."""
        with self._context():
            function()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not (isinstance(driver, TerminalDriver) and driver.skips_frame()):
            super()._display(screen, renderable)

    def _fatal_error(self) -> None:
        """Print our own report: Textual's has the values of variables, among them raw bodies."""
        if self._exception:
            self.panic(Text(self.crash_report(self._exception)))


def _drop_lines(widgets: Sequence[DOMNode]) -> None:
    for widget in widgets:
        if isinstance(widget, Widget):
            widget._styles_cache.clear()


def toast_height(message: str) -> int:
    """Return the number of lines of a toast, with the empty one above it."""
    return 2 + message.count("\n")


def forward(message: Message, to: Widget | App[Any]) -> None:
    """Send a message that comes back as forwarded if the widget has no use for it; the app gets it
    as one that came back."""
    message._set_forwarded()
    to.post_message(message)


def place_toasts(screen: Screen[Any], below: int) -> None:
    """Let the toasts of a screen end that many lines above its bottom."""
    with suppress(NoMatches):  # the screen is opening or closing
        rack = screen.get_child_by_type(ToastRack)
        rack.styles.margin = (0, 0, below, 0)


class Palette(CommandPalette):
    """Textual's palette, without its crash on page keys before its list was first drawn, and on a second
    `enter`: that closed the screen below, too."""

    async def _on_message(self, message: Message) -> None:
        chooses = isinstance(message, Input.Submitted | OptionList.OptionSelected)
        if self.is_current or not chooses:
            await super()._on_message(message)

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):
            super()._action_command_list(action)
