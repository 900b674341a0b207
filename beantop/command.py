"""Run the command with parsed options and return its exit code.

Textual is imported only for the terminal program.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from beantop.app.terminal import background_asked
from beantop.arguments import DEFAULT
from beantop.ascii_signs import in_encoding, takes_all_signs
from beantop.beanstalk import (
    Address,
    Error,
    describe_error,
    format_address,
    normalized,
    parse_address,
    split_addresses,
)
from beantop.config import (
    DEFAULT_CONFIG,
    ConfigError,
    ServerConfig,
    Settings,
    config_path,
    settings_of,
)
from beantop.formatting import printable
from beantop.jobs.storage import describe_file_error
from beantop.preferences import PreferencesFile, journal_path, parking_path, state_path, trash_path
from beantop.report.exit_codes import INCOMPLETE, INTERRUPTED, NO_CONNECTION, OK, USAGE
from beantop.report.once import as_json, as_table, poll_once

if TYPE_CHECKING:
    from beantop.app.session.log import LogFile
    from beantop.app.session.options import Options

LOG_SECONDS = 2.0
"""Seconds to wait at the end of a script for a log whose disk is slow."""


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if options.default_config:
        return _print(DEFAULT_CONFIG.rstrip())
    if options.paths:
        return _print(_paths(options.config))
    try:
        settings = settings_of(os.environ, options.config)
        servers = servers_of(options.addresses, settings)
    except ValueError as error:
        return _fail(str(error))
    transfers = options.export is not None or options.import_from is not None
    if not (transfers or options.once or options.json):
        return _run_app(servers, settings, options)
    if len(servers) > 1:
        return _fail("--once, --json, --export and --import take one server: name it")
    try:
        _check_theme(options.theme)
        log = _log_file(options.log)
    except ConfigError as error:
        return _fail(str(error))
    if transfers:
        code, sentence = _transfer(options, servers[0], settings)
    else:
        code, sentence = _print_once(servers[0].address, as_object=options.json)
    if sentence:
        _say(sentence)
    if sentence and log:
        _note(log, sentence, _SEVERITIES.get(code, "error"))
    return code


def servers_of(named: Sequence[str], settings: Settings) -> list[ServerConfig]:
    """Return the servers with these names or addresses, each once. Without any, return those of the
    configuration, or else the default server. Raises `ValueError` for a wrong address.
    """
    if not named:
        return list(settings.servers) or [ServerConfig(parse_address(DEFAULT))]
    found: dict[Address, ServerConfig] = {}
    for text in named:
        for part in _parts(text, settings):
            server = _server_of(part, settings)
            found.setdefault(normalized(server.address), server)
    return list(found.values())


def _parts(text: str, settings: Settings) -> list[str]:
    """Split a list of addresses or names, unless the whole text is a configured name."""
    return [text] if settings.server_named(text) else split_addresses(text)


def _server_of(text: str, settings: Settings) -> ServerConfig:
    if by_name := settings.server_named(text):
        return by_name
    address = parse_address(text)
    return settings.server_at(address) or ServerConfig(address)


def _paths(config: str | None) -> str:
    """Return the paths of all files, one per line."""
    paths = {
        "config": Path(config) if config else config_path(os.environ),
        "state": state_path(os.environ),
        "trash": trash_path(os.environ),
        "parking": parking_path(os.environ),
        "actions": journal_path(os.environ),
    }
    return "\n".join(
        f"{name:<9}{printable(str(path))}{'' if path.exists() else '  (missing)'}"
        for name, path in paths.items()
    )


def _transfer(
    options: argparse.Namespace, server: ServerConfig, settings: Settings
) -> tuple[int, str]:
    """Export or import jobs. Return the exit code and a sentence, or ""."""
    from beantop.config.guards import Guards
    from beantop.jobs.journal import Journal  # a large import, rarely needed
    from beantop.jobs.parking import Parking
    from beantop.report.transfer import export_to, import_from

    if options.export is not None:
        return export_to(server.address, options.tube, options.export)
    if (settings.readonly or server.readonly) and not options.write:
        return (
            USAGE,
            "the configuration says that this server is read-only; add --write to import",
        )
    journal = Journal(journal_path(os.environ))
    parking = Parking(parking_path(os.environ))
    readonly = [other for other in settings.servers if other.readonly and not options.write]
    return import_from(
        server.address, options.tube, options.import_from, journal, parking, Guards(readonly)
    )


def _print_once(address: Address, *, as_object: bool) -> tuple[int, str]:
    """Print one poll. Return the exit code and a sentence, or ""."""
    try:
        snapshot = asyncio.run(poll_once(address))
    except KeyboardInterrupt:
        return INTERRUPTED, ""
    except Error as error:
        return NO_CONNECTION, f"cannot poll {format_address(address)}: {describe_error(error)}"
    code = _print(as_json(address, snapshot) if as_object else as_table(address, snapshot))
    return code, f"only {snapshot.listed} were read" if snapshot.left_out else ""


_SEVERITIES = {OK: "information", INCOMPLETE: "warning"}
"""How severe a sentence of a script is, by its exit code; other codes mean an error."""


def _note(log: "LogFile", sentence: str, severity: str) -> None:
    """Append a sentence to the file of `--log`, as the terminal program does."""
    from beantop.app.session.log import Entry

    log.note(Entry(time.time(), severity, printable(sentence)))
    log.settle(LOG_SECONDS)


def _check_theme(name: str | None) -> None:
    """Check a theme that is named but not used. Raises `ConfigError` if it does not exist."""
    if name is not None:
        from beantop.app.themes import chosen

        chosen(name, "", None)


def _say(sentence: str) -> None:
    """Print a sentence to standard error. It may contain text from a server."""
    if sys.stderr:
        print(f"beantop: {printable(sentence)}", file=sys.stderr)


def _fail(sentence: str) -> int:
    _say(sentence)
    return USAGE


def _print(text: str) -> int:
    """Print text to stdout and return the exit code. If the encoding lacks our signs, ASCII signs of
    the same width replace them, so that columns stay aligned."""
    if sys.stdout is None:
        return _fail("standard output is closed")
    try:
        print(in_encoding(text, sys.stdout.encoding), flush=True)
    except BaseException as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        if not isinstance(error, OSError):  # a signal, while the reader did not read
            raise
        if isinstance(error, BrokenPipeError):  # the reader stopped reading, as `head` does
            return OK
        return _fail(f"cannot print: {describe_file_error(error)}")
    return OK


def _run_app(
    servers: Sequence[ServerConfig], settings: Settings, options: argparse.Namespace
) -> int:
    """Run the terminal program for these servers, or for the demo. Return its exit code."""
    if why := _no_terminal():
        return _fail(f"{why}; --once prints one table and exits")
    try:
        app_options = _app_options(settings, options)
        with _background(app_options) as answer:
            with _without_garbage_collection():
                program = _program(None if options.demo else servers)
            is_dark = answer()
        return program(app_options, is_dark)
    except ConfigError as error:
        return _fail(str(error))


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


def _app_options(settings: Settings, options: argparse.Namespace) -> "Options":
    """Return the options of the terminal program. Arguments override the environment, which overrides
    the file, which overrides the choices of the last run. The demo saves nothing."""
    from beantop.app.session.options import Options
    from beantop.jobs.journal import Journal
    from beantop.jobs.parking import Parking
    from beantop.jobs.trash.store import Trash

    settings = settings.with_arguments(
        interval=options.interval,
        theme=options.theme,
        ascii=options.ascii or not takes_all_signs(sys.__stderr__),  # Textual draws there
    )
    if options.demo:
        return Options(settings, readonly=options.readonly, log=_log_file(options.log))
    preferences = PreferencesFile(state_path(os.environ))
    trash = Trash(trash_path(os.environ)) if settings.trash else None
    journal = Journal(journal_path(os.environ))
    return Options(
        settings,
        preferences.load(),
        preferences,
        readonly=options.readonly,
        writes=options.write,
        log=_log_file(options.log),
        trash=trash,
        parking=Parking(parking_path(os.environ)),
        journal=journal,
    )


def _log_file(name: str | None) -> "LogFile | None":
    from beantop.app.session.log import LogFile

    try:
        return None if name is None else LogFile(Path(name))
    except OSError as error:
        raise ConfigError(f"--log {name}: {describe_file_error(error)}") from None


def _background(options: "Options") -> AbstractContextManager[Callable[[], bool | None]]:
    """Ask the terminal whether its background is dark, if the theme depends on it."""
    if options.theme != "auto" or os.environ.get("NO_COLOR"):
        return nullcontext(lambda: None)
    return background_asked(sys.stdin.fileno(), sys.stdout.fileno())


def _no_terminal() -> str:
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return "this is not a terminal"
    if (term := os.environ.get("TERM", "")) in ("", "dumb", "unknown"):
        return f"this terminal (TERM={term}) cannot show a screen"
    return ""
