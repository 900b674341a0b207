"""The command line: arguments to what is to be run, and what came of it to an exit code.

Textual is loaded only when a screen is wanted.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from beantop import __version__
from beantop.app.terminal import background_asked
from beantop.beanstalk import (
    Address,
    Error,
    format_address,
    parse_address,
    reason,
)
from beantop.config import (
    DEFAULT_CONFIG,
    LONGEST,
    SHORTEST,
    ConfigError,
    KnownServer,
    Settings,
    config_path,
    settings_of,
)
from beantop.report.once import as_json, as_table, look_once
from beantop.state import StateFile, state_directory, state_path
from beantop.text import shown

DEFAULT = "127.0.0.1:11300"

if TYPE_CHECKING:
    from beantop.app.log_file import LogFile
    from beantop.app.start import Start

OK, USAGE, NO_CONNECTION, INCOMPLETE = 0, 2, 3, 4
INTERRUPTED = 130  # as a shell tells of a program that Ctrl-C ended

EPILOG = """\
exit codes: 0 fine, 1 a bug in beantop, 2 wrong usage or no terminal,
3 no connection (--once, --json, --export, --import), 4 not all jobs were
exported or imported, 128 + n ended by signal n (130 for ctrl-c)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the result is its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.default_config:
        return _print(DEFAULT_CONFIG.rstrip())
    if options.paths:
        return _print(_paths(options.config))
    if options.demo and (options.addresses or options.once or options.json):
        parser.error("--demo shows servers of its own on a screen: no address, --once or --json")
    try:
        settings = settings_of(os.environ, options.config)
        servers = servers_of(options.addresses, settings)
    except ValueError as error:
        print(f"beantop: {shown(str(error))}", file=sys.stderr)
        return USAGE
    for_scripts = options.once or options.json or options.export or options.import_from
    if not for_scripts:
        return _run_app(servers, settings, options)
    if len(servers) > 1:
        parser.error("--once, --json, --export and --import take one server: name it")
    if options.export is not None or options.import_from is not None:
        return _transfer(parser, options, servers[0], readonly=settings.readonly)
    return _print_once(servers[0].address, as_object=options.json)


def servers_of(named: Sequence[str], settings: Settings) -> list[KnownServer]:
    """The servers that were named, each once; by their names in the configuration or by address.
    Without names those of the configuration, or else the usual one. `ValueError`: a wrong address.
    """
    if not named:
        return list(settings.servers) or [KnownServer(parse_address(DEFAULT))]
    by_name = {server.name: server for server in settings.servers if server.name}
    by_address = {server.address: server for server in settings.servers}
    found = {}
    for text in named:
        address = by_name[text].address if text in by_name else parse_address(text)
        found[address] = by_name.get(text) or by_address.get(address) or KnownServer(address)
    return list(found.values())


def _paths(config: str | None) -> str:
    """Where the files are, one a line."""
    paths = {
        "config": Path(config) if config else config_path(os.environ),
        "state": state_path(os.environ),
        "trash": state_directory(os.environ) / "trash",
        "actions": state_directory(os.environ) / "actions.jsonl",
    }
    return "\n".join(
        f"{name:<9}{shown(str(path))}{'' if path.exists() else '  (not there)'}"
        for name, path in paths.items()
    )


def _transfer(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    server: KnownServer,
    *,
    readonly: bool,
) -> int:
    """Export or import jobs."""
    from beantop.report.transfer import export_to, import_from  # seldom wanted, and not small

    if options.export is not None:
        if options.tube is None:
            parser.error("--export takes the jobs of one tube: name it with --tube")
        problem, sentence = export_to(server.address, options.tube, options.export)
    else:
        if options.readonly:
            parser.error("--readonly and --import exclude each other")
        if (readonly or server.readonly) and not options.write:
            parser.error("the configuration says that this server is read-only; --write imports")
        problem, sentence = import_from(server.address, options.tube, options.import_from)
    print(f"beantop: {sentence}", file=sys.stderr)
    codes = {"": OK, "usage": USAGE, "connection": NO_CONNECTION, "incomplete": INCOMPLETE}
    return codes[problem]


def _print_once(address: Address, *, as_object: bool) -> int:
    try:
        snapshot = asyncio.run(look_once(address))
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OSError, Error) as error:
        why = shown(reason(error))
        print(f"beantop: cannot look at {format_address(address)}: {why}", file=sys.stderr)
        return NO_CONNECTION
    return _print(as_json(address, snapshot) if as_object else as_table(address, snapshot))


