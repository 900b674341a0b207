"""Counters of the work that a server did before the traffic of its scene begins.

This work is not simulated: it is calculated from the average rates of the parts of the scene.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from random import Random
from typing import TypeAlias

from beantop.demo.binlog import RECORD
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND

CommandRates: TypeAlias = Callable[[float], dict[str, float]]
"""Convert jobs per second to the commands per second of their workers, and to `TIMEOUTS`."""

TIMEOUTS, CONNECTIONS = "job-timeouts", "total-connections"

UNSTEADY = 0.03
"""Maximum random deviation of a tube's jobs from their average, as a share of it."""


class AverageLoad:
    """Average load of a server, as rates per second. The parts of a scene add their shares."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.jobs: defaultdict[str, float] = defaultdict(float)
        self.pauses: defaultdict[str, float] = defaultdict(float)
        self.binlog_bytes = 0.0
        self._events: defaultdict[str, float] = defaultdict(float)
        self._crews: defaultdict[str, list[tuple[float, CommandRates]]] = defaultdict(list)

    def put(self, tube: str, rate: float, size: float) -> None:
        """Add jobs whose bodies have `size` bytes on average."""
        rate *= self.rng.uniform(1 - UNSTEADY, 1 + UNSTEADY)
        self.jobs[tube] += rate
        self.binlog_bytes += rate * (2 * RECORD + len(tube) + size)

    def work(self, tube: str, most: float, command_rates: CommandRates) -> None:
        """Add workers with a capacity of `most` jobs. Several crews share the jobs of a tube."""
        self._crews[tube].append((most, command_rates))

    def pause(self, tube: str, rate: float) -> None:
        self.pauses[tube] += rate
        self.add("pause-tube", rate)

    def add(self, event: str, rate: float) -> None:
        """Add any other command, or `CONNECTIONS`."""
        self._events[event] += rate

    def events(self) -> dict[str, float]:
        """Return the rates of all commands and other events that the server counts."""
        events = self._events.copy()
        events["put"] = events["delete"] = sum(self.jobs.values())
        for tube, crews in self._crews.items():
            capacity = sum(most for most, _ in crews)
            for most, command_rates in crews:
                for event, rate in command_rates(self.jobs[tube] * most / capacity).items():
                    events[event] += rate
        return events


class Backlog:
    """Sets the counters of a server as if it had run under an average load. All those jobs are done."""

    def __init__(self, broker: Broker, load: AverageLoad) -> None:
        self._broker = broker
        self._load = load
        self._rates = load.events()
        self._events: Counter[str] = Counter()
        self._bytes = 0

    def pass_time_until(self, at: int) -> None:
        """Advance the counters to a time in nanoseconds. Ids advance too, so that those of old jobs
        fit in."""
        broker = self._broker
        seconds = (at - broker.started_at) / SECOND
        events = Counter({event: int(rate * seconds) for event, rate in self._rates.items()})
        new, self._events = events - self._events, events
        broker.timeouts += new.pop(TIMEOUTS, 0)
        broker.total_connections += new.pop(CONNECTIONS, 0)
        broker.command_counts.update(new)
        broker.pass_over(new["put"])
        size = int(self._load.binlog_bytes * seconds)
        records = sum(new[word] for word in ("put", "release", "bury", "delete"))
        broker.binlog.pass_over(records, size - self._bytes)
        self._bytes = size

    def count_in_tubes(self) -> None:
        """Add to the counters of the tubes that exist now. Those of removed tubes are lost."""
        seconds = (self._broker.now() - self._broker.started_at) / SECOND
        for tube in self._broker.tube_order:
            jobs = int(self._load.jobs.get(tube.name, 0) * seconds)
            tube.total_jobs += jobs
            tube.deletes += jobs
            tube.pauses += int(self._load.pauses.get(tube.name, 0) * seconds)
