"""How often to sample single jobs, and how many, so that the server does not notice.

The judge is the server's own `rusage`, read before and after the samples. Work for others meanwhile
counts as ours; the lower median of the last measurements is used.
"""

from collections import deque
from statistics import median_low

SHARE = 0.0033
"""Share of a server's time that rounds may take by their estimated cost. Measured from outside it
is up to a third more; the promise is 0.5%."""

GUESS = 25e-6
"""Seconds of a command where the server does not report them: 1.12 needs 8 µs in a row of many."""

OVERHEAD = 24
"""Commands that the rest of a round costs: two `stats`, sent alone, the ids above, and some bodies."""

MIN_SAMPLES = 8
"""Minimum samples in a round; if these cost too much, rounds are less frequent."""

SLOW = 0.2
"""Seconds of a round trip above which a server is left alone."""

TRIPS = 4
"""A round comes at the earliest after this many round trips."""


class SampleBudget:
    """Learns from each round what samples cost."""

    def __init__(self) -> None:
        self._costs: deque[float] = deque(maxlen=9)
        self._round_trips: deque[float] = deque(maxlen=3)

    def note(self, round_trip: float, commands: int, cpu: float | None) -> None:
        """Learn from a round: the seconds of one round trip, and the processor time that the server took
        for that many commands; None if it does not report that."""
        self._round_trips.append(round_trip)
        if cpu is not None and cpu > 0 and commands > 0:
            self._costs.append(cpu / commands)

    @property
    def cost(self) -> float:
        """Seconds of a command."""
        return median_low(self._costs) if self._costs else GUESS

    @property
    def round_trip(self) -> float:
        return median_low(self._round_trips) if self._round_trips else 0.0

    @property
    def is_slow(self) -> bool:
        """Whether the server answers too slowly to be asked."""
        return len(self._round_trips) == self._round_trips.maxlen and self.round_trip > SLOW

    def pace(self, wanted: float) -> float:
        """Return the seconds from one round to the next: at least those `wanted`."""
        return max(wanted, (OVERHEAD + MIN_SAMPLES) * self.cost / SHARE, TRIPS * self.round_trip)

    def samples(self, pace: float) -> int:
        """Return how many jobs to sample in a round at this pace."""
        return max(MIN_SAMPLES, int(SHARE * pace / self.cost) - OVERHEAD)
