"""Arguments that several sub-commands take."""

import argparse
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from beantop.beanstalk.commands import MAX_ID
from beantop.formatting import is_digits, read_whole, shortened_word
from beantop.report.output import fail

if TYPE_CHECKING:
    from beantop.config import Settings

T = TypeVar("T")

LONGEST_LINE = 100
"""Characters of the longest line of a description in the help."""


class Parser(argparse.ArgumentParser):
    """A parser that ends with one sentence, without the list of all options."""

    fail: Callable[[str], int] = staticmethod(fail)
    """Prints the sentence, and returns the exit code."""

    def format_help(self) -> str:
        """Return the help, with the description in lines that fit into the terminal."""
        import shutil
        from textwrap import fill

        width = min(LONGEST_LINE, shutil.get_terminal_size().columns - 2)
        self.description = fill(self.description or "", max(20, width))
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        self.exit(self.fail(f"{message} (see {self.prog} --help)"))


def named(text: str) -> str:
    """Return the text unless it is empty or blank, as from an unset variable in a script."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it must not be empty")
    return text


def whole_number(what: str, least: int, most: int) -> Callable[[str], int]:
    """Return a function that reads a whole number within these limits; `what` says what it is."""

    def read(text: str) -> int:
        if (number := read_whole(text, least, most)) is None:
            raise argparse.ArgumentTypeError(f"{shortened_word(text)!r} is not {what}")
        return number

    return read


job_id = whole_number("the id of a job such as 4711", 1, MAX_ID)


def tube_name(text: str) -> str:
    """Return the text, unless it is empty or looks like a server: then the tube was forgotten."""
    if looks_like_server(text):
        raise argparse.ArgumentTypeError(name_first(text, "tube"))
    return named(text)


def file_name(text: str) -> str:
    """Do the same for a file. A new file whose name looks like a server is written as ./NAME."""
    if looks_like_server(text) and not os.path.exists(text):
        raise argparse.ArgumentTypeError(name_first(text, "file"))
    return named(text)


def check_file_name(options: argparse.Namespace, settings: "Settings") -> None:
    """Raise ValueError if the name of a configured server is in the place of a file that was forgotten."""
    is_server = not options.hosts and settings.server_named(options.file)
    if is_server and not os.path.exists(options.file):
        raise ValueError(name_first(options.file, "file"))


def name_first(text: str, what: str) -> str:
    """Return what is wrong if a server is in the place of something else."""
    return f"{text} looks like a server: name the {what} first"


def looks_like_server(text: str) -> bool:
    """Return whether this is certainly not a tube, but a server with a port, a scheme or a socket. No tube has
    a colon in its name.

    >>> [looks_like_server(text) for text in ("queue-1:11300", "unix:/run/b.sock", "tcp://queue-1")]
    [True, True, True]
    >>> [looks_like_server(text) for text in ("emails", "./night:1200")]
    [False, False]
    """
    host, colon, port = text.rpartition(":")
    has_port = bool(colon) and is_digits(port) and "/" not in host
    return has_port or text.lower().startswith("unix:") or "://" in text


def add_servers(parser: argparse.ArgumentParser) -> None:
    """Take the servers, which come last."""
    parser.add_argument(
        "hosts",
        nargs="*",
        type=named,
        default=[],  # without it, argparse calls the servers required
        metavar="HOST",
        help="servers: host, host:port, unix:/path, or a name from the configuration (default: the"
        " servers of the configuration, or 127.0.0.1:11300)",
    )


def add_config(parser: argparse.ArgumentParser) -> None:
    """Take the file of the configuration."""
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


def read_with(read: Callable[[str], T], text: str) -> T:
    """Return what a function makes of an argument. The sentence of its ValueError becomes that of the parser."""
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def interval(text: str) -> float:
    """Return seconds between polls."""
    from beantop.interval import read_interval

    return read_with(read_interval, text)


def duration_within(least: float, most: float) -> Callable[[str], float]:
    """Return a function that reads a duration such as 30 or 5m, within these limits in seconds."""

    def read(text: str) -> float:
        from beantop.formatting import duration, parse_duration, without_commas

        seconds = read_with(parse_duration, without_commas(text))
        if not least <= seconds <= most:
            limits = f"from {least:g} s to {duration(most)}"
            raise argparse.ArgumentTypeError(f"it must be {limits}, not {text}")
        return seconds

    return read
