"""Work on files beside everything else: a lock, a dead disk or a network may hold it for ever."""

import asyncio
import errno
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds that a file is waited for."""

SAVING = 60.0
"""Seconds for something large to be on the disk."""

MAX_WAITING = 1000
"""Pieces of work that wait for the one that is held up; what comes then is not done at all."""


class Aside:
    """Does work in its order, in a thread that nobody has to wait for."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._thread: Thread | None = None
        self._giving = Lock()
        self._given = self._done = 0
        self._moved_at = 0.0  # when it last began or ended something, monotonic

    def do(self, work: Callable[[], object]) -> None:
        """Do this later. It raises nothing."""
        if self._given - self._done < MAX_WAITING:
            self._put(work)

    def settle(self, seconds: float) -> bool:
        """Wait until all is done that was given so far; whether it was, in that time."""
        if self._thread is None:
            return True
        done = Event()
        self._put(done.set)
        return done.wait(seconds)

    @property
    def is_late(self) -> bool:
        """Whether something takes longer than anything should."""
        return self._given > self._done and time.monotonic() > self._moved_at + PATIENCE

    def _put(self, work: Callable[[], object]) -> None:
        with self._giving:
            if self._thread is None:
                self._thread = Thread(target=self._run, daemon=True, name="files")
                self._thread.start()
            if self._given == self._done:
                self._moved_at = time.monotonic()
            self._given += 1
            self._work.put(work)

    def _run(self) -> None:
        while True:
            self._work.get()()
            self._done += 1
            self._moved_at = time.monotonic()


def in_time(work: Callable[[], T], seconds: float = PATIENCE) -> T:
    """The result of some work, which is done in a thread. One that takes longer is left alone, and
    is a TimeoutError, as which it is an OSError."""
    future = _begun(work)
    try:
        return future.result(seconds)
    except TimeoutError:
        raise _too_late(future, seconds) from None


async def in_time_async(work: Callable[[], T], seconds: float = PATIENCE) -> T:
    """As `in_time`, while everything else goes on."""
    future = _begun(work)
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(future)
    except TimeoutError:
        raise _too_late(future, seconds) from None


def _begun(work: Callable[[], T]) -> Future[T]:
    """A thread of its own: those of the event loop's pool are few, and waited for at the end."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from now on nobody can cancel it

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # it is raised where the result is awaited
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=run, daemon=True, name="file").start()
    return future


def _too_late(future: "Future[T]", seconds: float) -> BaseException:
    """Why there is no result: the work itself may have ended with a TimeoutError."""
    if future.done() and (error := future.exception()):
        return error
    return TimeoutError(errno.ETIMEDOUT, f"it did not answer within {seconds:g} s")
