"""Reading jobs without changing them."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from beantop.beanstalk import (
    BeanstalkdError,
    Command,
    Job,
    NotFoundError,
    State,
    StatsJob,
    StatsTube,
    commands,
)
from beantop.jobs.body import KEPT_WHOLE
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import JobInfo, listed

T = TypeVar("T")

LOOKS_AT_LARGE = 9
"""Polls after which a large body is fetched again even if no counter moved: two changes that cancel
out in the server's counters may have brought another job to the front."""

_TUBE_COUNTERS = (
    "total-jobs",
    "cmd-delete",
    "current-jobs-ready",
    "current-jobs-reserved",
    "current-jobs-delayed",
    "current-jobs-buried",
)
"""Counters of `stats-tube` that change when jobs come, go or change state."""

_STABLE_FIELDS = ("state", "pri", "reserves", "timeouts", "releases", "buries", "kicks")
"""Fields of `stats-job` that stay the same for a job that stayed in place."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job at one moment."""

    id: int
    body: bytes
    stats: StatsJob = field(default_factory=StatsJob)
    """Its statistics under the protocol's keys."""
    seen_at: float = field(default_factory=time.monotonic, compare=False)
    """When the reply was read, in seconds of the monotonic clock."""

    @property
    def tube(self) -> str:
        return self.stats.get("tube", "")

    @property
    def state(self) -> State | None:
        return self.stats.get("state")

    @property
    def listed(self) -> JobInfo:
        """The same job without its body, for a list."""
        return listed(self.id, self.stats, self.seen_at)


@dataclass(frozen=True, slots=True)
class Heads:
    """The first job of each state of a tube, from `peek-ready`, `-delayed` and `-buried`. The
    protocol has no such command for reserved jobs."""

    ready: JobRecord | None = None
    delayed: JobRecord | None = None
    buried: JobRecord | None = None
    moves: Sequence[object] = field(default=(), compare=False, kw_only=True)
    """Counters at that time. While they stay the same, so do the first jobs."""
    fetched_ago: int = field(default=0, compare=False, kw_only=True)
    """Polls since the bodies were fetched."""

    @property
    def each(self) -> tuple[JobRecord | None, JobRecord | None, JobRecord | None]:
        return self.ready, self.delayed, self.buried

    @property
    def all(self) -> list[JobRecord]:
        return [seen for seen in self.each if seen]

    @property
    def are_large(self) -> bool:
        """Whether a body is too large to be fetched with each poll."""
        return any(len(seen.body) > KEPT_WHOLE for seen in self.all)

    @property
    def oldest(self) -> float:
        """The earliest `seen_at`, in seconds of the monotonic clock."""
        return min((seen.seen_at for seen in self.all), default=math.inf)

    @property
    def ids(self) -> set[int]:
        return {seen.id for seen in self.all}


async def peek_job(connection: ActingConnection, id: int) -> JobRecord | None:
    """Return the job, in any state; None if it does not exist."""
    async with connection.turn() as turn:
        try:
            job = await turn.call(commands.peek(id))
        except NotFoundError:
            return None
        (seen,) = await _with_stats(turn, [job])
    return seen


async def peek_job_again(connection: ActingConnection, seen: JobRecord) -> JobRecord | None:
    """Return the job as it is now, without fetching its body again. None if it is gone: so are all
    jobs of a server without a binlog after a restart."""
    async with connection.turn() as turn:
        if seen.seen_at < await turn.numbers_since():
            return None
        asked_at = time.monotonic()
        try:
            stats = await turn.call(commands.stats_job(seen.id))
        except NotFoundError:
            return None
    now = JobRecord(seen.id, seen.body, stats)
    return now if seen.listed.may_have_become(now.listed, asked_at) else None


