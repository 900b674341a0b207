"""The arguments of the command, and what of them excludes each other. Nothing large is loaded here."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from beantop import __version__
from beantop.formatting import printable
from beantop.interval import LONGEST, SHORTEST, read_interval
from beantop.report.exit_codes import INTERRUPTED, MEANINGS, USAGE

DEFAULT = "127.0.0.1:11300"
"""The server that is looked at when none is named or configured."""

EPILOG = "\n".join(
    [
        "exit codes:",
        *(f"  {code}        {meaning}" for code, meaning in MEANINGS.items()),
        f"  128 + n  ended by signal n ({INTERRUPTED} for ctrl-c)",
    ]
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, without the list of all options before it."""
        self.exit(USAGE, f"beantop: {printable(message)} (beantop --help tells more)\n")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for; where that is wrong, the program ends with a sentence."""
    parser = _Parser(
        prog="beantop",
        description="A terminal dashboard for beanstalkd.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_watching(parser)
    _add_scripts(parser)
    _add_looks(parser)
    options = parser.parse_args(arguments)
    if contradiction := _contradiction(options):
        parser.error(contradiction)
    return options


def _contradiction(options: argparse.Namespace) -> str:
    """What cannot be asked for together, as a sentence."""
    looks = options.once or options.json
    exports, imports = options.export is not None, options.import_from is not None
    if options.demo and (options.addresses or looks or exports or imports):
        return (
            "--demo shows servers of its own on a screen: no address, --once, --json, --export or"
            " --import"
        )
    if looks + exports + imports > 1:
        return "only one of --once or --json, --export and --import"
    if options.readonly and (options.write or imports):
        return f"--readonly and {'--write' if options.write else '--import'} exclude each other"
    if exports and options.tube is None:
        return "--export takes the jobs of one tube: name it with --tube"
    if options.tube is not None and not (exports or imports):
        return "--tube is for --export and --import"
    return ""


def _add_watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "addresses",
        nargs="*",
        type=_named,
        metavar="HOST[:PORT]",
        help="the servers, with spaces or commas between them: host, host:port, [::1]:port, unix:/path,"
        " beanstalk://host, tcp://host, or a name of the configuration (default: those of the"
        f" configuration, or {DEFAULT})",
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
        help=f"poll every SECS, {SHORTEST:g} to {LONGEST:g} (default: as the last time, or 1)",
    )
    parser.add_argument(
        "-R", "--readonly", action="store_true", help="look, but change nothing on the server"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="change things also where the configuration says read-only",
    )
    parser.add_argument(
        "--log", type=_named, metavar="FILE", help="add all that is said to this file"
    )


def _add_scripts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="print one table and leave")
    parser.add_argument("--json", action="store_true", help="print one JSON object and leave")
    parser.add_argument(
        "--export",
        type=_named,
        metavar="FILE",
        help="write the jobs of a tube as JSON lines (-: to stdout)",
    )
    parser.add_argument(
        "--import",
        dest="import_from",
        type=_named,
        metavar="FILE",
        help="put the jobs of such a file (-: from stdin)",
    )
    parser.add_argument(
        "--tube", type=_named, metavar="NAME", help="the tube to export, or to import into"
    )


def _add_looks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--theme",
        type=_named,
        metavar="NAME",
        help="auto, beantop-dark, beantop-light, ansi-dark, ansi-light, ... (default: auto)",
    )
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII signs only")
    parser.add_argument("--config", type=_named, metavar="FILE", help="read this configuration")
    parser.add_argument(
        "--default-config", action="store_true", help="print a configuration to start from"
    )
    parser.add_argument("--paths", action="store_true", help="print where files are looked for")
    parser.add_argument("-V", "--version", action="version", version=f"beantop {__version__}")


def _interval(text: str) -> float:
    try:
        return read_interval(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _named(text: str) -> str:
    """A name that is there: an empty one comes from a variable of a script that was never set."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text
