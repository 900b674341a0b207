"""Print to standard output and standard error, whatever is at their other end."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from beantop.ascii_signs import in_encoding
from beantop.exit_codes import OK, USAGE
from beantop.formatting import printable

CLEAR = "\x1b[2J\x1b[H"
"""Clears a terminal."""


_clears_next = False
"""Whether standard output is a terminal that is cleared before the next words."""


def clear_before_next() -> None:
    """Clear the terminal just before the next output. Until then the old output stays."""
    global _clears_next
    _clears_next = bool(sys.stdout and sys.stdout.isatty())


def _clear_if_asked() -> None:
    global _clears_next
    if _clears_next:
        _clears_next = False
        sys.stdout.write(CLEAR)
        sys.stdout.flush()


def say(sentence: str) -> None:
    """Print a sentence to standard error, if anybody reads that. It may contain text from a server."""
    with suppress(OSError):  # the exit code still tells
        if sys.stderr:
            if sys.stderr.isatty():
                _clear_if_asked()
            print(f"beantop: {printable(sentence)}", file=sys.stderr)


def fail(sentence: str) -> int:
    """Print a sentence about wrong usage, and return its exit code."""
    say(sentence)
    return USAGE


def fail_without_screen(sentence: str) -> int:
    """Do as `fail`. If standard error is redirected, also print the sentence to the terminal on standard
    output."""
    if sys.stdout and sys.stdout.isatty() and not (sys.stderr and sys.stderr.isatty()):
        print_text(f"beantop: {printable(sentence)}")
    return fail(sentence)


def terminal_width() -> int | None:
    """Return the number of columns of the terminal that standard output is; None if it is something else."""
    if not (sys.stdout and sys.stdout.isatty()):
        return None
    return shutil.get_terminal_size().columns


class NoReader(Exception):
    """Nobody reads standard output: the command ends with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def write(text: str) -> None:
    """Print text to standard output. If its encoding lacks our signs, ASCII signs of the same width
    replace them, so that columns stay aligned. Raises `NoReader` if it cannot be printed."""
    if sys.stdout is None:
        raise NoReader(fail("standard output is closed"))
    with _reader_may_leave():
        _clear_if_asked()
        print(in_encoding(text, sys.stdout.encoding), flush=True)


def write_lines(lines: Sequence[str]) -> None:
    """Print lines, if there are any, as `write` does."""
    if lines:
        write("\n".join(lines))


def write_bytes(data: bytes) -> None:
    """Print bytes to standard output as they are. Raises `NoReader` as `write` does."""
    if sys.stdout is None:
        raise NoReader(fail("standard output is closed"))
    with _reader_may_leave():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """Raise `NoReader` if nobody can read what the block prints."""
    try:
        yield
    except BaseException as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        if not isinstance(error, OSError):  # a signal, while the reader did not read
            raise
        if isinstance(error, BrokenPipeError):  # the reader stopped reading, as `head` does
            raise NoReader(OK) from None
        raise NoReader(fail(f"cannot print: {_why(error)}")) from None


def print_text(text: str) -> int:
    """Print text and return the exit code."""
    try:
        write(text)
    except NoReader as end:
        return end.code
    return OK


def _why(error: OSError) -> str:
    from beantop.jobs.storage import describe_file_error

    return describe_file_error(error)
