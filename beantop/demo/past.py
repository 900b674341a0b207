"""Jobs that exist when the traffic of a scene begins."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from beantop.demo.producers import Jobs, Producers
from beantop.demo.simulation import Simulation


@dataclass(frozen=True)
class Old:
    """Jobs that were put at equal intervals until the traffic begins."""

    jobs: Jobs
    count: int
    age: float
    """Age in seconds of the oldest one when the traffic begins."""
    state: Literal["ready", "buried"] = "ready"
    """State of the jobs. Ready jobs are delayed while their delay exceeds their age."""

    def play(self, simulation: Simulation) -> None:
        simulation.after(-self.age - simulation.seconds, partial(self._begin, simulation))

    def _begin(self, simulation: Simulation) -> None:
        producers = Producers(simulation, self.jobs, 1)
        put = producers.put_and_bury if self.state == "buried" else producers.put
        simulation.spread(self.count, self.age, put)
        simulation.after(self.age, producers.close)
