"""The program's side of its terminal: nobody waits for one that does not read what is written to it.

Textual's own driver does, in the event loop, once 30 pieces are on their way: then no key and no
signal comes to anything. Read in Textual 8.2.8: `start_application_mode`, `stop_application_mode`,
`write`, `close`.
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

from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.screen import Screen

from beantop.ending import last_resort

BEHIND = 2**16
"""Bytes that the terminal has not taken yet, after which no frame is drawn until it has: a frame is
up to 50 kB, and what comes later than that is old."""

MAX_QUEUED = 2**20
"""Bytes of such, after which nothing is written to it."""

PIECE = 4096
"""Bytes that are written at once."""

LAST_FRAMES = 1.0
"""Seconds for the terminal to take what was written last."""

LAST_TRIES = 0.3
"""Seconds in which it is left by force."""

LEAVE = (
    b"\x1b\\"  # ends a sequence that was cut off
    b"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"  # frames, paste, line wrap, size
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # the mouse
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"  # keys, the screen, the cursor, focus, colors
)
"""What Textual writes when it leaves a terminal."""

Modes: TypeAlias = list[int | list[bytes | int]]


class CaughtUp(Message):
    """The terminal took all that was written, and frames were left out meanwhile."""


class TerminalWriter(Thread):
    """Writes to a terminal, in a thread."""

    def __init__(self, descriptor: int, on_idle: Callable[[], None]) -> None:
        super().__init__(name="terminal", daemon=True)
        self._descriptor = descriptor
        self._on_idle = on_idle
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        self._queueing = RLock()  # a signal handler may interrupt it, and write
        self._queued = self._done = 0
        self._given_up = False

    @property
    def behind(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self._queued - self._done

    def write(self, data: bytes) -> None:
        """Write that later. Never waits."""
        with self._queueing:
            if data and self.behind <= MAX_QUEUED and not self._given_up:
                self._queued += len(data)
                self._pieces.put(data)

    def close(self, seconds: float) -> bool:
        """Wait until all is written; whether it was, in that time. The rest never will be."""
        self._pieces.put(b"")
        self.join(seconds)
        self.give_up()
        return not self.behind

    def give_up(self) -> None:
        """Write no more, not even the rest of what is being written."""
        self._given_up = True

    def run(self) -> None:
        with suppress(OSError):  # the terminal has gone: the program ends because of that
            while data := self._pieces.get():
                self._write(memoryview(data))
                if self._given_up:
                    return
                self._done += len(data)
                if not self.behind:
                    self._on_idle()
        self._given_up = True

    def _write(self, data: memoryview) -> None:
        while data and not self._given_up:
            try:
                data = data[os.write(self._descriptor, data[:PIECE]) :]
            except BlockingIOError:  # who else has the terminal wants it so
                select([], [self._descriptor], [], 1.0)


class TerminalDriver(LinuxDriver):
    """Draws by a `TerminalWriter`; Textual's own has nothing to write."""

    _writer: TerminalWriter | None = None
    _frames_are_missing = False
    _modes: Modes | None = None

    @property
    def _screen(self) -> TextIO:
        assert self._file  # what Textual draws on: standard error
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
        """Leave the terminal, whether it takes what is written or not."""
        writer, self._writer = self._writer, None
        if writer and not writer.close(LAST_FRAMES):
            self._leave_at_once()
        last_resort.before_force = lambda: None
        super().close()

    def skips_frame(self) -> bool:
        """Whether the terminal has so much to read that a frame is left out. All is drawn again when
        it has read it: the app gets `CaughtUp`."""
        if self._writer is None or self._writer.behind <= BEHIND:
            return False
        self._frames_are_missing = True
        if not self._writer.behind:  # it caught up just now
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


class DrawingApp(App[None]):
    """An app that goes on where nobody reads what it draws."""

    def get_driver_class(self) -> type[Driver]:
        usual = super().get_driver_class()
        return TerminalDriver if usual is LinuxDriver else usual

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not (isinstance(driver, TerminalDriver) and driver.skips_frame()):
            super()._display(screen, renderable)

    def on_caught_up(self) -> None:
        self.refresh(layout=True)


def leave_at_once(screen: int, keyboard: int, modes: Modes | None) -> None:
    """Leave the screen, without waiting for the terminal: what it has not read yet is dropped. Done
    as far as that can be, in any thread."""
    with _background_allowed(), suppress(OSError, termios.error):
        if os.tcgetpgrp(keyboard) != os.getpgrp():
            return  # the terminal is another program's just now
        modes = modes or termios.tcgetattr(keyboard)
        termios.tcsetattr(keyboard, termios.TCSANOW, modes)
        ours = os.open(os.ttyname(screen), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        rest, deadline = LEAVE, time.monotonic() + LAST_TRIES
        while rest and time.monotonic() < deadline:
            try:
                rest = rest[os.write(ours, rest) :]
            except BlockingIOError:
                termios.tcflush(ours, termios.TCOFLUSH)
                termios.tcsetattr(keyboard, termios.TCSANOW, modes)  # wakes who waits to write
                time.sleep(0.01)


@contextmanager
def _background_allowed() -> Iterator[None]:
    """A process that comes into the background meanwhile is not stopped."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _modes_of(keyboard: int) -> Modes | None:
    with suppress(termios.error):
        return termios.tcgetattr(keyboard)
    return None
