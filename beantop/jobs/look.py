"""Looking at jobs without touching them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from beantop.beanstalk import (
    BeanstalkdError,
    Command,
    Job,
    NotFoundError,
    State,
    StatsJob,
    commands,
)
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.listed import ListedJob, listed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job as it was at one moment."""

    id: int
    body: bytes
    stats: StatsJob = field(default_factory=StatsJob)
    """All that the server said of it, under the protocol's keys."""
    seen_at: float = field(default_factory=time.monotonic, compare=False)
    """When the answer was read, in seconds of the monotonic clock."""

    @property
    def tube(self) -> str:
        return self.stats.get("tube", "")

    @property
    def state(self) -> State | None:
        return self.stats.get("state")

    @property
    def listed(self) -> ListedJob:
        """The same without the body, as it stands in a list."""
        return listed(self.id, self.stats, self.seen_at)


@dataclass(frozen=True, slots=True)
class Heads:
    """The first job of each state of a tube that has one: what `peek-ready`, `-delayed` and
    `-buried` show. Who holds the reserved ones cannot be asked."""

    ready: JobSeen | None = None
    delayed: JobSeen | None = None
    buried: JobSeen | None = None

    @property
    def all(self) -> list[JobSeen]:
        return [seen for seen in (self.ready, self.delayed, self.buried) if seen]

    @property
    def ids(self) -> set[int]:
        return {seen.id for seen in self.all}


async def look_at_job(connection: ActingConnection, id: int) -> JobSeen | None:
    """The job, in whatever state; None when there is no such job (any more)."""
    async with connection.turn() as turn:
        try:
            job = await turn.call(commands.peek(id))
        except NotFoundError:
            return None
        (seen,) = await _with_stats(turn, [job])
    return seen


async def look_at_job_again(connection: ActingConnection, seen: JobSeen) -> JobSeen | None:
    """The same job now, without fetching its body again; None when it is gone."""
    async with connection.turn() as turn:
        asked_at = time.monotonic()
        try:
            stats = await turn.call(commands.stats_job(seen.id))
        except NotFoundError:
            return None
    now = JobSeen(seen.id, seen.body, stats)
    return now if seen.listed.may_have_become(now.listed, asked_at) else None


async def look_at_heads(connection: ActingConnection, tube: str) -> Heads:
    """The first jobs of a tube. A tube that is not there has none, and is not created by looking.

    A tube with a name that no client can ask for is a `ValueError`.
    """
    peeks = [commands.peek_ready(), commands.peek_delayed(), commands.peek_buried()]
    return Heads(*await _first_jobs(connection, tube, peeks))


async def look_at_age(connection: ActingConnection, tube: str) -> int | None:
    """Seconds since the first ready job of a tube was put; None if there is none."""
    (first,) = await _first_jobs(connection, tube, [commands.peek_ready()])
    return first.stats.get("age") if first else None


async def _first_jobs(
    connection: ActingConnection, tube: str, peeks: Sequence[Command[Job[bytes]]]
) -> list[JobSeen | None]:
    is_there = commands.stats_tube(tube)
    async with connection.turn() as turn:
        try:
            await turn.call(is_there)  # to use a tube would create it
        except NotFoundError:
            return [None for _ in peeks]
        return await _with_stats(turn, await turn.pipeline_in(tube, peeks))


async def _with_stats(
    turn: Turn, peeked: Sequence[Job[bytes] | BeanstalkdError]
) -> list[JobSeen | None]:
    """What is known of each job; None where there is none, or where it went meanwhile."""
    jobs = [_unless_not_found(answer) for answer in peeked]
    questions = [commands.stats_job(job.id) for job in jobs if job]
    stats = iter(await turn.pipeline(questions))
    return [_seen(job, _unless_not_found(next(stats))) if job else None for job in jobs]


def _seen(job: Job[bytes], stats: StatsJob | None) -> JobSeen | None:
    return None if stats is None else JobSeen(job.id, job.body, stats)


def _unless_not_found(answer: T | BeanstalkdError) -> T | None:
    if isinstance(answer, NotFoundError):
        return None
    if isinstance(answer, BeanstalkdError):
        raise answer
    return answer
