"""Queries and notifications of the terminal, apart from drawing; and how small it may be."""

import os
import re
import select
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

MIN_WIDTH, MIN_HEIGHT = 40, 8
"""Size in cells of the smallest window in which anything is shown or changed."""


def in_browser() -> bool:
    """Return whether `textual-serve` started this program: a browser shows it, and there is no
    terminal."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def no_terminal() -> str:
    """Return why no screen can be shown; "" if one can."""
    if in_browser():
        return ""
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return "this is not a terminal"
    if (term := os.environ.get("TERM", "")) in ("", "dumb", "unknown"):
        return f"this terminal (TERM={term}) cannot show a screen"
    if not (sys.stderr and sys.stderr.isatty()):  # else keys would change what nobody sees
        return "standard error is not a terminal, and the screen is drawn there"
    return ""


def terminal_is_gone() -> bool:
    """Return whether the terminal, or what stands for it, is gone. SIGHUP reports that only to the
    session leader."""
    if in_browser():
        return _has_no_writer(0)
    try:
        os.tcgetpgrp(0)
    except OSError:
        return True
    return False


def _has_no_writer(pipe: int) -> bool:
    poll = select.poll()
    poll.register(pipe, 0)  # that its other end was closed is always reported
    return bool(poll.poll(0))


ANSWER_SECONDS, SSH_ANSWER_SECONDS = 0.3, 1.5
"""Seconds to wait for the terminal to report its background, locally and over SSH. Nearly all
terminals answer at once; a later answer would be taken for keys."""

_QUERY = b"\x1b]11;?\x1b\\\x1b[c"  # all terminals answer the second query, which ends the wait
_BACKGROUND = re.compile(
    rb"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})"
)
_LAST_ANSWER = re.compile(rb"\x1b\[\?[0-9;]*c")


def background(theme: str) -> AbstractContextManager[Callable[[], bool | None]]:
    """Ask the terminal whether its background is dark, if the theme depends on it. Yield as
    `background_asked`."""
    if theme != "auto" or os.environ.get("NO_COLOR"):
        return nullcontext(lambda: None)
    return background_asked(sys.stdin.fileno(), sys.stdout.fileno())


@contextmanager
def background_asked(keyboard: int, screen: int) -> Iterator[Callable[[], bool | None]]:
    """Ask the terminal for its background. Yield a function that waits for the answer and returns
    whether the background is dark, or None if unknown.

    `keyboard` and `screen` are the descriptors of the terminal. The caller can do other work before
    it calls the function. The terminal's modes are restored after the block, also when a signal
    ends the program.
    """
    try:
        before = termios.tcgetattr(keyboard)
    except termios.error:
        yield lambda: None
        return
    quiet = termios.tcgetattr(keyboard)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)  # read the answer without echo and without Enter
    asked = time.monotonic()
    try:
        termios.tcsetattr(keyboard, termios.TCSANOW, quiet)
        with suppress(OSError):
            os.write(screen, _QUERY)
        yield lambda: is_dark(_answer(keyboard, asked))
    finally:
        with suppress(termios.error):
            termios.tcsetattr(keyboard, termios.TCSANOW, before)


def is_dark(answer: bytes) -> bool | None:
    """Return whether the background is dark according to the terminal's answer, or None.

    >>> is_dark(b"\\x1b]11;rgb:1e1e/1e1e/2e2e\\x1b\\\\"), is_dark(b"\\x1b]11;rgb:ff/ff/f0\\x07")
    (True, False)
    >>> is_dark(b"\\x1b[?62;c") is None
    True
    """
    if not (match := _BACKGROUND.search(answer)):
        return None
    red, green, blue = (int(part, 16) / float(16 ** len(part) - 1) for part in match.groups())
    return bool(0.299 * red + 0.587 * green + 0.114 * blue < 0.5)


def _answer(descriptor: int, asked: float) -> bytes:
    """Read until the last answer or the timeout, which counts from `asked`."""
    is_remote = "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ
    deadline = asked + (SSH_ANSWER_SECONDS if is_remote else ANSWER_SECONDS)
    answer = b""
    while not _LAST_ANSWER.search(answer):
        left = max(0.0, deadline - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            break
        if not (data := os.read(descriptor, 4096)):
            break
        answer += data
    return answer


def notification(text: str, term: str) -> str:
    r"""Return the control sequence for a desktop notification: OSC 9, or OSC 777 for rxvt. `text`
    must be safe to show.

    >>> notification("ALERT a", "xterm-256color"), notification("ALERT a", "rxvt")
    ('\x1b]9;beantop: ALERT a\x07', '\x1b]777;notify;beantop;ALERT a\x07')
    """
    if term.startswith("rxvt"):
        return f"\x1b]777;notify;beantop;{text.replace(';', ',')}\x07"
    return f"\x1b]9;beantop: {text}\x07"
