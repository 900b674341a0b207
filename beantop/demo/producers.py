"""Producers, who put jobs."""

import math
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from beantop.demo.backlog import CONNECTIONS, AverageLoad
from beantop.demo.bodies import Maker
from beantop.demo.fake_client import FakeClient
from beantop.demo.simulation import Shift, Simulation
from beantop.demo.tubes import Job

PRIORITY = 1024
"""Priority of a job that is not urgent, the default of most clients."""

TRY_AGAIN = 5.0
"""Seconds after which producers try again after DRAINING."""

MAX_SHOWN = 20_000
"""Number of ready jobs in a tube from which on its producers drop new jobs: the tube could be paused
for days."""


@dataclass(frozen=True)
class Jobs:
    """Jobs that a producer puts. Each tuple is cycled through."""

    tube: str
    bodies: tuple[Maker, ...]
    priorities: tuple[int, ...] = (PRIORITY,)
    delays: tuple[int, ...] = (0,)
    """Seconds."""
    ttr: int = 60
    """Seconds."""

    def add_load(self, load: AverageLoad, rate: float) -> None:
        """Add `rate` jobs per second to the load."""
        sizes = [len(maker(load.rng, 0.0)) for maker in self.bodies]
        load.put(self.tube, rate, sum(sizes) / len(sizes))


@dataclass(frozen=True)
class Wave:
    """A number of jobs per second that varies around its mean."""

    mean: float
    swing: float = 0.5
    """Amplitude as a share of the mean, up to 1."""
    period: float = 60
    """Seconds."""

    def rate(self, seconds: float) -> float:
        """Return jobs per second, at least a tenth of the mean. A ripple makes the waves uneven.

        >>> [round(Wave(10, swing=0.5, period=40).rate(at)) for at in (0, 10, 20, 30)]
        [10, 13, 11, 6]
        """
        turn = math.tau * seconds / self.period
        share = 1 + self.swing * (0.75 * math.sin(turn) + 0.25 * math.sin(2.7 * turn))
        return self.mean * max(0.1, share)


@dataclass(frozen=True)
class Stream:
    """Producers that put jobs at random times, at the rate of a wave."""

    jobs: Jobs
    wave: Wave
    producers: int = 1

    def play(self, simulation: Simulation) -> None:
        rng = simulation.rng()
        producers = Producers(simulation, self.jobs, self.producers)

        def wait() -> None:
            simulation.after(rng.expovariate(self.wave.rate(simulation.seconds)), put)

        def put() -> None:
            producers.put()
            wait()

        wait()

    def add_load(self, load: AverageLoad) -> None:
        self.jobs.add_load(load, self.wave.mean)


@dataclass(frozen=True)
class Bursts:
    """A producer that now and then puts many jobs within a short shift."""

    jobs: Jobs
    size: int
    shift: Shift

    def play(self, simulation: Simulation) -> None:
        producers = Producers(simulation, self.jobs, 1)
        simulation.each(
            self.shift, partial(simulation.spread, self.size, self.shift.stay, producers.put)
        )

    def add_load(self, load: AverageLoad) -> None:
        self.jobs.add_load(load, self.size / self.shift.every)


@dataclass(frozen=True)
class Visits:
    """A producer that creates a tube, puts jobs into it for a while, and then deletes them."""

    jobs: Jobs
    rate: float
    """Jobs per second."""
    shift: Shift

    def play(self, simulation: Simulation) -> None:
        simulation.each(self.shift, partial(self._visit, simulation))

    def _visit(self, simulation: Simulation) -> None:
        producers = Producers(simulation, self.jobs, 1)
        simulation.spread(self._size, self.shift.stay, producers.put)
        simulation.after(self.shift.stay, producers.clear)

    def add_load(self, load: AverageLoad) -> None:
        self.jobs.add_load(load, self._size / self.shift.every)
        for event in (CONNECTIONS, "use"):
            load.add(event, 1 / self.shift.every)

    @property
    def _size(self) -> int:
        """Jobs of one visit."""
        return int(self.rate * self.shift.stay)


class Producers:
    """Connections that put jobs into one tube, in turn."""

    def __init__(self, simulation: Simulation, jobs: Jobs, producers: int) -> None:
        self._simulation = simulation
        self._rng = simulation.rng()
        self._jobs = jobs
        self._clients = [FakeClient(simulation.broker) for _ in range(producers)]
        for client in self._clients:
            client.use(jobs.tube)
        self._tube = simulation.broker.tubes[jobs.tube]
        self._turns = cycle(self._clients)
        self._bodies, self._priorities = cycle(jobs.bodies), cycle(jobs.priorities)
        self._delays = cycle(jobs.delays)
        self._stopped_until = -math.inf

    def put(self) -> None:
        if self._simulation.seconds < self._stopped_until or len(self._tube.ready) >= MAX_SHOWN:
            return
        if self._next_put(next(self._delays)) is None:
            self._stopped_until = self._simulation.seconds + TRY_AGAIN

    def put_and_bury(self) -> None:
        """Put a job and bury it, as a worker does that cannot process it."""
        if job := self._next_put(delay=0):
            client = self._clients[0]
            client.reserve_job(job.id)
            client.bury(job.id, job.priority)

    def _next_put(self, delay: int) -> Job | None:
        body = next(self._bodies)(self._rng, self._simulation.unix_time)
        return next(self._turns).put(body, next(self._priorities), delay, self._jobs.ttr)

    def clear(self) -> None:
        """Delete the ready jobs of the tube, and disconnect."""
        while job := self._tube.ready.first():
            self._clients[0].delete(job.id)
        self.close()

    def close(self) -> None:
        for client in self._clients:
            client.close()
