"""File operations in threads of their own: a lock, a dead disk or a network may block them
forever."""

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
"""Seconds to wait for a file operation."""

SAVING = 60.0
"""Seconds to wait until something large is on the disk."""

MAX_WAITING = 1000
"""Calls that can queue behind a blocked one; further ones are dropped."""


class Aside:
    """A daemon thread that runs calls in order, so that the caller never has to wait for them."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._thread: Thread | None = None
        self._queueing = Lock()
        self._queued = self._done = 0
        self._moved_at = 0.0  # monotonic time at which a call last started or ended

    def do(self, work: Callable[[], object]) -> None:
        """Queue a call that never raises. Dropped if `MAX_WAITING` calls are pending."""
        if self._queued - self._done < MAX_WAITING:
            self._put(work)

    def settle(self, seconds: float) -> bool:
        """Wait for everything queued so far; return whether it finished within `seconds`."""
        if self._thread is None:
            return True
        done = Event()
        self._put(done.set)
        return done.wait(seconds)

    @property
    def is_late(self) -> bool:
        """Whether the current call has been running for longer than `PATIENCE`."""
        return self._queued > self._done and time.monotonic() > self._moved_at + PATIENCE

    def _put(self, work: Callable[[], object]) -> None:
        with self._queueing:
            if self._thread is None:
                self._thread = Thread(target=self._run, daemon=True, name="files")
                self._thread.start()
            if self._queued == self._done:
                self._moved_at = time.monotonic()
            self._queued += 1
            self._work.put(work)

    def _run(self) -> None:
        while True:
            self._work.get()()
            self._done += 1
            self._moved_at = time.monotonic()


def in_time(work: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Run `work` in a thread and return its result. Raises TimeoutError, which is an OSError, if it
    takes longer than `seconds`; the thread is then abandoned."""
    future = _start_thread(work)
    try:
        return future.result(seconds)
    except TimeoutError:
        raise _timeout_error(future, seconds) from None


async def in_time_async(work: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Do the same as `in_time` without blocking the event loop."""
    future = _start_thread(work)
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(future)
    except TimeoutError:
        raise _timeout_error(future, seconds) from None


def _start_thread(work: Callable[[], T]) -> Future[T]:
    """Start `work` in a thread of its own: the event loop's pool has few, and is joined at exit."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # it can no longer be cancelled

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # raised where the result is awaited
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=run, daemon=True, name="file").start()
    return future


def _timeout_error(future: "Future[T]", seconds: float) -> BaseException:
    """Return the error to raise. The work itself may have failed with a TimeoutError."""
    if future.done() and (error := future.exception()):
        return error
    return TimeoutError(errno.ETIMEDOUT, f"it did not answer within {seconds:g} s")
