"""`beantop web`: the dashboard in a browser."""

import argparse
import os
import sys

from beantop.beanstalk import Address, parse_address
from beantop.commands.arguments import read_with
from beantop.commands.invocation import Invocation
from beantop.exit_codes import USAGE
from beantop.report.output import fail, say

DESCRIPTION = """\
Show the dashboard in a browser, read-only, to this machine alone. Each page runs a beantop of its own.
It needs one more package: pip install textual-serve."""

EXAMPLES = """\
  beantop web queue-1
  beantop web --listen 127.0.0.1:9000 --write queue-1
"""

NOT_INSTALLED = "textual-serve is missing: pip install textual-serve"

BROWSER = {"PYTHONUTF8": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
"""Variables for the dashboard: a browser shows all signs and colors."""

OPEN = "whoever reaches this address can look at all jobs: there is no password"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen",
        type=_address,
        default=("127.0.0.1", 8000),
        metavar="HOST:PORT",
        help="the address of the web server (default: 127.0.0.1:8000)",
    )
    parser.add_argument("--write", action="store_true", help="allow changes")
    parser.add_argument("--demo", action="store_true", help="show made-up servers")


def run(invocation: Invocation) -> int:
    options = invocation.options
    if options.demo and options.hosts:
        return fail("--demo shows made-up servers, so it takes no address")
    try:
        from beantop.app.browser import is_loopback, serve
    except ModuleNotFoundError:
        return fail(NOT_INSTALLED)
    host, port = options.listen
    if not is_loopback(host):
        say(f"warning: {OPEN}")
    os.environ.update(BROWSER)
    try:
        return serve(_command(options), host, port)
    except OSError as error:
        say(f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}")
        return USAGE


def _command(options: argparse.Namespace) -> list[str]:
    """Return the command of the dashboard that each page runs."""
    command = [sys.executable, "-m", "beantop", "--write" if options.write else "--readonly"]
    if options.config:
        command += ["--config", os.path.abspath(options.config)]
    return [*command, *(["--demo"] if options.demo else ["--", *options.hosts])]


def _address(text: str) -> Address:
    address = read_with(parse_address, text)
    if isinstance(address, str) or ":" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as 127.0.0.1:8000")
    return address
