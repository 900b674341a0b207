"""Traffic on a server: first a past that is cheap to make, then actors that go on for ever."""

from dataclasses import dataclass
from typing import Protocol

from beantop.demo.broker import Broker
from beantop.demo.clock import Clock
from beantop.demo.stage import Stage

EPOCH = 1_790_000_000.0
"""The Unix time at which the traffic begins, where nobody says otherwise: in September 2026."""


class Part(Protocol):
    """One thing that goes on in a scene."""

    def play(self, stage: Stage) -> None:
        """Begin; is called once."""


@dataclass(frozen=True)
class Scene:
    """What goes on at one server."""

    name: str
    past: int
    """Nanoseconds from the start of the server until the traffic begins."""
    old: tuple[Part, ...]
    """What happens in the past."""
    parts: tuple[Part, ...]
    """What begins after it."""


class Workload:
    """A scene at a broker.

    When it is made, the clock stands at the start of the server. It then puts the old jobs, each at
    its own time, and leaves the clock `scene.past` later, with the traffic about to begin. From
    there on `run_until` goes on. The same seed and scene bring the same jobs, however small the
    steps, for as long as the clock stands. `epoch` is the Unix time at which the traffic begins,
    for the bodies that tell the time.
    """

    def __init__(
        self, broker: Broker, clock: Clock, scene: Scene, seed: int, epoch: float = EPOCH
    ) -> None:
        begin = clock() + scene.past
        self._stage = Stage(broker, clock, begin, seed, epoch)
        for part in scene.old:
            part.play(self._stage)
        self._stage.run_until(begin)
        for part in scene.parts:
            part.play(self._stage)

    def run_until(self, at: int) -> None:
        """Let all happen that is due until then (nanoseconds), each at its own time.

        A clock that stands is advanced with it, and to `at` in the end; a live one is caught up
        with.
        """
        self._stage.run_until(at)
