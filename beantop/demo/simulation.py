"""The simulation that the actors of a scene share: the server, the time, and scheduled calls."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock

LAG = 2 * SECOND
"""Maximum delay with which calls still run at their own time. Calls that are later, for example
because this process was stopped, run as if due this long ago, so not all lost work is made up for."""

NEVER = 2**80


@dataclass(frozen=True)
class Shift:
    """Times at which an actor is present, in seconds."""

    first: float
    """Start of the first shift, since the traffic began."""
    stay: float
    """Length of a shift."""
    every: float
    """Time from the start of one shift to the start of the next."""


class Simulation:
    """Runs scheduled calls of the actors, and the ticks of the broker between them.

    Calls run in the order of their times. At the same time, the broker ticks first, then calls run in
    the order in which they were scheduled. The result does not depend on how often `run_until` is
    called.
    """

    def __init__(self, broker: Broker, clock: Clock, begin: int, seed: int, epoch: float) -> None:
        self.broker = broker
        self.begin = begin
        """Time in nanoseconds at which the traffic begins."""
        self._epoch = epoch
        self._clock = clock
        self._seed = seed
        self._rngs = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0
        self._current_due: int | None = None

    @property
    def now(self) -> int:
        """Time in nanoseconds: during a scheduled call the time it was due, else the clock's time."""
        return self._clock() if self._current_due is None else self._current_due

    @property
    def seconds(self) -> float:
        """Seconds since the traffic began; negative before."""
        return (self.now - self.begin) / SECOND

    @property
    def unix_time(self) -> float:
        """Unix time in seconds."""
        return self._epoch + self.seconds

    def rng(self) -> Random:
        """Return a source of randomness for one actor, different from all earlier ones."""
        self._rngs += 1
        return Random(self._seed * 1_000_003 + self._rngs)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        self._serial += 1
        heapq.heappush(self._due, (self.now + int(seconds * SECOND), self._serial, call))

    def spread(self, count: int, seconds: float, call: Callable[[], None]) -> None:
        """Schedule `count` calls within `seconds`, at equal intervals, the first one now."""
        for number in range(count):
            self.after(seconds * number / count, call)

    def each(self, shift: Shift, call: Callable[[], None]) -> None:
        """Schedule a call at the start of each shift. The first shift is relative to now."""
        self.after(shift.first, partial(self._begin_shift, shift, call))

    def _begin_shift(self, shift: Shift, call: Callable[[], None]) -> None:
        call()
        self.after(shift.every, partial(self._begin_shift, shift, call))

    def run_until(self, at: int) -> None:
        while (due := self.due) <= at:
            self._clock.advance_to(due)
            if self._clock() < due:
                return  # a live clock has not reached that time yet
            if self.broker.due == due:
                self.broker.tick()
            else:
                self._run_next()
        self._clock.advance_to(at)

    def _run_next(self) -> None:
        due, _, call = heapq.heappop(self._due)
        self._current_due = max(due, self._clock() - LAG)
        call()
        self._current_due = None

    @property
    def due(self) -> int:
        """Time in nanoseconds of the next scheduled call or tick of the broker."""
        own = self._due[0][0] if self._due else NEVER
        return own if self.broker.due is None else min(own, self.broker.due)
