"""The arguments of the dashboard, and the help of the command. Imports nothing large."""

import argparse
from collections.abc import Sequence

from beantop import __version__
from beantop.commands import VERBS
from beantop.commands.arguments import Parser, add_unmask, interval, named
from beantop.dashboard_options import DashboardOptions
from beantop.exit_codes import INTERRUPTED, MEANINGS
from beantop.interval import LONGEST, SHORTEST

EXAMPLES = """\
examples:
  beantop queue-1                 watch a server
  beantop --demo                  watch made-up servers
  beantop tubes --json queue-1    print its tubes
"""


def parse(arguments: Sequence[str]) -> DashboardOptions:
    """Return the parsed arguments. Ends the program with a sentence if they are wrong."""
    parser = dashboard_parser()
    options = DashboardOptions(**vars(parser.parse_args(arguments)))
    if contradiction := _contradiction(options):
        parser.error(contradiction)
    return options


def dashboard_parser(*, with_hosts: bool = True) -> Parser:
    """Return the parser of the dashboard, or one of its options alone."""
    parser = Parser(
        prog="beantop",
        usage="beantop [OPTIONS] [HOST...]\n       beantop COMMAND [...]",
        description="A terminal dashboard for beanstalkd, and commands for scripts.",
        epilog="\n".join([*_commands(), EXAMPLES, *_exit_codes()]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if with_hosts:
        _add_hosts(parser)
    _add_watching(parser)
    _add_displays(parser)
    return parser


def _commands() -> list[str]:
    """Return the sub-commands in their groups, for the help."""
    lines = []
    for group in dict.fromkeys(verb.group for verb in VERBS.values()):
        lines.append(f"{group}:")
        lines += [f"  {name:<12}{verb.help}" for name, verb in VERBS.items() if verb.group == group]
        lines.append("")
    return [*lines, "beantop COMMAND --help explains one of them.", ""]


def _exit_codes() -> list[str]:
    return [
        "exit codes:",
        *(f"  {code}        {meaning}" for code, meaning in MEANINGS.items()),
        f"  128 + n  ended by signal n ({INTERRUPTED} for ctrl-c)",
    ]


def _contradiction(options: DashboardOptions) -> str:
    """Return which options cannot be used together, as a sentence; "" if all is well."""
    if options.demo and options.addresses:
        return "--demo shows made-up servers, so it takes no address"
    if options.demo and options.record:
        return "--demo shows made-up servers, so it records nothing"
    if options.readonly and options.write:
        return "--readonly and --write cannot be used together"
    return ""


def _add_hosts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "addresses",
        nargs="*",
        type=named,
        metavar="HOST[:PORT]",
        help="servers, separated by spaces or commas: host, host:port, [::1]:port, unix:/path,"
        " beanstalk://host, tcp://host, or a name from the configuration (default: the servers"
        " of the configuration, or 127.0.0.1:11300)",
    )


def _add_watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--demo",
        action="store_true",
        help="watch made-up servers with live traffic, in this process",
    )
    parser.add_argument(
        "-i",
        "--interval",
        type=interval,
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
        "--record",
        type=named,
        metavar="FILE",
        help="append every poll to FILE, up to 1 GB, as beantop record does",
    )
    parser.add_argument(
        "--log", type=named, metavar="FILE", help="append every message and action to this file"
    )


def _add_displays(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--theme",
        type=named,
        metavar="NAME",
        help="auto, beantop-dark, beantop-light, ansi-dark, ansi-light, ... (default: auto)",
    )
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII only")
    add_unmask(parser)
    parser.add_argument(
        "--config", type=named, metavar="FILE", help="read the configuration from FILE"
    )
    parser.add_argument(
        "--default-config", action="store_true", help="print a sample configuration"
    )
    parser.add_argument("--paths", action="store_true", help="print where beantop keeps its files")
    parser.add_argument("-V", "--version", action="version", version=f"beantop {__version__}")