async def peek_heads(connection: ActingConnection, tube: str, before: Heads = Heads()) -> Heads:
    """Return the first jobs of a tube. A missing tube has none and is not created.

    The protocol cannot peek without the body. So if the jobs in `before` are large, they are
    assumed to be still the first ones as long as no counter moved. Raises ValueError if a client
    cannot send the name of the tube.
    """
    stats_command = commands.stats_tube(tube)
    async with connection.turn() as turn:
        if (stats := await _unless_gone(turn, stats_command)) is None:
            return Heads()
        moves = [stats.get(name) for name in _TUBE_COUNTERS]
        if before.are_large and await turn.numbers_since() <= before.oldest:
            moves.append((await turn.call(commands.stats())).get("cmd-release"))
            if again := await _refresh(turn, before, moves):
                return again
        peeks = [commands.peek_ready(), commands.peek_delayed(), commands.peek_buried()]
        return Heads(*await _peeked(turn, tube, peeks), moves=moves)


async def peek_next(connection: ActingConnection, tube: str) -> JobRecord | None:
    """Return the next ready job of a tube; None if there is none. Raises ValueError if a client cannot
    send the name of the tube."""
    stats_command = commands.stats_tube(tube)
    async with connection.turn() as turn:
        if await _unless_gone(turn, stats_command) is None:
            return None
        (first,) = await _peeked(turn, tube, [commands.peek_ready()])
    return first


async def stats_of_jobs(connection: ActingConnection, ids: Sequence[int]) -> list[StatsJob]:
    """Return the statistics of those of these jobs that exist."""
    if not ids:
        return []
    async with connection.turn() as turn:
        answers = await turn.pipeline(map(commands.stats_job, ids))
    return [stats for answer in answers if (stats := _unless_not_found(answer)) is not None]


async def _unless_gone(turn: Turn, stats_command: Command[StatsTube]) -> StatsTube | None:
    """Return the statistics of a tube; None if it does not exist, since `use` would create it."""
    try:
        return await turn.call(stats_command)
    except NotFoundError:
        return None


async def _refresh(turn: Turn, before: Heads, moves: Sequence[object]) -> Heads | None:
    """Return the same first jobs as they are now; None if others may have become the first."""
    if None in moves or moves != before.moves or before.fetched_ago == LOOKS_AT_LARGE:
        return None
    asked_at = time.monotonic()
    jobs = [Job(seen.id, seen.body) if seen else None for seen in before.each]
    now = Heads(*await _with_stats(turn, jobs), moves=moves, fetched_ago=before.fetched_ago + 1)
    stayed = all(map(partial(_has_stayed, asked_at), before.each, now.each))
    return now if stayed else None


def _has_stayed(asked_at: float, before: JobRecord | None, now: JobRecord | None) -> bool:
    if before is None or now is None:
        return before is now
    same = before.listed.may_have_become(now.listed, asked_at)
    return same and all(before.stats.get(name) == now.stats.get(name) for name in _STABLE_FIELDS)


async def _peeked(
    turn: Turn, tube: str, peeks: Sequence[Command[Job[bytes]]]
) -> list[JobRecord | None]:
    answers = await turn.pipeline_in(tube, peeks)
    return await _with_stats(turn, list(map(_unless_not_found, answers)))


async def _with_stats(turn: Turn, jobs: Sequence[Job[bytes] | None]) -> list[JobRecord | None]:
    """Add the statistics to each job; None stands for no job, or one that is gone by now."""
    stats_commands = [commands.stats_job(job.id) for job in jobs if job]
    stats = iter(await turn.pipeline(stats_commands))
    return [_seen(job, _unless_not_found(next(stats))) if job else None for job in jobs]


def _seen(job: Job[bytes], stats: StatsJob | None) -> JobRecord | None:
    return None if stats is None else JobRecord(job.id, job.body, stats)


def _unless_not_found(answer: T | BeanstalkdError) -> T | None:
    if isinstance(answer, NotFoundError):
        return None
    if isinstance(answer, BeanstalkdError):
        raise answer
    return answer
