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
    config_path,
    load_settings,
)
from beantop.report.once import as_json, as_table, look_once
from beantop.state import StateFile, state_directory, state_path
from beantop.text import shown

DEFAULT = "127.0.0.1:11300"

if TYPE_CHECKING:
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
    if options.demo:
        if options.address is not None or options.once or options.json:
            parser.error(
                "--demo shows servers of its own on a screen: no address, --once or --json"
            )
        return _run_app(None, options)
    try:
        address = parse_address(DEFAULT if options.address is None else options.address)
    except ValueError as error:
        print(f"beantop: {error}", file=sys.stderr)
        return USAGE
    if options.export is not None or options.import_from is not None:
        return _transfer(parser, options, address)
    if options.once or options.json:
        return _print_once(address, as_object=options.json)
    return _run_app(address, options)


def _paths(config: str | None) -> str:
    """Where the files are, one a line."""
    paths = {
        "config": Path(config) if config else config_path(os.environ),
        "state": state_path(os.environ),
    }
    return "\n".join(
        f"{name:<8}{shown(str(path))}{'' if path.exists() else '  (not there)'}"
        for name, path in paths.items()
    )


def _transfer(
    parser: argparse.ArgumentParser, options: argparse.Namespace, address: Address
) -> int:
    """Export or import jobs."""
    from beantop.report.transfer import export_to, import_from  # seldom wanted, and not small

    if options.export is not None:
        if options.tube is None:
            parser.error("--export takes the jobs of one tube: name it with --tube")
        problem, sentence = export_to(address, options.tube, options.export)
    else:
        if options.readonly:
            parser.error("--readonly and --import exclude each other")
        problem, sentence = import_from(address, options.tube, options.import_from)
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


def _run_app(address: Address | None, options: argparse.Namespace) -> int:
    """Watch that server, or those of the demo."""
    if why := _no_terminal():
        print(f"beantop: {why}; --once prints one table and leaves", file=sys.stderr)
        return USAGE
    try:
        start = _start(options)
        with _background(start) as answer:
            run = _program(address)
            is_dark = answer()
        return run(start, is_dark)
    except ConfigError as error:
        print(f"beantop: {shown(str(error))}", file=sys.stderr)
        return USAGE


def _program(address: Address | None) -> "Callable[[Start, bool | None], int]":
    """What is to be run. Textual takes a quarter of a second: so it is imported only here."""
    if address is None:
        from beantop.app.demo import run_demo

        return run_demo
    from beantop.app.app import run

    return partial(run, [address])


def _start(options: argparse.Namespace) -> "Start":
    """What is wanted: arguments before the environment before the file, and last what was chosen
    on the screen the last time. The demo keeps nothing."""
    from beantop.app.start import Start
    from beantop.jobs.journal import Journal
    from beantop.jobs.trash import Trash

    settings = load_settings(os.environ, options.config).with_arguments(
        interval=options.interval, theme=options.theme, ascii=options.ascii
    )
    if options.demo:
        return Start(settings, readonly=options.readonly)
    kept = StateFile(state_path(os.environ))
    home = state_directory(os.environ)
    trash = Trash(home / "trash") if settings.trash else None
    journal = Journal(home / "actions.jsonl")
    return Start(settings, kept.load(), kept, options.readonly, trash, journal)


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
        "address",
        nargs="?",
        metavar="HOST[:PORT]",
        help=f"the server: host, host:port, [::1]:port or unix:/path (default: {DEFAULT})",
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
