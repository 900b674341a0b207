"""Operators, who pause tubes and delete old buried jobs."""

from dataclasses import dataclass
from functools import partial

from beantop.demo.backlog import AverageLoad
from beantop.demo.fake_client import FakeClient
from beantop.demo.simulation import Shift, Simulation

_CHECKS = Shift(first=0, stay=0, every=30)
"""Times at which the buried jobs are checked."""


@dataclass(frozen=True)
class Pauses:
    """An operator who repeatedly pauses a tube for a whole number of seconds."""

    tube: str
    shift: Shift

    def play(self, simulation: Simulation) -> None:
        client = FakeClient(simulation.broker)
        simulation.each(self.shift, partial(client.pause_tube, self.tube, int(self.shift.stay)))

    def add_load(self, load: AverageLoad) -> None:
        load.pause(self.tube, 1 / self.shift.every)


@dataclass(frozen=True)
class Cleanups:
    """An operator who leaves at most `most` jobs of a tube buried.

    The newest buried jobs are deleted, so that old ones remain in the demo.
    """

    tube: str
    most: int

    def play(self, simulation: Simulation) -> None:
        simulation.each(_CHECKS, partial(self._clean_up, simulation, FakeClient(simulation.broker)))

    def add_load(self, load: AverageLoad) -> None:
        """Add nothing: every job that was put is counted as deleted already."""

    def _clean_up(self, simulation: Simulation, client: FakeClient) -> None:
        if tube := simulation.broker.tubes.get(self.tube):
            for id in list(tube.buried)[self.most :]:
                client.delete(id)
