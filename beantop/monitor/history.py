"""Recent polls in bounded memory: for rates, sparklines and trends."""

import math
from collections import deque
from collections.abc import Collection

from beantop.monitor.conditions import GONE, MINUTE, Condition, conditions, tube_severity
from beantop.monitor.lifetimes import Lifetimes
from beantop.monitor.rates import UNKNOWN, Rates, server_rates, tube_rates
from beantop.monitor.sampled import AGES, Age, SampledJobs, jobs_of
from beantop.monitor.series import SPAN, SPANS, STEP, Series
from beantop.monitor.severity import calm
from beantop.monitor.snapshot import NOTHING_SEEN, Server, Snapshot, Tube
from beantop.monitor.time_series import TimeSeries, Trace

__all__ = ["SMOOTHING", "SPAN", "STEP", "History"]

GAP = 14
"""Seconds by which a value of a minute ago may be older, if no poll succeeded then."""

TEN_MINUTES = SPANS[1] - 20.0
"""Seconds: two steps less, since the oldest ones may be overwritten already."""

SMOOTHING = 5.0
"""Seconds over which rates are computed."""


class History:
    """The last snapshots of one server, and the time series made from them."""

    def __init__(self) -> None:
        self._recent: deque[Snapshot] = deque()
        self._rates: dict[str, Rates] = {}
        self._before: dict[str, Tube] = {}  # by name: the last sample but one
        self._unbroken_since = -math.inf  # no poll was missed since then
        self.pace = 0.0
        """Seconds from one poll to the next."""
        self._oldest_file_since = 0.0  # first poll with this oldest file of the binlog
        self.tubes: dict[str, TimeSeries] = {}
        """Time series of each existing tube, by name."""
        self.server = TimeSeries()
        self.lifetimes = Lifetimes()
        """Tubes that appeared or disappeared lately, and those in which nothing moves."""
        self.ready: dict[str, Series] = {}
        """Ready jobs of each tube, by name."""
        self.sampled = SampledJobs()
        """Sampled jobs: the first ready and buried ones, and one that timed out."""
        self.restarted_at: float | None = None
        """When the first poll of another process of the server began; None if there was only one."""
        self._found: dict[str, tuple[Condition, ...]] = {}
        self._severities: dict[str, float] = {}  # of the tubes that have a condition
        self.put = Series()
        """Jobs put per second: the maximum of each step."""
        self.delete = Series()

    def copy(self) -> "History":
        """Return a copy that no longer changes."""
        other = History()
        other._recent = self._recent.copy()
        other._before, other.pace = self._before.copy(), self.pace
        other._unbroken_since = self._unbroken_since
        other._oldest_file_since = self._oldest_file_since
        other.tubes = {name: past.copy() for name, past in self.tubes.items()}
        other.ready = {name: past.ready for name, past in other.tubes.items()}
        other.server = self.server.copy()
        other.lifetimes = self.lifetimes.copy()
        other.sampled, other.restarted_at = self.sampled.copy(), self.restarted_at
        other._found, other._severities = self._found.copy(), self._severities.copy()
        other.put, other.delete = self.put.copy(), self.delete.copy()
        return other

    @property
    def latest(self) -> Snapshot:
        return self._recent[-1] if self._recent else NOTHING_SEEN

    def add(self, snapshot: Snapshot, interval: float) -> None:
        """Note a snapshot that came about `interval` seconds after the one before it."""
        before, rates_before = self.latest, self.server_rates()
        same_process = before.server.is_same_process(snapshot.server)
        if not same_process or _oldest_file(before.server) != _oldest_file(snapshot.server):
            self._oldest_file_since = snapshot.taken_at
        self.lifetimes.add(snapshot, same_process=same_process)
        if not same_process:
            self.restarted_at = snapshot.taken_at if self._recent else None
            self._recent.clear()  # counters of another process cannot be compared
            self._before.clear()
            self._found.clear()
            self._severities.clear()
            self.sampled = SampledJobs()
        bridge = same_process and snapshot.taken_at - before.taken_at < 2.5 * interval
        if not bridge:
            self._unbroken_since = snapshot.taken_at
        self.pace = interval
        self._recent.append(snapshot)
        while len(self._recent) > 2 and self._recent[1].taken_at <= snapshot.taken_at - SMOOTHING:
            self._recent.popleft()
        self._rates = {}
        self._note_server(snapshot, bridge)
        self._note_tubes(before, snapshot, same_process)
        self._note_conditions(before, snapshot)
        rates = self.server_rates()
        for series, held, value in (
            (self.put, rates_before.put, rates.put),
            (self.delete, rates_before.delete, rates.delete),
        ):
            if value is not None:
                series.add(snapshot.taken_at, value, bridge=bridge and held is not None)

    @property
    def span_of_server(self) -> tuple[Server, Server] | None:
        """Return the two polls between which rates are computed; None if there is only one."""
        if len(self._recent) < 2:
            return None
        return self._recent[0].server, self._recent[-1].server

    @property
    def oldest_file_age(self) -> float | None:
        """Seconds for which the oldest file of the binlog has been the same while it was watched; None
        without a binlog. The file itself may be older: the server does not say."""
        if not _oldest_file(self.latest.server):
            return None
        return self.latest.taken_at - self._oldest_file_since

    def server_rates(self) -> Rates:
        """Return the rates of the server over the last seconds."""
        span = self.span_of_server
        return server_rates(*span) if span else UNKNOWN

    def tube_rates(self, name: str) -> Rates:
        """Return the rates of a tube over the last seconds."""
        if (known := self._rates.get(name)) is None:
            known = self._rates[name] = self._measure(name)
        return known

    def a_minute_ago(self, tube: Tube, trace: Trace) -> float | None:
        """Return a value of the tube a minute before its last sample; None if that is unknown. If there
        was no sample then, it is estimated from one that is up to `GAP` seconds older."""
        past = self.tubes.get(tube.name)
        if past is None:
            return None
        for extra in range(0, GAP + 1, int(STEP)):
            seconds = MINUTE + extra
            if (before := past.before(trace, seconds, tube.taken_at)) is not None:
                now = getattr(tube, trace) if extra else None
                return before if now is None else now - (now - before) * MINUTE / seconds
        return None

    def ready_ten_minutes_ago(self, tube: Tube) -> float | None:
        """Return the number of ready jobs about ten minutes ago; None if that is unknown."""
        past = self.tubes.get(tube.name)
        return past.before("ready", TEN_MINUTES, tube.taken_at, level=1) if past else None

    def ready_gained(self, tube: Tube) -> float:
        """Return by how much the number of ready jobs grew in a minute; 0 if that is unknown."""
        before = self.a_minute_ago(tube, "ready")
        return 0.0 if before is None or tube.ready is None else tube.ready - before

    def sample_before(self, name: str) -> Tube | None:
        """Return the last sample but one of a tube."""
        return self._before.get(name)

    def found(self, name: str) -> tuple[Condition, ...]:
        """Return the conditions of a tube at its last sample, the worst first."""
        return self._found.get(name, ())

    def all_found(self) -> Collection[tuple[str, tuple[Condition, ...]]]:
        """Return the names of the tubes that have conditions, with these."""
        return self._found.items()

    def conditions(self, tube: Tube) -> tuple[Condition, ...]:
        """Return the conditions of a tube, which may be gone, the worst first."""
        return (GONE,) if self.lifetimes.has_gone(tube.name) else self.found(tube.name)

    def severity(self, tube: Tube) -> float:
        """Return how bad the conditions of a tube are: at least 1 if something is wrong with it."""
        known = self._severities.get(tube.name)
        return calm(tube.ready) if known is None else known

    def oldest(self, tube: Tube, field: str = "oldest") -> Age | None:
        """Return the age of the oldest first job of a tube, by the name of the field; None if that is
        unknown, or there is none. A sample is fresh for two polls."""
        return self.sampled.age(tube, AGES[field], 2 * self.pace)

    def sampled_oldest(self, tube: Tube, field: str) -> float | None:
        """Return that age at the time of its sample; None if that is more than two polls ago."""
        return self.sampled.sampled_age(tube, AGES[field], 2 * self.pace)

    def awaits_sample(self, tube: Tube, field: str) -> bool:
        """Return whether the first job in one of these states is not known, though one exists or may exist: the
        last sample may be of another job."""
        exists = any(jobs_of(tube, state) != 0 for state in AGES[field])
        age = self.oldest(tube, field)
        return exists and not (age and age.is_fresh)

    def _measure(self, name: str) -> Rates:
        after = self.latest.tubes.get(name)
        if after is None:
            return UNKNOWN
        before = after
        for snapshot in reversed(self._recent):
            earlier = snapshot.tubes.get(name)
            if earlier is None or (earlier.total_jobs or 0) > (before.total_jobs or 0):
                break  # the tube is newer: an earlier one of the same name was another tube
            before = earlier
        if before is after and name in self._before:  # it is not in every poll
            before = self._before[name]
        return tube_rates(before, after)

    def reconsider(self, name: str) -> None:
        """Determine the conditions of a tube again, since its first job told something new."""
        if tube := self.latest.tubes.get(name):
            self._note_condition(tube)

    def _note_conditions(self, before: Snapshot, snapshot: Snapshot) -> None:
        """Note what is wrong with the tubes that were asked for, and how bad that is. There may be
        100,000 tubes to sort, so that this is done once for each sample."""
        for gone in self._found.keys() - snapshot.tubes.keys():
            del self._found[gone]
            self._severities.pop(gone, None)
        for name, tube in snapshot.tubes.items():
            if tube is not before.tubes.get(name):
                self._note_condition(tube)

    def _note_condition(self, tube: Tube) -> None:
        if found := conditions(tube, self):
            self._found[tube.name] = found
            self._severities[tube.name] = tube_severity(tube, found)
        else:
            self._found.pop(tube.name, None)
            self._severities.pop(tube.name, None)

    def _note_server(self, snapshot: Snapshot, bridge: bool) -> None:
        server = snapshot.server
        counts = (server.ready, server.reserved, server.delayed, server.buried)
        puts, deletes = server.total_jobs, server.delete_commands
        self.server.note(server.taken_at, counts, puts, deletes, bridge)

    def _note_tubes(self, before: Snapshot, snapshot: Snapshot, same_process: bool) -> None:
        pasts = self.tubes
        for gone in pasts.keys() - snapshot.tubes.keys():
            del pasts[gone], self.ready[gone]
            self.sampled.forget(gone)
        for gone in self._before.keys() - snapshot.tubes.keys():
            del self._before[gone]
        for name, tube in snapshot.tubes.items():
            earlier = before.tubes.get(name)
            if tube is earlier:
                continue  # it was not asked for
            self.sampled.note_poll(tube)
            bridge = earlier is not None and earlier.taken_at >= self._unbroken_since
            if earlier and same_process and (earlier.total_jobs or 0) <= (tube.total_jobs or 0):
                self._before[name] = earlier
            else:  # another tube of the same name
                self._before.pop(name, None)
            past = pasts.get(name)
            if past is None:
                if tube.ready is None:
                    continue  # not polled yet: of very many tubes, a poll asks for some
                past = pasts[name] = TimeSeries()
                self.ready[name] = past.ready
            counts = (tube.ready, tube.reserved, tube.delayed, tube.buried)
            past.note(tube.taken_at, counts, tube.total_jobs, tube.deletes, bridge)


def _oldest_file(server: Server) -> int | None:
    return server.stats.get("binlog-oldest-index")
