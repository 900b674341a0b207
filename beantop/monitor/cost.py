"""What polls cost the server, and how long it has to be left alone after one.

The judge is the server's own `rusage`. Its growth over a poll covers everything that the server did
meanwhile, also for other clients, so a poll cost at most that. Where a server does not report it, the
cost is estimated from the time that the poll took. Errors of both ask for less, never for more.
"""

import math
from collections import deque
from collections.abc import Iterable

from beantop.monitor.snapshot import Snapshot

SHARE = 0.045
"""The largest part of a server's time that polls may cost over any `WINDOW`, by what is known of
their cost: a little less than the 5 % that are promised."""

WINDOW = 10.0
"""Seconds."""

MIN_COST = 10e-6
"""Seconds that a command costs at least: 1.12 needs 14 µs for the cheapest."""

ASIDE = 0.005
"""The part of a server's time that is left in any case for what other connections ask."""

GROWN = 1.25
"""Growth of the number of tubes up to which what one cost says what one costs now."""

NOT_SEEN = 2
"""Commands of many in a row that the server's work before the first `rusage` and after the last one
is worth, beside the `stats` that is seen in two halves: measured with 50,000 tubes."""

TRIPS = 3
"""Round trips of a poll; with many tubes there are more, but the server may work meanwhile."""


def rest_after(cost: float) -> float:
    """Seconds from the start of a poll to the start of the next, where each costs so much.

    Polls at both ends of a window count in full, so it contains `WINDOW / rest + 1` of them.

    >>> round(rest_after(0.04), 2), round(rest_after(1.0), 1)
    (0.98, 22.2)
    """
    if cost >= SHARE * WINDOW / 2:
        return max(WINDOW, cost / SHARE)
    return cost / (SHARE - cost / WINDOW)


def allowed(seconds: float) -> float:
    """Return the seconds that a poll may cost if the next one comes `seconds` later: `rest_after` backwards.

    >>> round(allowed(1.0), 4), round(rest_after(allowed(1.0)), 4)
    (0.0409, 1.0)
    """
    return SHARE * seconds / (1 + seconds / WINDOW)


def guess(tubes: int) -> float:
    """Return the assumed seconds for one `stats-tube` on a server with `tubes` tubes, before any poll.

    beanstalkd walks the list of all tubes several times for each command. 1.12 was measured to need
    15 µs with 1,000 tubes, 95 µs with 10,000, 0.4 ms with 30,000 and 1.8 ms with 100,000.

    >>> [round(guess(tubes), 5) for tubes in (1_000, 10_000, 100_000)]
    [0.0001, 0.00055, 0.00505]
    """
    return 50e-6 + 50e-9 * tubes


def _median_high(costs: Iterable[float]) -> float:
    """Return the median; of an even number of costs the higher one of the two in the middle."""
    ordered = sorted(costs)
    return ordered[len(ordered) // 2]


def _median_low(costs: Iterable[float]) -> float:
    ordered = sorted(costs)
    return ordered[(len(ordered) - 1) // 2]


def _with_more_tubes(cost: float, before: int, now: int) -> float:
    """Return the assumed cost of a command, if it was `cost` with fewer tubes.

    >>> _with_more_tubes(0.0001, 1_000, 900), round(_with_more_tubes(0.0001, 1_000, 50_000), 5)
    (0.0001, 0.005)
    """
    growth = now / max(1, before)
    return cost if growth <= GROWN else max(cost * growth, guess(now))


class Costs:
    """Learns from each poll what polls cost."""

    def __init__(self) -> None:
        self._round_trips: deque[float] = deque(maxlen=5)
        self._of_a_tube: deque[tuple[float, int]] = deque(
            maxlen=5
        )  # its cost, and the tubes there then
        self._recent: deque[float] = deque(maxlen=3)
        self._polls: deque[tuple[float, float]] = deque()  # when, and what it cost, in a WINDOW
        self._is_reported = False  # what the last one cost

    def note(self, snapshot: Snapshot) -> None:
        """Learn from a poll."""
        self._round_trips.append(snapshot.round_trip)
        cost = self._judge(snapshot)
        self._is_reported = snapshot.cpu is not None
        self._recent.append(cost)
        if snapshot.asked:
            self._of_a_tube.append((cost / len(snapshot.asked), len(snapshot.tubes)))
        self._polls.append((snapshot.taken_at, cost))
        while self._polls[0][0] <= snapshot.taken_at - WINDOW:
            self._polls.popleft()

    def forget(self) -> None:
        """Forget what a tube costs: after a lost connection another server may be there."""
        self._of_a_tube.clear()

    def of_a_tube(self, tubes: int = 0) -> float:
        """Return the seconds that asking for a tube costs, with its part of all else in a poll, if there
        are `tubes` now, which may be many more than before; 0 before the first poll."""
        costs = [_with_more_tubes(cost, before, tubes) for cost, before in self._of_a_tube]
        return _median_high(costs) if costs else 0.0

    @property
    def rest(self) -> float:
        """Seconds from the start of the last poll for which the server is to be left alone."""
        if not self._recent:
            return 0.0
        if self._is_reported:
            room = self._until_there_is_room(max(self._recent), math.inf)
            return max(rest_after(_median_high(self._recent)), room)
        usual = _median_low(self._recent)  # one that is large may come from a busy network
        return max(rest_after(usual), self._until_there_is_room(usual, 2 * usual))

    def share(self, pace: float) -> float | None:
        """The part of the server's time that the polls of the last `WINDOW` cost at most, where the
        next one comes `pace` seconds after the last; None before the first poll."""
        if not self._polls:
            return None
        span = self._polls[-1][0] - self._polls[0][0] + pace
        return sum(cost for _, cost in self._polls) / span

    def aside(self, pace: float) -> int:
        """Return how many commands other connections may send beside each poll: as many as fit in
        what polls leave of their `SHARE`, if they are sent many in a row."""
        left = max(ASIDE, SHARE - (self.share(pace) or 0.0))
        cost = self.of_a_tube()
        return int(left * pace / cost) if cost else 0

    def _until_there_is_room(self, cost: float, most: float) -> float:
        """Return the seconds from the start of the last poll until a poll of this cost fits into the
        `WINDOW` that ends with it. Earlier polls count for at most `most` each."""
        last = self._polls[-1][0]
        for at, before in reversed(self._polls):
            cost += min(before, most)
            if cost > SHARE * WINDOW:
                return at + WINDOW - last
        return 0.0

    def _judge(self, snapshot: Snapshot) -> float:
        commands = len(snapshot.asked) + 3  # `stats` twice, and `list-tubes`
        if snapshot.cpu is None:
            cost = snapshot.took - TRIPS * min(self._round_trips)
        else:
            cost = min(snapshot.cpu * (commands + NOT_SEEN) / (commands - 1), snapshot.took)
        return max(cost, commands * MIN_COST)
