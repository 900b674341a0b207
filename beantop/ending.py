"""The signals that end the program, and its end by force where the orderly one does not come.

Plain handlers hear the signals: they interrupt the main thread also where it waits for a lock or a
file. Beside them a thread hears the same signals by the pipe that the interpreter itself writes to,
whatever the main thread does, and ends the process a little later, should it still be there.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

LAST_WAIT = 4.0
"""Seconds for an orderly end, with a batch on its way and a terminal that takes nothing."""

CHECKED_EVERY = 2.0
"""Seconds between two looks whether the terminal is still there."""


def handled_signals() -> list[signal.Signals]:
    """Termination signals that the parent process did not set to be ignored, as `nohup` does."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


def end_orderly(number: int, frame: object) -> None:
    """End as an error does, so that what is open is closed: to be set as a handler."""
    raise SystemExit(128 + number)


@dataclass(frozen=True, slots=True)
class Way:
    """How the program ends just now."""

    seconds: float = LAST_WAIT
    """For an orderly end after a signal."""
    numbers: Collection[int] = ENDING
    """The signals that end it."""
    end: Callable[[int], None] = lambda code: None
    """Begins the orderly end, with this exit code; may be called from any thread."""
    is_lost: Callable[[], bool] = lambda: False
    """Whether there is nobody left to run for: then it ends as on SIGHUP."""


class LastResort:
    """Ends this process by force. There is one, `last_resort`."""

    def __init__(self) -> None:
        self.way = Way()
        self.before_force: Callable[[], None] = lambda: None
        """What is done before an end by force, in any thread. It must not wait for anything."""

    def listen(self) -> None:
        """Hear the signals from now on, and have each of them end the program as an error does.
        To be called once, in the main thread."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=self._hear, args=[reader], daemon=True, name="last resort").start()
        for number in handled_signals():
            if number != signal.SIGINT:  # which is an exception anyway
                signal.signal(number, end_orderly)

    @contextmanager
    def going(self, way: Way) -> Iterator[None]:
        """Go that way until the end of the block."""
        before, self.way = self.way, way
        try:
            yield
        finally:
            self.way = before

    def end(self, code: int) -> None:
        """End the process now, whatever its threads are doing."""
        try:
            self.before_force()
        finally:
            os._exit(code)

    def _hear(self, reader: int) -> None:
        while not (number := self._next(reader)):
            pass
        time.sleep(self.way.seconds)
        self.end(128 + number)

    def _next(self, reader: int) -> int:
        """The signal that came, if it is one that ends the program; else 0."""
        if select.select([reader], [], [], CHECKED_EVERY)[0]:
            numbers = self.way.numbers
            return next((number for number in os.read(reader, 64) if number in numbers), 0)
        if self.way.is_lost():
            self.way.end(128 + signal.SIGHUP)
            return signal.SIGHUP
        return 0


last_resort = LastResort()


def end_by_force(code: int, seconds: float = LAST_WAIT) -> None:
    """End the process a little later, should it still be there."""
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
    """Until the end of the block, have a signal call `end` with the exit code, 128 + its number, in
    the main thread and in the middle of whatever that does. `end` may be called in any thread."""
    way = Way(seconds, handled_signals(), end, is_lost)
    handlers = {
        number: signal.signal(number, lambda number, frame: end(128 + number))
        for number in handled_signals()
    }
    try:
        with last_resort.going(way):
            yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
