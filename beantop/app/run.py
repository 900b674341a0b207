"""Making the program as it was asked for, and running it in this terminal."""

import asyncio
import codecs
import io
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.cells import get_character_cell_size
from textual.scrollbar import ScrollBar

from beantop.app import themes
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

LAST_NOTES = 1.0
"""Seconds for each of our files to be written at the end."""


def run_app(servers: Sequence[ServerConfig], start: Options, is_dark: bool | None = None) -> int:
    """Run the program in this terminal; the result is its exit code. Raises `ConfigError`.

    `is_dark` tells of the terminal's background, if that is known.
    """
    pollers = [Poller(server.address, start.interval) for server in servers]
    app = start_app(pollers, start, is_dark, servers, on_all=True)
    keep_cells(sys.__stderr__)
    asyncio.run(run_in_terminal(app))
    return app.return_code or 0


async def run_in_terminal(app: BeantopApp) -> None:
    """Run it until the user, a signal or the loss of the terminal ends it."""
    loop = asyncio.get_running_loop()

    def end(code: int) -> None:
        loop.call_soon_threadsafe(app.end, code)

    with ended_by(end, is_lost=terminal_is_gone):
        await app.run_async()
        app.session.settle(LAST_NOTES)


def keep_cells(screen: TextIO | None) -> None:
    """Have what the encoding of the terminal lacks written in as many cells as it takes: Python
    would write an escape, and shift all that stands behind it."""
    codecs.register_error("beantop", _in_cells)
    if isinstance(screen, io.TextIOWrapper):
        screen.reconfigure(errors="beantop")


def _in_cells(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    signs = (ASCII.get(ord(sign)) or "?" * get_character_cell_size(sign) for sign in lacking)
    return "".join(signs), error.end


def start_app(
    watchers: Sequence[StatusSource],
    start: Options,
    is_dark: bool | None = None,
    servers: Sequence[ServerConfig] = (),
    *,
    on_all: bool = False,
) -> BeantopApp:
    """The program, as it was asked for. `servers` tells of what is watched, where that is more than
    addresses; `on_all` begins with all of them, if they are several. Raises `ConfigError`."""
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
