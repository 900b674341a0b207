"""Creating the app from its options, and running it in this terminal."""

import asyncio
import codecs
import importlib
import io
import pkgutil
import sys
from collections.abc import Sequence
from functools import partial
from typing import TextIO

from rich.cells import get_character_cell_size
from textual.scrollbar import ScrollBar

from beantop.app import screens, themes
from beantop.app.app import BeantopApp
from beantop.app.keys import check_keys
from beantop.app.panes.table_pane import TablePane
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.session.options import Options
from beantop.app.terminal import terminal_is_gone
from beantop.app.view.tube_columns import check_columns
from beantop.app.widgets.styled import AsciiScrollBar, Styled
from beantop.ascii_signs import ASCII
from beantop.config import ServerConfig
from beantop.ending import ended_by
from beantop.monitor.poller import Poller, StatusSource
from beantop.report.output import say

SETTLE_SECONDS = 1.0
"""Seconds at the end for writing each of beantop's own files."""


def run_app(servers: Sequence[ServerConfig], start: Options, is_dark: bool | None = None) -> int:
    """Run the program in this terminal and return its exit code. Raises `ConfigError`.

    `is_dark` says whether the terminal's background is dark; None if unknown.
    """
    pollers = _pollers(servers, start)
    app = start_app(pollers, start, is_dark, servers, on_all=True)
    keep_cells(sys.__stderr__)
    asyncio.run(run_in_terminal(app))
    return app.return_code or 0


def _pollers(servers: Sequence[ServerConfig], start: Options) -> list[Poller]:
    """Return a poller for each server, whose statuses are recorded if the user wants that."""
    if start.recorder is None:
        return [Poller(server.address, start.interval) for server in servers]
    from beantop.report.recorded import RecordedPoller

    pollers = [RecordedPoller(server.address, start.interval) for server in servers]
    for number, poller in enumerate(pollers, 1):
        poller.note = partial(start.recorder.note, number)
    return list(pollers)


async def run_in_terminal(app: BeantopApp) -> None:
    """Run the app until the user, a signal or the loss of the terminal ends it."""
    loop = asyncio.get_running_loop()

    def end(code: int) -> None:
        loop.call_soon_threadsafe(app.end, code)

    with ended_by(end, is_lost=terminal_is_gone):
        await app.run_async()
        app.session.settle(SETTLE_SECONDS)
    for problem in app.session.new_problems():
        say(problem)


def keep_cells(screen: TextIO | None) -> None:
    """Replace characters missing from the terminal's encoding by others of the same width in cells.

    Python would write escapes, which shift the rest of the line.
    """
    codecs.register_error("beantop", _in_cells)
    if isinstance(screen, io.TextIOWrapper):
        screen.reconfigure(errors="beantop")


def _in_cells(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    replacements = (ASCII.get(ord(char)) or "?" * get_character_cell_size(char) for char in missing)
    return "".join(replacements), error.end


def _import_screens() -> None:
    """Import all screens: their keys can be configured, though most screens are not needed yet."""
    for module in pkgutil.iter_modules(screens.__path__, f"{screens.__name__}."):
        importlib.import_module(module.name)


def start_app(
    watchers: Sequence[StatusSource],
    start: Options,
    is_dark: bool | None = None,
    servers: Sequence[ServerConfig] = (),
    *,
    on_all: bool = False,
) -> BeantopApp:
    """Create the app. Raises `ConfigError`.

    `servers` has the configuration of the watched servers, if there is any. With `on_all`, the app
    starts with the list of servers if there are several.
    """
    if start.settings.keys:
        _import_screens()
    check_keys(start.settings, (BeantopApp, ServerScreen, TablePane, Styled))
    check_columns(start.settings)
    app = BeantopApp(
        watchers,
        start,
        known=servers,
        on_all=on_all,
        theme=themes.chosen(start.settings.theme, start.state.theme, is_dark),
    )
    if start.settings.ascii:
        ScrollBar.renderer = AsciiScrollBar
    return app
