"""A terminal driver that never blocks on a terminal that does not read its output.

Textual's own driver blocks the event loop once 30 writes are queued; keys and signals are then
ignored. This module relies on these members of Textual 8.2.8's driver:
`start_application_mode`, `stop_application_mode`, `write`, `close`, `_file`.
"""

import os
import signal
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from select import select
from threading import RLock, Thread
from typing import TextIO, TypeAlias

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from beantop.ending import last_resort

MAX_BEHIND = 2**16
"""Unwritten bytes above which frames are skipped until the terminal catches up. A frame has up to
50 kB; frames that wait behind more than this would be outdated when they appear."""

MAX_QUEUED = 2**20
"""Unwritten bytes above which further output is dropped."""

WRITE_SIZE = 4096
"""Bytes per write."""

CLOSE_SECONDS = 1.0
"""Seconds for the terminal to take the last output when the program ends."""

FORCED_LEAVE_SECONDS = 0.3
"""Seconds for trying to restore the terminal by force."""

LEAVE = (
    b"\x1b\\"  # ends a truncated sequence
    b"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"  # frames, paste, line wrap, size
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # the mouse
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"  # keys, the screen, the cursor, focus, colors
)
"""The sequences that Textual writes when it leaves a terminal."""

Modes: TypeAlias = list[int | list[bytes | int]]


class CaughtUp(Message):
    """The terminal has taken all output, after frames were skipped."""


class TerminalWriter(Thread):
    """A thread that writes to a terminal."""

    def __init__(self, descriptor: int, on_idle: Callable[[], None]) -> None:
        super().__init__(name="terminal", daemon=True)
        self._descriptor = descriptor
        self._on_idle = on_idle
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        self._queueing = RLock()  # reentrant: a signal handler may interrupt a write with its own
        self._queued = self._done = 0
        self._given_up = False

    @property
    def behind(self) -> int:
        """Number of bytes that the terminal has not taken yet."""
        return self._queued - self._done

    def write(self, data: bytes) -> None:
        """Queue data for writing. Never blocks."""
        with self._queueing:
            if data and self.behind <= MAX_QUEUED and not self._given_up:
                self._queued += len(data)
                self._pieces.put(data)

    def close(self, seconds: float) -> bool:
        """Wait up to `seconds`, then drop unwritten output. Return whether there was none."""
        self._pieces.put(b"")
        self.join(seconds)
        self.give_up()
        return not self.behind

    def give_up(self) -> None:
        """Stop writing, even in the middle of a piece."""
        self._given_up = True

    def run(self) -> None:
        with suppress(OSError):  # the terminal is gone, which ends the program elsewhere
            while not self._given_up and (data := self._next()):
                self._write(memoryview(data))
                self._done += len(data)
                if not (self.behind or self._given_up):
                    self._on_idle()
        self.give_up()

    def _next(self) -> bytes:
        """Return everything queued so far: a frame arrives in pieces."""
        data = self._pieces.get()
        while data and not self._pieces.empty() and len(data) < MAX_BEHIND:
            if not (more := self._pieces.get()):
                self._pieces.put(b"")  # the end, once this is written
                break
            data += more
        return data

    def _write(self, data: memoryview) -> None:
        while data and not self._given_up:
            try:
                data = data[os.write(self._descriptor, data[:WRITE_SIZE]) :]
            except BlockingIOError:  # another process made the terminal non-blocking
                select([], [self._descriptor], [], 1.0)


class TerminalDriver(LinuxDriver):
    """A Linux driver that writes through a `TerminalWriter` instead of Textual's own thread."""

    _writer: TerminalWriter | None = None
    _frames_are_missing = False
    _modes: Modes | None = None

    @property
    def _screen(self) -> TextIO:
        assert self._file  # Textual draws on standard error
        return self._file

    def start_application_mode(self) -> None:
        self._modes = _modes_of(self.fileno)
        self._frames_are_missing = False
        self._writer = TerminalWriter(self._screen.fileno(), self._on_idle)
        self._writer.start()
        last_resort.before_force = self._leave_at_once
        super().start_application_mode()  # type: ignore[no-untyped-call]  # it has no types

    def write(self, data: str) -> None:
        if self._writer:
            encoding, errors = self._screen.encoding, self._screen.errors or "strict"
            self._writer.write(data.encode(encoding, errors))

    def close(self) -> None:
        """Leave the terminal, even if it does not read its output."""
        writer, self._writer = self._writer, None
        if writer and not writer.close(CLOSE_SECONDS):
            self._leave_at_once()
        last_resort.before_force = lambda: None
        super().close()

    def skips_frame(self) -> bool:
        """Return whether to skip a frame because the terminal is too far behind.

        The app gets `CaughtUp` when the terminal has caught up, and redraws everything.
        """
        if self._writer is None or self._writer.behind <= MAX_BEHIND:
            return False
        self._frames_are_missing = True
        if not self._writer.behind:  # it caught up in between
            self._on_idle()
        return True

    def _on_idle(self) -> None:
        if self._frames_are_missing and self._writer:
            self._frames_are_missing = False
            self.send_message(CaughtUp())

    def _leave_at_once(self) -> None:
        if self._writer:
            self._writer.give_up()
        leave_at_once(self._screen.fileno(), self.fileno, self._modes)


def leave_at_once(screen: int, keyboard: int, modes: Modes | None) -> None:
    """Leave the screen without waiting for the terminal, dropping its unread output.

    Best effort: errors are ignored. Works in any thread.
    """
    with _background_allowed(), suppress(OSError, termios.error):
        if os.tcgetpgrp(keyboard) != os.getpgrp():
            return  # another program has the terminal in the foreground
        modes = modes or termios.tcgetattr(keyboard)
        termios.tcsetattr(keyboard, termios.TCSANOW, modes)
        ours = os.open(os.ttyname(screen), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        rest, deadline = LEAVE, time.monotonic() + FORCED_LEAVE_SECONDS
        while rest and time.monotonic() < deadline:
            try:
                rest = rest[os.write(ours, rest) :]
            except BlockingIOError:
                termios.tcflush(ours, termios.TCOFLUSH)
                termios.tcsetattr(keyboard, termios.TCSANOW, modes)  # wakes up blocked writers
                time.sleep(0.01)  # the writers need a moment to leave


@contextmanager
def _background_allowed() -> Iterator[None]:
    """Keep the process from being stopped if it goes to the background in this block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _modes_of(keyboard: int) -> Modes | None:
    with suppress(termios.error):
        return termios.tcgetattr(keyboard)
    return None
