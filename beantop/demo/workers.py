"""Those who reserve jobs, and what they then do with them."""

from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from beantop.demo.backlog import CONNECTIONS, TIMEOUTS, Usual
from beantop.demo.clock import SECOND
from beantop.demo.fake_client import FakeClient
from beantop.demo.simulation import Shift, Simulation
from beantop.demo.tubes import Job, Refusal

TRIES = 3
"""A job that timed out so often is buried."""

Outcome: TypeAlias = Literal["delete", "release", "bury", "hang"]


@dataclass(frozen=True)
class Manner:
    """How workers work. 18 is for every 18th job that a crew takes, 0 for none."""

    seconds: float
    """For one job, half of that to half as much again."""
    hang: int = 0
    """Held for too long, and so is a job that has timed out before."""
    bury: int = 0
    release: int = 0
    """To be tried again later, `retries` times at most."""
    retries: int = 5
    backoff: int = 8
    """Seconds of delay before the first retry; each of the next takes twice as long."""

    def outcome(self, job: Job, number: int) -> Outcome:
        """Of this job, which is the `number`th that the crew took."""
        if job.timeouts:
            return "bury" if job.timeouts >= TRIES else "hang"
        if self.hang and number % self.hang == 0:
            return "hang"
        if self.bury and number % self.bury == 0:
            return "bury"
        if self.release and number % self.release == 0:
            return "release" if job.releases < self.retries else "bury"
        return "delete"

    def toil(self, jobs: float) -> dict[str, float]:
        """About how often what is said for so many jobs until they are done, or buried."""
        released = 1 / self.release if self.release else 0.0
        releases = jobs * sum(released**time for time in range(1, self.retries + 1))
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
    """Workers that watch the same tubes; without a shift they are always there."""

    tubes: tuple[str, ...]
    workers: int
    manner: Manner
    shift: Shift | None = None

    def play(self, stage: Simulation) -> None:
        working = _Working(stage, self)
        if self.shift:
            stage.each(self.shift, working.come)
        else:
            working.come()

    def tell(self, usual: Usual) -> None:
        share = self.shift.stay / self.shift.every if self.shift else 1.0
        for tube in self.tubes:
            usual.work(tube, share * self.workers / self.manner.seconds, self.manner.toil)
        if self.shift:
            workers = self.workers / self.shift.every
            for event, times in ((CONNECTIONS, 1), ("watch", len(self.tubes)), ("ignore", 1)):
                usual.come(event, workers * times)


class _Working:
    """What a `Crew` does."""

    def __init__(self, stage: Simulation, crew: Crew) -> None:
        self.stage = stage
        self.rng = stage.rng()
        self.crew = crew
        self._taken = 0

    def come(self) -> None:
        workers = [_Worker(self) for _ in range(self.crew.workers)]
        for worker in workers:
            worker.start()
            if self.crew.shift:
                self.stage.after(self.crew.shift.stay, worker.leave)

    def outcome(self, job: Job) -> Outcome:
        self._taken += 1
        return self.crew.manner.outcome(job, self._taken)


class _Worker:
    """Takes one job after the other."""

    def __init__(self, working: _Working) -> None:
        self._working = working
        self._hand = FakeClient(working.stage.broker, self._take)
        self._is_leaving = False

    def start(self) -> None:
        self._hand.watch_only(*self._working.crew.tubes)
        self._hand.reserve()

    def leave(self) -> None:
        """At once, or when the job is done."""
        self._is_leaving = True
        if self._hand.is_waiting:
            self._hand.close()

    def _take(self, job: Job | Refusal) -> None:
        if not isinstance(job, Job):
            return  # not said to those who hold nothing and wait for ever
        manner, draw = self._working.crew.manner, self._working.rng.random()
        outcome = self._working.outcome(job)
        seconds = manner.seconds * (0.5 + draw)
        if outcome == "hang":
            seconds += job.ttr / SECOND
        self._working.stage.after(seconds, partial(self._finish, job, outcome))

    def _finish(self, job: Job, outcome: Outcome) -> None:
        if outcome == "release":
            delay = self._working.crew.manner.backoff * 2**job.releases
            self._hand.release(job.id, job.priority, delay)
        elif outcome == "bury":
            self._hand.bury(job.id, job.priority)
        elif outcome == "delete":
            self._hand.delete(job.id)
        # Who hung says nothing: the job may be buried by now, and a delete would be obeyed.
        if self._is_leaving:
            self._hand.close()
        else:
            self._hand.reserve()
