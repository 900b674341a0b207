"""Jobs that are there when the traffic of a scene begins."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from beantop.demo.producers import Jobs, Producers
from beantop.demo.simulation import Simulation


@dataclass(frozen=True)
class Old:
    """Jobs that were put at equal distances until the traffic begins."""

    jobs: Jobs
    count: int
    age: float
    """Of the first one when the traffic begins, in seconds."""
    state: Literal["ready", "buried"] = "ready"
    """They are delayed if they have a delay that is longer than their age."""

    def play(self, stage: Simulation) -> None:
        stage.after(-self.age - stage.seconds, partial(self._begin, stage))

    def _begin(self, stage: Simulation) -> None:
        producers = Producers(stage, self.jobs, 1)
        put = producers.put_and_bury if self.state == "buried" else producers.put
        stage.spread(self.count, self.age, put)
        stage.after(self.age, producers.close)
