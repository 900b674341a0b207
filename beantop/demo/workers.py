"""Workers, who reserve jobs and then delete, release or bury them."""

from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from beantop.demo.backlog import CONNECTIONS, TIMEOUTS, AverageLoad
from beantop.demo.clock import SECOND
from beantop.demo.fake_client import FakeClient
from beantop.demo.simulation import Shift, Simulation
from beantop.demo.tubes import Job, Refusal

TRIES = 3
"""Number of timeouts after which a job is buried."""

Outcome: TypeAlias = Literal["delete", "release", "bury", "hang"]


@dataclass(frozen=True)
class Manner:
    """How workers work. `hang`, `bury` and `release` are intervals: 18 means every 18th job that a
    crew takes, 0 means none."""

    seconds: float
    """Mean time for one job; it varies from half of that to one and a half times."""
    hang: int = 0
    """Jobs that are held until they time out. A job that has timed out before is held again."""
    bury: int = 0
    release: int = 0
    """Jobs that are released to be tried again, at most `retries` times."""
    retries: int = 5
    backoff: int = 8
    """Seconds of delay before the first retry, doubled for each further one."""

    def outcome(self, job: Job, number: int) -> Outcome:
        """Return the outcome of this job, the `number`th that the crew took."""
        if job.timeouts:
            return "bury" if job.timeouts >= TRIES else "hang"
        if self.hang and number % self.hang == 0:
            return "hang"
        if self.bury and number % self.bury == 0:
            return "bury"
        if self.release and number % self.release == 0:
            return "release" if job.releases < self.retries else "bury"
        return "delete"

    def command_rates(self, jobs: float) -> dict[str, float]:
        """Estimate the commands, and `TIMEOUTS`, for this many jobs until they are done or buried."""
        released = 1 / self.release if self.release else 0.0
        releases = jobs * sum(released**retry for retry in range(1, self.retries + 1))
        hung = jobs / self.hang if self.hang else 0.0
        buries = jobs * released ** (self.retries + 1) + hung
        return {
            "reserve": jobs + releases + TRIES * hung,
            "release": releases,
            "bury": buries + (jobs / self.bury if self.bury else 0.0),
            TIMEOUTS: TRIES * hung,
        }


@dataclass(frozen=True)
class Crew:
    """Workers that watch the same tubes. Without a shift they are always present."""

    tubes: tuple[str, ...]
    workers: int
    manner: Manner
    shift: Shift | None = None

    def play(self, simulation: Simulation) -> None:
        working = _Working(simulation, self)
        if self.shift:
            simulation.each(self.shift, working.start_workers)
        else:
            working.start_workers()

    def add_load(self, load: AverageLoad) -> None:
        share = self.shift.stay / self.shift.every if self.shift else 1.0
        for tube in self.tubes:
            load.work(tube, share * self.workers / self.manner.seconds, self.manner.command_rates)
        if self.shift:
            workers = self.workers / self.shift.every
            for event, times in ((CONNECTIONS, 1), ("watch", len(self.tubes)), ("ignore", 1)):
                load.add(event, workers * times)


class _Working:
    """The running workers of a `Crew`."""

    def __init__(self, simulation: Simulation, crew: Crew) -> None:
        self.simulation = simulation
        self.rng = simulation.rng()
        self.crew = crew
        self._taken = 0

    def start_workers(self) -> None:
        workers = [_Worker(self) for _ in range(self.crew.workers)]
        for worker in workers:
            worker.start()
            if self.crew.shift:
                self.simulation.after(self.crew.shift.stay, worker.leave)

    def outcome(self, job: Job) -> Outcome:
        self._taken += 1
        return self.crew.manner.outcome(job, self._taken)


class _Worker:
    """A worker that takes one job after the other."""

    def __init__(self, working: _Working) -> None:
        self._working = working
        self._client = FakeClient(working.simulation.broker, self._take)
        self._is_leaving = False

    def start(self) -> None:
        self._client.watch_only(*self._working.crew.tubes)
        self._client.reserve()

    def leave(self) -> None:
        """Disconnect at once, or after the current job."""
        self._is_leaving = True
        if self._client.is_waiting:
            self._client.close()

    def _take(self, job: Job | Refusal) -> None:
        if not isinstance(job, Job):
            return  # cannot happen: a worker holds no job here and waits without a timeout
        manner, draw = self._working.crew.manner, self._working.rng.random()
        outcome = self._working.outcome(job)
        seconds = manner.seconds * (0.5 + draw)
        if outcome == "hang":
            seconds += job.ttr / SECOND
        self._working.simulation.after(seconds, partial(self._finish, job, outcome))

    def _finish(self, job: Job, outcome: Outcome) -> None:
        if outcome == "release":
            delay = self._working.crew.manner.backoff * 2**job.releases
            self._client.release(job.id, job.priority, delay)
        elif outcome == "bury":
            self._client.bury(job.id, job.priority)
        elif outcome == "delete":
            self._client.delete(job.id)
        # After "hang" the worker sends nothing: the job may be buried, and a delete would succeed.
        if self._is_leaving:
            self._client.close()
        else:
            self._client.reserve()
