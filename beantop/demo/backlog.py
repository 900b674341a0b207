"""What a server did before the traffic of its scene begins: only the counters of it are left.

Nobody does it again: it is reckoned from what the parts of the scene do in a usual second.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from random import Random
from typing import TypeAlias

from beantop.demo.binlog import RECORD
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND

Toil: TypeAlias = Callable[[float], dict[str, float]]
"""From jobs a second to the commands a second that workers need for them, and `TIMEOUTS`."""

TIMEOUTS, CONNECTIONS = "job-timeouts", "total-connections"

UNSTEADY = 0.03
"""By which share the jobs of a tube were more or fewer than they should be."""


class Usual:
    """What goes on at a server, all in times a second. The parts of a scene tell it."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.jobs: defaultdict[str, float] = defaultdict(float)
        self.pauses: defaultdict[str, float] = defaultdict(float)
        self.binlog_bytes = 0.0
        self._events: defaultdict[str, float] = defaultdict(float)
        self._crews: defaultdict[str, list[tuple[float, Toil]]] = defaultdict(list)

    def put(self, tube: str, rate: float, size: float) -> None:
        """Jobs whose bodies have that many bytes."""
        rate *= self.rng.uniform(1 - UNSTEADY, 1 + UNSTEADY)
        self.jobs[tube] += rate
        self.binlog_bytes += rate * (2 * RECORD + len(tube) + size)

    def work(self, tube: str, most: float, toil: Toil) -> None:
        """Workers who could do that many jobs; those of several crews share what there is."""
        self._crews[tube].append((most, toil))

    def pause(self, tube: str, rate: float) -> None:
        self.pauses[tube] += rate
        self.come("pause-tube", rate)

    def come(self, event: str, rate: float) -> None:
        """Any other command, or one of `CONNECTIONS`."""
        self._events[event] += rate

    def events(self) -> dict[str, float]:
        """All commands, and the rest that the server counts."""
        events = self._events.copy()
        events["put"] = events["delete"] = sum(self.jobs.values())
        for tube, crews in self._crews.items():
            together = sum(most for most, _ in crews)
            for most, toil in crews:
                for event, rate in toil(self.jobs[tube] * most / together).items():
                    events[event] += rate
        return events


class Earlier:
    """Makes it so that a server has lived as usual. All jobs of that time are done."""

    def __init__(self, broker: Broker, usual: Usual) -> None:
        self._broker = broker
        self._usual = usual
        self._rates = usual.events()
        self._events: Counter[str] = Counter()
        self._bytes = 0

    def pass_time_until(self, at: int) -> None:
        """The time in nanoseconds. Ids go on as well: those of old jobs are to fit in."""
        broker = self._broker
        seconds = (at - broker.started_at) / SECOND
        events = Counter({event: int(rate * seconds) for event, rate in self._rates.items()})
        new, self._events = events - self._events, events
        broker.timeouts += new.pop(TIMEOUTS, 0)
        broker.total_connections += new.pop(CONNECTIONS, 0)
        broker.command_counts.update(new)
        broker.pass_over(new["put"])
        size = int(self._usual.binlog_bytes * seconds)
        records = sum(new[word] for word in ("put", "release", "bury", "delete"))
        broker.binlog.pass_over(records, size - self._bytes)
        self._bytes = size

    def count_in_tubes(self) -> None:
        """In those that are there now; what a tube counted that went is forgotten."""
        seconds = (self._broker.now() - self._broker.started_at) / SECOND
        for tube in self._broker.tube_order:
            jobs = int(self._usual.jobs.get(tube.name, 0) * seconds)
            tube.total_jobs += jobs
            tube.deletes += jobs
            tube.pauses += int(self._usual.pauses.get(tube.name, 0) * seconds)
