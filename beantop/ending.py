"""Handle termination signals, and end the process by force if an orderly end takes too long.

Ordinary signal handlers interrupt the main thread, also while it waits for a lock or a file. In
addition, a thread receives the same signals through the pipe that the interpreter writes to,
whatever the main thread is doing. It ends the process by force if that still runs a little later.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

LAST_WAIT = 4.0
"""Seconds for an orderly end, with a batch in flight and a terminal that accepts no output."""

CHECKED_EVERY = 2.0
"""Seconds between checks whether the terminal still exists."""


def handled_signals() -> list[signal.Signals]:
    """Termination signals that the parent process did not set to be ignored, as `nohup` does."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


def end_orderly(number: int, frame: object) -> None:
    """Raise SystemExit, so that everything open is closed. To be used as a signal handler.

    Further signals do not disturb that: `timeout` sends its signal to the process and then to its
    group, so that it arrives twice.
    """
    if not last_resort.is_ending:
        last_resort.is_ending = True
        raise SystemExit(128 + number)


def signal_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Send the signal again if Python had to ignore what its handler raised, as in the callback of a
    weak reference; other such errors are printed as usual. To be used as `sys.unraisablehook`."""
    code = code_of_signal(ignored.exc_value) if ignored.exc_value else None
    if code is None:
        sys.__unraisablehook__(ignored)
    else:
        last_resort.is_ending = False
        threading.Timer(0.01, os.kill, [os.getpid(), code - 128]).start()


def code_of_signal(error: BaseException) -> int | None:
    """Return the exit code if a signal caused the error, else None. A handler raises wherever the
    program happens to be; while a class is being created, Python turns that into a RuntimeError."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, KeyboardInterrupt):
            return 128 + signal.SIGINT
        if isinstance(cause, SystemExit) and isinstance(cause.code, int) and cause.code > 128:
            return cause.code
        cause = cause.__cause__ or cause.__context__
    return None


class Way(NamedTuple):
    """How the program currently ends."""

    seconds: float = LAST_WAIT
    """Seconds for an orderly end after a signal."""
    numbers: Collection[int] = ENDING
    """Signals that end the program."""
    end: Callable[[int], None] = lambda code: None
    """Start the orderly end with this exit code. Can be called from any thread."""
    is_lost: Callable[[], bool] = lambda: False
    """Return whether the terminal is gone. The program then ends as after SIGHUP."""


class LastResort:
    """Ends this process by force. The only instance is `last_resort`."""

    def __init__(self) -> None:
        self.way = Way()
        self.code: int | None = None
        """The exit code, once a signal was received."""
        self.is_ending = False
        """Whether the orderly end has begun in the main thread."""
        self.before_force: Callable[[], None] = lambda: None
        """Called before an end by force, in any thread. It must not block."""

    def listen(self) -> None:
        """Start to handle the termination signals: each one raises SystemExit in the main thread.
        Must be called once, in the main thread."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(
            target=self._wait_for_signal, args=[reader], daemon=True, name="last resort"
        ).start()
        for number in handled_signals():
            if number != signal.SIGINT:  # raises KeyboardInterrupt anyway
                signal.signal(number, end_orderly)
        sys.unraisablehook = signal_again

    @contextmanager
    def going(self, way: Way) -> Iterator[None]:
        """Use this way to end during the block."""
        before, self.way = self.way, way
        try:
            yield
        finally:
            self.way = before

    def end(self, code: int) -> None:
        """End the process immediately, whatever its threads are doing."""
        try:
            self.before_force()
        finally:
            os._exit(code)

    def _wait_for_signal(self, reader: int) -> None:
        while not (number := self._next_signal(reader)):
            pass
        self.code = 128 + number
        time.sleep(self.way.seconds)
        self.end(self.code)

    def _next_signal(self, reader: int) -> int:
        """Return the number of a received signal that ends the program, or 0."""
        if select.select([reader], [], [], CHECKED_EVERY)[0]:
            numbers = self.way.numbers
            return next((number for number in os.read(reader, 64) if number in numbers), 0)
        if self.way.is_lost():
            self.way.end(128 + signal.SIGHUP)
            return signal.SIGHUP
        return 0


last_resort = LastResort()


def end_by_force(code: int, seconds: float = LAST_WAIT) -> None:
    """End the process by force after `seconds`, if it still runs then."""
    timer = threading.Timer(seconds, last_resort.end, [code])
    timer.daemon = True
    timer.start()


@contextmanager
def ended_by(
    end: Callable[[int], None],
    *,
    seconds: float = LAST_WAIT,
    is_lost: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """During the block, call `end` with the exit code 128 + number when a termination signal arrives.

    The call interrupts the main thread; if the terminal is lost, it comes from another thread. If a
    signal that came earlier had no effect, as in a `__del__`, `end` is called at once. A signal that
    repeats it after the block is ignored, except for ctrl-c.
    """

    def handle(number: int, frame: object) -> None:
        last_resort.is_ending = True
        end(128 + number)

    way = Way(seconds, handled_signals(), end, is_lost)
    handlers = {number: signal.signal(number, handle) for number in handled_signals()}
    try:
        with last_resort.going(way):
            if last_resort.code is not None:
                end(last_resort.code)
            yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
