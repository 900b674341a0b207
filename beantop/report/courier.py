"""Deliver facts to one receiver, in order, in a thread of its own."""

import time
from collections.abc import Callable
from threading import Thread

from beantop.formatting import duration
from beantop.report.outbox import Closed, Entry, Outbox
from beantop.report.receivers import HEARTBEAT, DeliveryError, Receiver

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds between attempts: they double from the first to the longest."""

MAX_AGE = 86_400.0
"""Seconds after which an alert that could not be delivered is dropped."""


class Courier:
    """Delivers until the outbox is closed."""

    def __init__(
        self,
        receiver: Receiver,
        outbox: Outbox,
        report: Callable[[str], object],
        *,
        first_wait: float = FIRST_WAIT,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`report` gets sentences about problems."""
        self._receiver, self._outbox, self._report = receiver, outbox, report
        self._first_wait, self._wall = first_wait, wall
        self._failures = 0

    def start(self) -> None:
        Thread(target=self._run, daemon=True, name="courier").start()

    def _run(self) -> None:
        try:
            while True:
                self._deliver(self._outbox.next(self._receiver.key))
        except Closed:
            pass

    def _deliver(self, entry: Entry) -> None:
        """Make one attempt, and wait after a failure."""
        is_over = True
        try:
            self._receiver.send(entry.fact)
        except (DeliveryError, OSError, ValueError) as error:
            is_over = self._note_failure(entry, error)
        else:
            self._note_success()
        finally:
            self._outbox.done(self._receiver.key, entry, is_over=is_over)
        if self._failures:
            self._outbox.wait(
                min(LONGEST_WAIT, self._first_wait * 2.0 ** min(self._failures - 1, 20))
            )

    def _note_failure(self, entry: Entry, error: Exception) -> bool:
        """Report the first failure in a row. Return whether the fact is given up."""
        self._failures += 1
        name = self._receiver.name
        is_heartbeat = entry.fact.get("event") == HEARTBEAT
        if self._failures == 1:
            again = "" if is_heartbeat else "; it is tried again"
            self._report(f"cannot report to {name}: {error}{again}")
        if is_heartbeat:
            return True
        is_too_old = self._wall() - entry.queued > MAX_AGE
        if is_too_old:
            said = entry.fact.get("sentence")
            self._report(f"gave up after {duration(MAX_AGE)} to report to {name}: {said}")
        return is_too_old

    def _note_success(self) -> None:
        if self._failures:
            self._report(f"{self._receiver.name} takes reports again")
        self._failures = 0
