"""Those who look after tubes: they pause them, and they tidy up."""

from dataclasses import dataclass
from functools import partial

from beantop.demo.backlog import Usual
from beantop.demo.fake_client import FakeClient
from beantop.demo.simulation import Shift, Simulation

_LOOKS = Shift(first=0, stay=0, every=30)
"""At what is buried."""


@dataclass(frozen=True)
class Pauses:
    """An operator who pauses a tube for a whole number of seconds, again and again."""

    tube: str
    shift: Shift

    def play(self, stage: Simulation) -> None:
        hand = FakeClient(stage.broker)
        stage.each(self.shift, partial(hand.pause_tube, self.tube, int(self.shift.stay)))

    def tell(self, usual: Usual) -> None:
        usual.pause(self.tube, 1 / self.shift.every)


@dataclass(frozen=True)
class Cleanups:
    """An operator who lets no more than `most` jobs of a tube stay buried.

    The last ones go, so that there is something old to look at.
    """

    tube: str
    most: int

    def play(self, stage: Simulation) -> None:
        stage.each(_LOOKS, partial(self._look, stage, FakeClient(stage.broker)))

    def tell(self, usual: Usual) -> None:
        """Nothing: of all jobs that were put it is known that they were deleted."""

    def _look(self, stage: Simulation, hand: FakeClient) -> None:
        if tube := stage.broker.tubes.get(self.tube):
            for id in list(tube.buried)[self.most :]:
                hand.delete(id)
