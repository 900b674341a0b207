"""Traffic on a server: first a past that is cheap to make, then actors that go on for ever."""

from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from beantop.demo.backlog import Earlier, Usual
from beantop.demo.binlog import Binlog
from beantop.demo.broker import Broker
from beantop.demo.clock import Clock
from beantop.demo.host import cpu_for
from beantop.demo.past import Old
from beantop.demo.simulation import Simulation

EPOCH = 1_790_000_000.0
"""The Unix time at which the traffic begins, where nobody says otherwise: in September 2026."""


class Part(Protocol):
    """One thing that goes on in a scene."""

    def play(self, stage: Simulation) -> None:
        """Begin; is called once."""

    def tell(self, usual: Usual) -> None:
        """What it does in a usual second; before the traffic begins it was so as well."""


@dataclass(frozen=True)
class Scene:
    """What goes on at one server."""

    name: str
    past: int
    """Nanoseconds from the start of the server until the traffic begins."""
    old: tuple[Old, ...]
    """What is left of the past."""
    parts: tuple[Part, ...]
    """What begins after it."""
    has_binlog: bool = False


class Workload:
    """A scene at a broker.

    When it is made, the clock stands at the start of the server. It then puts the old jobs, each at
    its own time, counts what else has happened, and leaves the clock `scene.past` later, with the
    traffic about to begin. From there on `run_until` goes on. The broker has the binlog of the
    scene from now on, and takes as much of a processor as fits its commands.

    The same seed and scene bring the same jobs, however small the steps, for as long as the clock
    stands. `epoch` is the Unix time at which the traffic begins, for the bodies that tell the time.
    """

    def __init__(
        self, broker: Broker, clock: Clock, scene: Scene, seed: int, epoch: float = EPOCH
    ) -> None:
        self._stage = Simulation(broker, clock, clock() + scene.past, seed, epoch)
        broker.binlog = Binlog(is_on=scene.has_binlog)
        broker.host = replace(broker.host, cpu=lambda: cpu_for(broker.command_counts.total()))
        earlier = Earlier(broker, _usual(scene, seed))
        self._live_through(scene.old, earlier)
        for part in scene.parts:
            part.play(self._stage)
        earlier.count_in_tubes()

    def run_until(self, at: int) -> None:
        """Let all happen that is due until then (nanoseconds), each at its own time.

        A clock that stands is advanced with it, and to `at` in the end; a live one is caught up
        with.
        """
        self._stage.run_until(at)

    def _live_through(self, old: tuple[Old, ...], earlier: Earlier) -> None:
        """Until the traffic begins."""
        for jobs in old:
            jobs.play(self._stage)
        while (due := self._stage.due) <= self._stage.begin:
            earlier.pass_time_until(due)
            self._stage.run_until(due)
        earlier.pass_time_until(self._stage.begin)
        self._stage.run_until(self._stage.begin)


def _usual(scene: Scene, seed: int) -> Usual:
    usual = Usual(Random(seed))
    for part in scene.parts:
        part.tell(usual)
    return usual
