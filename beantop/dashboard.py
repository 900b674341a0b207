"""Run the dashboard with parsed options and return its exit code."""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from beantop.app.session.log import open_log
from beantop.app.terminal import background, no_terminal
from beantop.ascii_signs import takes_all_signs
from beantop.config import (
    DEFAULT_CONFIG,
    ServerConfig,
    Settings,
    config_path,
    settings_of,
)
from beantop.config.servers import servers_of
from beantop.dashboard_options import DashboardOptions
from beantop.formatting import printable
from beantop.preferences import (
    PreferencesFile,
    journal_path,
    marks_path,
    parking_path,
    state_path,
    trash_path,
)
from beantop.report.output import fail, fail_without_screen, print_text

if TYPE_CHECKING:
    from beantop.app.session.options import Options
    from beantop.report.recorded import SideRecorder


def run(options: DashboardOptions) -> int:
    """Run the dashboard, or print what was asked for instead, and return the exit code."""
    if options.default_config:
        return print_text(DEFAULT_CONFIG.rstrip())
    if options.paths:
        return print_text(_paths(options.config))
    try:
        settings = settings_of(os.environ, options.config)
        servers = servers_of(options.addresses, settings)
    except ValueError as error:
        return fail(str(error))
    return _run_app(servers, settings, options)


def _paths(config: str | None) -> str:
    """Return the paths of all files, one per line."""
    paths = {
        "config": Path(config) if config else config_path(os.environ),
        "state": state_path(os.environ),
        "trash": trash_path(os.environ),
        "parking": parking_path(os.environ),
        "actions": journal_path(os.environ),
        "marks": marks_path(os.environ),
    }
    return "\n".join(
        f"{name:<9}{printable(str(path))}{'' if path.exists() else '  (missing)'}"
        for name, path in paths.items()
    )


def _run_app(servers: Sequence[ServerConfig], settings: Settings, options: DashboardOptions) -> int:
    """Run the terminal program for these servers, or for the demo. Return its exit code."""
    if why := no_terminal():
        return fail_without_screen(f"{why}; beantop tubes prints one table")
    try:
        app_options = _app_options(settings, options)
        if options.record:
            recorder = _recorder(options.record, servers, app_options.interval)
            app_options = app_options._replace(recorder=recorder)
        with background(app_options.theme) as answer:
            with _without_garbage_collection():
                program = _program(None if options.demo else servers)
            is_dark = answer()
        return program(app_options, is_dark)
    except ValueError as error:
        return fail(str(error))


def _recorder(path: str, servers: Sequence[ServerConfig], interval: float) -> "SideRecorder":
    """Open the recording. Raises `ValueError` with a sentence."""
    from beantop.report.recorded import MAX_SIZE, SideRecorder, open_recorder

    return SideRecorder(path, open_recorder(path, servers, interval, MAX_SIZE))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Exclude all objects created in the block from garbage collection. They stay alive anyway.
    Collecting them would take a tenth of the time to the first frame, and slow down every later collection."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _program(servers: Sequence[ServerConfig] | None) -> "Callable[[Options, bool | None], int]":
    """Return the program. Importing Textual takes a quarter of a second, so it happens only here."""
    if servers is None:
        from beantop.app.demo import run_demo

        return run_demo
    from beantop.app.run import run_app

    return partial(run_app, servers)


def _app_options(settings: Settings, options: DashboardOptions) -> "Options":
    """Return the options of the terminal program. Arguments override the environment, which overrides
    the file, which overrides the choices of the last run. The demo saves nothing."""
    from beantop.app.session.options import Options
    from beantop.jobs.journal import Journal
    from beantop.jobs.marks import MarksFile
    from beantop.jobs.parking import Parking
    from beantop.jobs.trash.store import Trash

    settings = settings.with_arguments(
        interval=options.interval,
        theme=options.theme,
        ascii=options.ascii or not takes_all_signs(sys.__stderr__),  # Textual draws there
        unmask=options.unmask,
    )
    if options.demo:
        return Options(settings, readonly=options.readonly, log=open_log(options.log))
    preferences = PreferencesFile(state_path(os.environ))
    trash = Trash(trash_path(os.environ)) if settings.trash else None
    journal = Journal(journal_path(os.environ))
    return Options(
        settings,
        preferences.load(),
        preferences,
        readonly=options.readonly,
        writes=options.write,
        log=open_log(options.log),
        trash=trash,
        parking=Parking(parking_path(os.environ)),
        journal=journal,
        marks=MarksFile(marks_path(os.environ)),
    )
