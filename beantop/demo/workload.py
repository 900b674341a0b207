"""Traffic on a server: first a past that is cheap to calculate, then actors that run forever."""

from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from beantop.demo.backlog import AverageLoad, Backlog
from beantop.demo.binlog import Binlog
from beantop.demo.broker import Broker
from beantop.demo.clock import Clock
from beantop.demo.host import cpu_for
from beantop.demo.past import Old
from beantop.demo.simulation import Simulation

EPOCH = 1_790_000_000.0
"""Default Unix time at which the traffic begins, in September 2026."""


class Part(Protocol):
    """One part of the traffic in a scene."""

    def play(self, simulation: Simulation) -> None:
        """Schedule the first calls. Called once."""

    def add_load(self, load: AverageLoad) -> None:
        """Add the average rates of this part, which also applied before the traffic begins."""


@dataclass(frozen=True)
class Scene:
    """The past and the traffic of one server."""

    name: str
    past: int
    """Nanoseconds from the start of the server until the traffic begins."""
    old: tuple[Old, ...]
    """Jobs that remain from the past."""
    parts: tuple[Part, ...]
    """Traffic that begins after the past."""
    has_binlog: bool = False


class Workload:
    """A scene that runs on a broker.

    At construction, the clock must be at the start of the server. The constructor puts the old jobs,
    each at its own time, sets the counters of the past, and advances the clock by `scene.past`, to
    the beginning of the traffic. `run_until` continues from there. The broker gets the binlog of the
    scene, and a CPU time that fits its commands.

    While the clock is not live, the same seed and scene produce the same jobs, whatever the steps.
    `epoch` is the Unix time at which the traffic begins, for bodies that contain the time.
    """

    def __init__(
        self, broker: Broker, clock: Clock, scene: Scene, seed: int, epoch: float = EPOCH
    ) -> None:
        self._simulation = Simulation(broker, clock, clock() + scene.past, seed, epoch)
        broker.binlog = Binlog(is_on=scene.has_binlog)
        broker.host = replace(broker.host, cpu=lambda: cpu_for(broker.command_counts.total()))
        backlog = Backlog(broker, _average_load(scene, seed))
        self._run_past(scene.old, backlog)
        for part in scene.parts:
            part.play(self._simulation)
        backlog.count_in_tubes()

    def run_until(self, at: int) -> None:
        """Run everything that is due until `at` (nanoseconds), each call at its own time.

        A clock that is not live is advanced along, finally to `at`. With a live clock, overdue calls
        are made up for.
        """
        self._simulation.run_until(at)

    def _run_past(self, old: tuple[Old, ...], backlog: Backlog) -> None:
        """Run the past until the traffic begins."""
        for jobs in old:
            jobs.play(self._simulation)
        while (due := self._simulation.due) <= self._simulation.begin:
            backlog.pass_time_until(due)
            self._simulation.run_until(due)
        backlog.pass_time_until(self._simulation.begin)
        self._simulation.run_until(self._simulation.begin)


def _average_load(scene: Scene, seed: int) -> AverageLoad:
    load = AverageLoad(Random(seed))
    for part in scene.parts:
        part.add_load(load)
    return load
