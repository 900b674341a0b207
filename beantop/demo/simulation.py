"""What the actors of a scene share: the server, the time, and what is due when."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock

LAG = 2 * SECOND
"""How late things may happen and still count as done in time. Of what should have happened before,
while this process was stopped for instance, not everything is made up for."""

NEVER = 2**80


@dataclass(frozen=True)
class Shift:
    """When somebody comes, and for how long. All in seconds."""

    first: float
    """Since the traffic began."""
    stay: float
    every: float
    """From the beginning of one shift to that of the next."""


class Simulation:
    """Calls the actors when they want to be called, and lets time reach the broker in between.

    Things happen in the order of their times, and those of one time in the order in which they
    were asked for, after the broker's own. How often `run_until` is called changes nothing.
    """

    def __init__(self, broker: Broker, clock: Clock, begin: int, seed: int, epoch: float) -> None:
        self.broker = broker
        self.begin = begin
        """When the traffic begins."""
        self._epoch = epoch
        self._clock = clock
        self._seed = seed
        self._rngs = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0
        self._happening: int | None = None

    @property
    def now(self) -> int:
        """Nanoseconds: while something happens, the time at which it was due; else the clock's."""
        return self._clock() if self._happening is None else self._happening

    @property
    def seconds(self) -> float:
        """Since the traffic began; before it, a negative number."""
        return (self.now - self.begin) / SECOND

    @property
    def unix_time(self) -> float:
        """What people's clocks say, in seconds."""
        return self._epoch + self.seconds

    def rng(self) -> Random:
        """Randomness for one actor, other than that of all who asked before."""
        self._rngs += 1
        return Random(self._seed * 1_000_003 + self._rngs)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        self._serial += 1
        heapq.heappush(self._due, (self.now + int(seconds * SECOND), self._serial, call))

    def spread(self, count: int, seconds: float, call: Callable[[], None]) -> None:
        """Call so many times within these seconds, at equal distances, first now."""
        for number in range(count):
            self.after(seconds * number / count, call)

    def each(self, shift: Shift, call: Callable[[], None]) -> None:
        """Call at the beginning of each shift; the first one counts from now."""
        self.after(shift.first, partial(self._begin_shift, shift, call))

    def _begin_shift(self, shift: Shift, call: Callable[[], None]) -> None:
        call()
        self.after(shift.every, partial(self._begin_shift, shift, call))

    def run_until(self, at: int) -> None:
        while (due := self.due) <= at:
            self._clock.advance_to(due)
            if self._clock() < due:
                return  # a live clock is not there yet
            if self.broker.due == due:
                self.broker.tick()
            else:
                self._happen()
        self._clock.advance_to(at)

    def _happen(self) -> None:
        due, _, call = heapq.heappop(self._due)
        self._happening = max(due, self._clock() - LAG)
        call()
        self._happening = None

    @property
    def due(self) -> int:
        """When something is to happen next, here or at the broker."""
        own = self._due[0][0] if self._due else NEVER
        return own if self.broker.due is None else min(own, self.broker.due)
