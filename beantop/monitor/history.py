"""What was seen lately, in bounded memory: for rates, sparklines and trends."""

import itertools
from array import array
from collections import deque

from beantop.monitor.lives import Lives
from beantop.monitor.rates import UNKNOWN, Rates, server_rates, tube_rates
from beantop.monitor.snapshot import NOTHING_SEEN, Snapshot, Tube

SPAN = 120.0
"""Seconds that the series reach back."""

STEP = 2.0
"""Seconds that share one value of a series."""

SMOOTHING = 5.0
"""Seconds over which rates are taken."""

_SLOTS = int(SPAN / STEP)


_GAP = -1.0  # stands for a value that is not known; those that are, are never negative


class Series:
    """The largest value of each `STEP` seconds, for the last `SPAN` seconds; gaps stay gaps."""

    __slots__ = ("_newest", "_values")

    def __init__(self) -> None:
        self._values = array("d", [_GAP]) * _SLOTS  # the oldest first
        self._newest = -_SLOTS  # the number of the step that the last value belongs to

    def add(self, at: float, value: float, *, bridge: bool = False) -> None:
        """Note a value from 0 up, seen at a time which never goes back.

        With `bridge` the value before it held until now: it was only not looked at more often.
        """
        slot = int(at // STEP)
        steps = slot - self._newest
        if steps > 0:
            held = self._values[-1] if bridge else _GAP
            self._values.extend([held] * min(steps - 1, _SLOTS))
            self._values.append(value)
            del self._values[:-_SLOTS]
            self._newest = slot
        elif value > self._values[-1]:
            self._values[-1] = value

    def last(self, cells: int, now: float) -> list[float | None]:
        """The series in `cells` parts, oldest first, each the largest of its part; None for a gap.

        >>> series = Series()
        >>> series.add(0.0, 3); series.add(119.0, 7)
        >>> series.last(4, now=119.0)
        [3.0, None, None, 7.0]
        """
        values = self._until(now)
        edges = [cell * _SLOTS // cells for cell in range(cells + 1)]
        largest = [
            max(values[start : max(stop, start + 1)]) for start, stop in itertools.pairwise(edges)
        ]
        return [None if value == _GAP else value for value in largest]

    def before(self, seconds: float, now: float) -> float | None:
        """The value of so many seconds ago, within `SPAN`; None for a gap."""
        place = _SLOTS - 1 - int(seconds // STEP)
        value = self._until(now)[place] if place >= 0 else _GAP
        return None if value == _GAP else value

    def copy(self) -> "Series":
        """The same values, on their own."""
        other = Series()
        other._values[:] = self._values
        other._newest = self._newest
        return other

    def _until(self, now: float) -> "array[float]":
        """The values of the `SPAN` that ends now, also where the last one was seen before."""
        late = min(_SLOTS, int(now // STEP) - self._newest)
        if late <= 0:
            return self._values
        return self._values[late:] + array("d", [_GAP]) * late


class History:
    """The last snapshots of one server, and the series made of them."""

    def __init__(self) -> None:
        self._recent: deque[Snapshot] = deque()
        self._rates: dict[str, Rates] = {}
        self.lives = Lives()
        """Which tubes came and went lately, and where nothing moves."""
        self.ready: dict[str, Series] = {}
        """Ready jobs, by tube."""
        self.put = Series()
        self.delete = Series()

    def copy(self) -> "History":
        """The same past, that no longer goes on."""
        other = History()
        other._recent = self._recent.copy()
        other.ready = {name: series.copy() for name, series in self.ready.items()}
        other.lives = self.lives.copy()
        other.put, other.delete = self.put.copy(), self.delete.copy()
        return other

    @property
    def latest(self) -> Snapshot:
        return self._recent[-1] if self._recent else NOTHING_SEEN

    def add(self, snapshot: Snapshot, interval: float) -> None:
        """Note a snapshot that came about `interval` seconds after the one before it."""
        before, rates_before = self.latest, self.server_rates()
        same_process = before.server.is_same_process(snapshot.server)
        self.lives.add(snapshot, same_process=same_process)
        if not same_process:
            self._recent.clear()  # counters of another process: nothing to compare with
        bridge = same_process and snapshot.taken_at - before.taken_at < 2.5 * interval
        self._recent.append(snapshot)
        while len(self._recent) > 2 and self._recent[1].taken_at <= snapshot.taken_at - SMOOTHING:
            self._recent.popleft()
        self._rates = {}
        self._note_tubes(snapshot, bridge)
        rates = self.server_rates()
        for series, held, value in (
            (self.put, rates_before.put, rates.put),
            (self.delete, rates_before.delete, rates.delete),
        ):
            if value is not None:
                series.add(snapshot.taken_at, value, bridge=bridge and held is not None)

    def server_rates(self) -> Rates:
        """The rates of the server over the last seconds."""
        if len(self._recent) < 2:
            return UNKNOWN
        return server_rates(self._recent[0].server, self._recent[-1].server)

    def tube_rates(self, name: str) -> Rates:
        """The rates of a tube over the last seconds."""
        if (known := self._rates.get(name)) is None:
            known = self._rates[name] = self._measure(name)
        return known

    def ready_a_minute_ago(self, tube: Tube) -> float | None:
        """How many ready jobs the tube had then, if it was watched already."""
        series = self.ready.get(tube.name)
        return series.before(60.0, tube.taken_at) if series else None

    def had_no_worker_before(self, name: str) -> bool:
        """Whether no connection watched the tube at the look before the last one either."""
        if len(self._recent) < 2:
            return False
        tube = self._recent[-2].tubes.get(name)
        return tube is not None and tube.watching == 0

    def _measure(self, name: str) -> Rates:
        after = self.latest.tubes.get(name)
        if after is None:
            return UNKNOWN
        before = after
        for snapshot in reversed(self._recent):
            earlier = snapshot.tubes.get(name)
            if earlier is None or (earlier.total_jobs or 0) > (before.total_jobs or 0):
                break  # it came to be after that: an earlier tube of the name was another one
            before = earlier
        return tube_rates(before, after)

    def _note_tubes(self, snapshot: Snapshot, bridge: bool) -> None:
        for gone in self.ready.keys() - snapshot.tubes.keys():
            del self.ready[gone]
        for name, tube in snapshot.tubes.items():
            if tube.ready is not None:
                series = self.ready.get(name)
                if series is None:
                    series = self.ready[name] = Series()
                series.add(tube.taken_at, tube.ready, bridge=bridge)
