"""The arguments of the command, and which of them exclude each other. Imports nothing large."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from beantop import __version__
from beantop.formatting import printable
from beantop.interval import LONGEST, SHORTEST, read_interval
from beantop.report.exit_codes import INTERRUPTED, MEANINGS, USAGE

DEFAULT = "127.0.0.1:11300"
"""The server to watch if none is named or configured."""

EPILOG = "\n".join(
    [
        "exit codes:",
        *(f"  {code}        {meaning}" for code, meaning in MEANINGS.items()),
        f"  128 + n  ended by signal n ({INTERRUPTED} for ctrl-c)",
    ]
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """End with one sentence, without the list of all options."""
        self.exit(USAGE, f"beantop: {printable(message)} (see beantop --help)\n")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed arguments. Ends the program with a sentence if they are wrong."""
    parser = _Parser(
        prog="beantop",
        description="A terminal dashboard for beanstalkd.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_watching(parser)
    _add_scripts(parser)
    _add_displays(parser)
    options = parser.parse_args(arguments)
    if contradiction := _contradiction(options):
        parser.error(contradiction)
    return options


def _contradiction(options: argparse.Namespace) -> str:
    """Return which options cannot be used together, as a sentence; "" if all is well."""
    prints = options.once or options.json
    exports, imports = options.export is not None, options.import_from is not None
    if options.demo and (options.addresses or prints or exports or imports):
        return (
            "--demo shows made-up servers, so it takes no address and no --once, --json, --export or"
            " --import"
        )
    if prints + exports + imports > 1:
        return "use only one of --once or --json, --export and --import"
    if options.readonly and (options.write or imports):
        return (
            f"--readonly and {'--write' if options.write else '--import'} cannot be used together"
        )
    if exports and options.tube is None:
        return "--export needs a tube: add --tube NAME"
    if options.tube is not None and not (exports or imports):
        return "--tube can only be used with --export or --import"
    return ""


def _add_watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "addresses",
        nargs="*",
        type=_named,
        metavar="HOST[:PORT]",
        help="servers, separated by spaces or commas: host, host:port, [::1]:port, unix:/path,"
        " beanstalk://host, tcp://host, or a name from the configuration (default: the servers"
        f" of the configuration, or {DEFAULT})",
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
        help=f"poll every SECS, {SHORTEST:g} to {LONGEST:g} (default: as last time, or 1)",
    )
    parser.add_argument(
        "-R", "--readonly", action="store_true", help="read-only: nothing can be changed"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="allow changes even if the configuration says read-only",
    )
    parser.add_argument(
        "--log", type=_named, metavar="FILE", help="append every message and action to this file"
    )


def _add_scripts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="print one table and exit")
    parser.add_argument("--json", action="store_true", help="print one JSON object and exit")
    parser.add_argument(
        "--export",
        type=_named,
        metavar="FILE",
        help="write the jobs of a tube to FILE as JSON lines (- for standard output)",
    )
    parser.add_argument(
        "--import",
        dest="import_from",
        type=_named,
        metavar="FILE",
        help="put the jobs from such a file (- for standard input)",
    )
    parser.add_argument(
        "--tube", type=_named, metavar="NAME", help="the tube to export from or import into"
    )


def _add_displays(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--theme",
        type=_named,
        metavar="NAME",
        help="auto, beantop-dark, beantop-light, ansi-dark, ansi-light, ... (default: auto)",
    )
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII only")
    parser.add_argument(
        "--config", type=_named, metavar="FILE", help="read the configuration from FILE"
    )
    parser.add_argument(
        "--default-config", action="store_true", help="print a sample configuration"
    )
    parser.add_argument("--paths", action="store_true", help="print where beantop keeps its files")
    parser.add_argument("-V", "--version", action="version", version=f"beantop {__version__}")


def _interval(text: str) -> float:
    try:
        return read_interval(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _named(text: str) -> str:
    """Return the text unless it is empty, as from an unset variable in a script."""
    if not text:
        raise argparse.ArgumentTypeError("it must not be empty")
    return text
