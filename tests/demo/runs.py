"""Scenes at brokers of their own, whose clock stands until a test moves it."""

from beantop.demo import bodies
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock
from beantop.demo.host import Host
from beantop.demo.past import Old
from beantop.demo.producers import Jobs
from beantop.demo.stats import job_stats, server_stats, tube_stats
from beantop.demo.tubes import Tube
from beantop.demo.workload import Part, Scene, Workload

ONE = Jobs("a", (bodies.number,))


class Run:
    """A scene at a broker of its own, with a clock that stands."""

    def __init__(self, scene: Scene, seed: int = 1, start: int = 0) -> None:
        self.clock = Clock(start)
        host = Host(id="0", pid=1, name="", os="", platform="", cpu=lambda: (0.0, 0.0))
        self.broker = Broker(self.clock, host=host)
        self.workload = Workload(self.broker, self.clock, scene, seed)
        self.begin = self.clock()

    def until(self, seconds: float) -> None:
        """Seconds since the traffic began."""
        self.workload.run_until(self.begin + round(seconds * SECOND))

    def tube(self, name: str) -> Tube:
        return self.broker.tubes[name]

    def everything(self) -> list[str | bytes]:
        """All state that a client could read."""
        now = self.clock()
        tubes = [tube_stats(tube, now) for tube in self.broker.tube_order]
        jobs = [job_stats(job, now) for job in self.broker.jobs.values()]
        found = [job.body for job in self.broker.jobs.values()]
        return [server_stats(self.broker), *tubes, *jobs, *found]


def made_of(*parts: Part, old: tuple[Old, ...] = (), past: int = 0) -> Scene:
    return Scene("test", past * SECOND, old, parts)
