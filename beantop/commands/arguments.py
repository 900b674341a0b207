"""Arguments that several sub-commands take."""

import argparse
from collections.abc import Callable
from typing import NoReturn

from beantop.report.output import fail


class Parser(argparse.ArgumentParser):
    """A parser that ends with one sentence, without the list of all options."""

    fail: Callable[[str], int] = staticmethod(fail)
    """Prints the sentence, and returns the exit code."""

    def error(self, message: str) -> NoReturn:
        self.exit(self.fail(f"{message} (see {self.prog} --help)"))


def named(text: str) -> str:
    """Return the text unless it is empty or blank, as from an unset variable in a script."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it must not be empty")
    return text


def add_servers(parser: argparse.ArgumentParser) -> None:
    """Take the servers, which come last."""
    parser.add_argument(
        "hosts",
        nargs="*",
        type=named,
        metavar="HOST",
        help="servers: host, host:port, unix:/path, or a name from the configuration (default: the"
        " servers of the configuration, or 127.0.0.1:11300)",
    )
    parser.add_argument(
        "--config", type=named, metavar="FILE", help="read the configuration from FILE"
    )


def add_formats(parser: argparse.ArgumentParser) -> None:
    """Take how rows are printed."""
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--json", action="store_true", help="print one JSON object a line")
    formats.add_argument("--csv", action="store_true", help="print comma-separated values")


def add_watch(parser: argparse.ArgumentParser) -> None:
    """Take how often the output is repeated."""
    parser.add_argument(
        "--watch", type=interval, metavar="SECS", help="print again every SECS, until ctrl-c"
    )


def add_unmask(parser: argparse.ArgumentParser) -> None:
    """Take whether masked fields are shown. A command that shows bodies takes this, and reads them as
    `Settings.reading` says."""
    parser.add_argument(
        "--unmask",
        action="store_true",
        help="show what [mask] in the configuration hides in bodies",
    )


def add_log(parser: argparse.ArgumentParser) -> None:
    """Take a file for messages."""
    parser.add_argument(
        "--log", type=named, metavar="FILE", help="append every message and action to this file"
    )


def interval(text: str) -> float:
    """Return seconds between polls."""
    from beantop.interval import read_interval

    try:
        return read_interval(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def duration_within(least: float, most: float) -> Callable[[str], float]:
    """Return a function that reads a duration such as 30 or 5m, within these limits in seconds."""

    def read(text: str) -> float:
        from beantop.formatting import duration, parse_duration

        try:
            seconds = parse_duration(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        if not least <= seconds <= most:
            limits = f"from {least:g} s to {duration(most)}"
            raise argparse.ArgumentTypeError(f"it must be {limits}, not {text}")
        return seconds

    return read
