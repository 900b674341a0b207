"""Those who put jobs."""

import math
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from beantop.demo.backlog import CONNECTIONS, Usual
from beantop.demo.bodies import Maker
from beantop.demo.fake_client import FakeClient
from beantop.demo.simulation import Shift, Simulation
from beantop.demo.tubes import Job

PRIORITY = 1024
"""Of a job that is not urgent, as most clients have it."""

TRY_AGAIN = 5.0
"""Seconds after which producers try again that were told DRAINING."""

MAX_SHOWN = 20_000
"""Ready jobs of a tube, above which its producers drop what they have. Somebody may have paused the
tube for days."""


@dataclass(frozen=True)
class Jobs:
    """What a producer puts, one after the other; each of the tuples is gone through in turn."""

    tube: str
    bodies: tuple[Maker, ...]
    priorities: tuple[int, ...] = (PRIORITY,)
    delays: tuple[int, ...] = (0,)
    """Seconds."""
    ttr: int = 60
    """Seconds."""

    def tell(self, usual: Usual, rate: float) -> None:
        """That so many are put a second."""
        sizes = [len(maker(usual.rng, 0.0)) for maker in self.bodies]
        usual.put(self.tube, rate, sum(sizes) / len(sizes))


@dataclass(frozen=True)
class Wave:
    """Jobs a second that go up and down around their mean."""

    mean: float
    swing: float = 0.5
    """By which share of the mean, up to 1."""
    period: float = 60
    """Seconds."""

    def rate(self, seconds: float) -> float:
        """Never less than a tenth of the mean. The ripple keeps the waves from being all alike.

        >>> [round(Wave(10, swing=0.5, period=40).rate(at)) for at in (0, 10, 20, 30)]
        [10, 13, 11, 6]
        """
        turn = math.tau * seconds / self.period
        share = 1 + self.swing * (0.75 * math.sin(turn) + 0.25 * math.sin(2.7 * turn))
        return self.mean * max(0.1, share)


@dataclass(frozen=True)
class Stream:
    """Producers that put jobs at random moments, at a rate that waves."""

    jobs: Jobs
    wave: Wave
    producers: int = 1

    def play(self, stage: Simulation) -> None:
        rng = stage.rng()
        producers = Producers(stage, self.jobs, self.producers)

        def wait() -> None:
            stage.after(rng.expovariate(self.wave.rate(stage.seconds)), put)

        def put() -> None:
            producers.put()
            wait()

        wait()

    def tell(self, usual: Usual) -> None:
        self.jobs.tell(usual, self.wave.mean)


@dataclass(frozen=True)
class Bursts:
    """A producer that puts many jobs within a short shift, now and then."""

    jobs: Jobs
    size: int
    shift: Shift

    def play(self, stage: Simulation) -> None:
        producers = Producers(stage, self.jobs, 1)
        stage.each(self.shift, partial(stage.spread, self.size, self.shift.stay, producers.put))

    def tell(self, usual: Usual) -> None:
        self.jobs.tell(usual, self.size / self.shift.every)


@dataclass(frozen=True)
class Visits:
    """A producer that makes a tube, puts jobs into it for a while, and leaves nothing behind."""

    jobs: Jobs
    rate: float
    """Jobs a second."""
    shift: Shift

    def play(self, stage: Simulation) -> None:
        stage.each(self.shift, partial(self._visit, stage))

    def _visit(self, stage: Simulation) -> None:
        producers = Producers(stage, self.jobs, 1)
        stage.spread(self._size, self.shift.stay, producers.put)
        stage.after(self.shift.stay, producers.clear)

    def tell(self, usual: Usual) -> None:
        self.jobs.tell(usual, self._size / self.shift.every)
        for event in (CONNECTIONS, "use"):
            usual.come(event, 1 / self.shift.every)

    @property
    def _size(self) -> int:
        """Jobs of one visit."""
        return int(self.rate * self.shift.stay)


class Producers:
    """Connections that put jobs into one tube, in turn."""

    def __init__(self, stage: Simulation, jobs: Jobs, producers: int) -> None:
        self._stage = stage
        self._rng = stage.rng()
        self._jobs = jobs
        self._hands = [FakeClient(stage.broker) for _ in range(producers)]
        for hand in self._hands:
            hand.use(jobs.tube)
        self._tube = stage.broker.tubes[jobs.tube]
        self._turns = cycle(self._hands)
        self._bodies, self._priorities = cycle(jobs.bodies), cycle(jobs.priorities)
        self._delays = cycle(jobs.delays)
        self._stopped_until = -math.inf

    def put(self) -> None:
        if self._stage.seconds < self._stopped_until or len(self._tube.ready) >= MAX_SHOWN:
            return
        if self._next_put(next(self._delays)) is None:
            self._stopped_until = self._stage.seconds + TRY_AGAIN

    def put_and_bury(self) -> None:
        """As if a worker had taken the job and found that it cannot be done."""
        if job := self._next_put(delay=0):
            hand = self._hands[0]
            hand.reserve_job(job.id)
            hand.bury(job.id, job.priority)

    def _next_put(self, delay: int) -> Job | None:
        body = next(self._bodies)(self._rng, self._stage.unix_time)
        return next(self._turns).put(body, next(self._priorities), delay, self._jobs.ttr)

    def clear(self) -> None:
        """Delete the ready jobs of the tube, and go."""
        while job := self._tube.ready.first():
            self._hands[0].delete(job.id)
        self.close()

    def close(self) -> None:
        for hand in self._hands:
            hand.close()
