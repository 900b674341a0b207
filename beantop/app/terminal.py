"""What is done with the terminal beside drawing: asking it, and leaving it as it was found."""

import os
import re
import select
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes a quarter of a second, and the question comes before that
    from textual.app import App


def terminal_is_gone() -> bool:
    """Whether there is no terminal any more. SIGHUP tells of that only who leads the session."""
    try:
        os.tcgetpgrp(0)
    except OSError:
        return True
    return False


PATIENCE, PATIENCE_AFAR = 0.3, 1.5
"""Seconds to wait for what the terminal says of its background, here and over SSH. Nearly all
answer at once; an answer that comes later would be taken for keys."""

_QUESTION = b"\x1b]11;?\x1b\\\x1b[c"  # all answer the second part: then no more is to come
_BACKGROUND = re.compile(
    rb"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})"
)
_LAST_ANSWER = re.compile(rb"\x1b\[\?[0-9;]*c")


@contextmanager
def background_asked(keyboard: int, screen: int) -> Iterator[Callable[[], bool | None]]:
    """Ask the terminal with these two descriptors for its background, and give a function that waits
    for the answer: whether it is dark, or None. Between the two there is time to do other things;
    afterwards the terminal's modes are as they were, also when a signal ends the program."""
    try:
        before = termios.tcgetattr(keyboard)
    except termios.error:
        yield lambda: None
        return
    quiet = termios.tcgetattr(keyboard)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)  # the answer is not shown, and comes at once
    asked = time.monotonic()
    try:
        termios.tcsetattr(keyboard, termios.TCSANOW, quiet)
        with suppress(OSError):
            os.write(screen, _QUESTION)
        yield lambda: is_dark(_answer(keyboard, asked))
    finally:
        with suppress(termios.error):
            termios.tcsetattr(keyboard, termios.TCSANOW, before)


def is_dark(answer: bytes) -> bool | None:
    """Whether the background is dark, by what the terminal said.

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
    """All that came in since the question, until the last answer or the end of patience."""
    afar = "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ
    deadline = asked + (PATIENCE_AFAR if afar else PATIENCE)
    answer = b""
    while not _LAST_ANSWER.search(answer):
        left = max(0.0, deadline - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            break
        if not (data := os.read(descriptor, 4096)):
            break
        answer += data
    return answer


def tell_desktop(app: "App[None]", text: str) -> None:
    """Have the terminal notify the desktop. `text` is safe to show."""
    if app._driver is not None:  # Textual has no public way to write what is not on the screen
        app._driver.write(notification(text, os.environ.get("TERM", "")))


def notification(text: str, term: str) -> str:
    r"""The bytes that notify the desktop: OSC 9, or OSC 777 where only that is known.

    >>> notification("ALERT a", "xterm-256color"), notification("ALERT a", "rxvt")
    ('\x1b]9;beantop: ALERT a\x07', '\x1b]777;notify;beantop;ALERT a\x07')
    """
    if term.startswith("rxvt"):
        return f"\x1b]777;notify;beantop;{text.replace(';', ',')}\x07"
    return f"\x1b]9;beantop: {text}\x07"