def _print(text: str) -> int:
    """Write to wherever stdout leads: what its encoding lacks becomes `?`. The exit code of that."""
    if sys.stdout is None:
        print("beantop: there is no standard output to print to", file=sys.stderr)
        return USAGE
    encoding = sys.stdout.encoding
    try:
        print(text.encode(encoding, "replace").decode(encoding), flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        if isinstance(error, BrokenPipeError):  # the reader has seen enough, as `head` does
            return OK
        print(f"beantop: cannot print: {reason(error)}", file=sys.stderr)
        return USAGE
    return OK


def _run_app(
    servers: Sequence[KnownServer], settings: Settings, options: argparse.Namespace
) -> int:
    """Watch these servers, or those of the demo."""
    if why := _no_terminal():
        print(f"beantop: {why}; --once prints one table and leaves", file=sys.stderr)
        return USAGE
    try:
        start = _start(settings, options)
        with _background(start) as answer:
            run = _program(None if options.demo else servers)
            is_dark = answer()
        return run(start, is_dark)
    except ConfigError as error:
        print(f"beantop: {shown(str(error))}", file=sys.stderr)
        return USAGE


def _program(servers: Sequence[KnownServer] | None) -> "Callable[[Start, bool | None], int]":
    """What is to be run. Textual takes a quarter of a second: so it is imported only here."""
    if servers is None:
        from beantop.app.demo import run_demo

        return run_demo
    from beantop.app.run import run

    return partial(run, servers)


def _start(settings: Settings, options: argparse.Namespace) -> "Start":
    """What is wanted: arguments before the environment before the file, and last what was chosen
    on the screen the last time. The demo keeps nothing."""
    from beantop.app.start import Start
    from beantop.jobs.journal import Journal
    from beantop.jobs.trash import Trash

    settings = settings.with_arguments(
        interval=options.interval, theme=options.theme, ascii=options.ascii
    )
    if options.demo:
        return Start(settings, readonly=options.readonly, log=_log_file(options.log))
    kept = StateFile(state_path(os.environ))
    home = state_directory(os.environ)
    trash = Trash(home / "trash") if settings.trash else None
    journal = Journal(home / "actions.jsonl")
    return Start(
        settings,
        kept.load(),
        kept,
        readonly=options.readonly,
        writes=options.write,
        log=_log_file(options.log),
        trash=trash,
        journal=journal,
    )


def _log_file(name: str | None) -> "LogFile | None":
    from beantop.app.log_file import LogFile

    try:
        return LogFile(Path(name)) if name else None
    except OSError as error:
        raise ConfigError(f"--log {name}: {reason(error)}") from None


def _background(start: "Start") -> AbstractContextManager[Callable[[], bool | None]]:
    """Whether the terminal is dark; it is asked only where the theme depends on it."""
    if start.theme != "auto" or os.environ.get("NO_COLOR"):
        return nullcontext(lambda: None)
    return background_asked(sys.stdin.fileno(), sys.stdout.fileno())


def _no_terminal() -> str:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "this is not a terminal"
    if (term := os.environ.get("TERM", "")) in ("", "dumb", "unknown"):
        return f"this terminal (TERM={shown(term)}) cannot show a screen"
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="beantop",
        description="A terminal dashboard for beanstalkd.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "addresses",
        nargs="*",
        metavar="HOST[:PORT]",
        help="the servers: host, host:port, [::1]:port, unix:/path, beanstalk://host, or a name of"
        f" the configuration (default: those of the configuration, or {DEFAULT})",
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="watch made-up servers with live traffic, in this process",
    )
    parser.add_argument(
        "-i",
        "--interval",
        type=_interval,
        metavar="SECS",
        help="poll every SECS, 0.5 to 3600 (default: as the last time, or 1)",
    )
    parser.add_argument(
        "-R", "--readonly", action="store_true", help="look, but change nothing on the server"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="change things also where the configuration says read-only",
    )
    parser.add_argument("--log", metavar="FILE", help="add all that is said to this file")
    parser.add_argument("--once", action="store_true", help="print one table and leave")
    parser.add_argument("--json", action="store_true", help="print one JSON object and leave")
    parser.add_argument(
        "--export", metavar="FILE", help="write the jobs of a tube as JSON lines (-: to stdout)"
    )
    parser.add_argument(
        "--import",
        dest="import_from",
        metavar="FILE",
        help="put the jobs of such a file, or of the trash (-: from stdin)",
    )
    parser.add_argument("--tube", metavar="NAME", help="the tube to export, or to import into")
    parser.add_argument(
        "--theme",
        metavar="NAME",
        help="auto, beantop-dark, beantop-light, ansi-dark, ansi-light, ... (default: auto)",
    )
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII signs only")
    parser.add_argument("--config", metavar="FILE", help="read this configuration")
    parser.add_argument(
        "--default-config", action="store_true", help="print a configuration to start from"
    )
    parser.add_argument("--paths", action="store_true", help="print where files are looked for")
    parser.add_argument("-V", "--version", action="version", version=f"beantop {__version__}")
    return parser


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not SHORTEST <= seconds <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0.5 to 3600")
    return seconds
