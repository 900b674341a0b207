"""Looking at jobs without touching them."""

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
"""That go by until a large body is fetched again, though nothing moved: two moves that hide each
other from the server's counts may have brought another job to the front."""

_MOVES = (
    "total-jobs",
    "cmd-delete",
    "current-jobs-ready",
    "current-jobs-reserved",
    "current-jobs-delayed",
    "current-jobs-buried",
)
"""What `stats-tube` counts of jobs that come, go, or change their state."""

_STAYED = ("state", "pri", "reserves", "timeouts", "releases", "buries", "kicks")
"""What `stats-job` says as before of a job that stayed where it was."""


@dataclass(frozen=True, slots=True)
class JobRecord:
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
    def listed(self) -> JobInfo:
        """The same without the body, as it stands in a list."""
        return listed(self.id, self.stats, self.seen_at)


@dataclass(frozen=True, slots=True)
class Heads:
    """The first job of each state of a tube that has one: what `peek-ready`, `-delayed` and
    `-buried` show. Who holds the reserved ones cannot be asked."""

    ready: JobRecord | None = None
    delayed: JobRecord | None = None
    buried: JobRecord | None = None
    moves: Sequence[object] = field(default=(), compare=False, kw_only=True)
    """What was counted then of jobs that move: while it is the same, the first jobs are."""
    fetched_ago: int = field(default=0, compare=False, kw_only=True)
    """Looks since their bodies were fetched."""

    @property
    def each(self) -> tuple[JobRecord | None, JobRecord | None, JobRecord | None]:
        return self.ready, self.delayed, self.buried

    @property
    def all(self) -> list[JobRecord]:
        return [seen for seen in self.each if seen]

    @property
    def are_large(self) -> bool:
        """Whether they are too much to be fetched with each look."""
        return any(len(seen.body) > KEPT_WHOLE for seen in self.all)

    @property
    def oldest(self) -> float:
        """When the first of them was seen, in seconds of the monotonic clock."""
        return min((seen.seen_at for seen in self.all), default=math.inf)

    @property
    def ids(self) -> set[int]:
        return {seen.id for seen in self.all}


async def peek_job(connection: ActingConnection, id: int) -> JobRecord | None:
    """The job, in whatever state; None when there is no such job (any more)."""
    async with connection.turn() as turn:
        try:
            job = await turn.call(commands.peek(id))
        except NotFoundError:
            return None
        (seen,) = await _with_stats(turn, [job])
    return seen


async def peek_job_again(connection: ActingConnection, seen: JobRecord) -> JobRecord | None:
    """The same job now, without fetching its body again; None when it is gone, as all jobs are that a
    server had before a restart, if it has no binlog."""
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
    """The first jobs of a tube. A tube that is not there has none, and is not created by looking.

    There is no peek without the body: where those of the last look are large, they are taken to be
    still the first ones as long as nothing moved. A tube with a name that no client can ask for is
    a `ValueError`.
    """
    is_there = commands.stats_tube(tube)
    async with connection.turn() as turn:
        if (stats := await _unless_gone(turn, is_there)) is None:
            return Heads()
        moves = [stats.get(name) for name in _MOVES]
        if before.are_large and await turn.numbers_since() <= before.oldest:
            moves.append((await turn.call(commands.stats())).get("cmd-release"))
            if again := await _look_again(turn, before, moves):
                return again
        peeks = [commands.peek_ready(), commands.peek_delayed(), commands.peek_buried()]
        return Heads(*await _peeked(turn, tube, peeks), moves=moves)


async def peek_head_age(connection: ActingConnection, tube: str) -> int | None:
    """Seconds since the first ready job of a tube was put; None if there is none."""
    is_there = commands.stats_tube(tube)
    async with connection.turn() as turn:
        if await _unless_gone(turn, is_there) is None:
            return None
        (first,) = await _peeked(turn, tube, [commands.peek_ready()])
    return first.stats.get("age") if first else None


async def _unless_gone(turn: Turn, is_there: Command[StatsTube]) -> StatsTube | None:
    """What is known of a tube; None if it is not there: to use it would create it."""
    try:
        return await turn.call(is_there)
    except NotFoundError:
        return None


async def _look_again(turn: Turn, before: Heads, moves: Sequence[object]) -> Heads | None:
    """The same jobs now; None if others may be the first ones."""
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
    return same and all(before.stats.get(name) == now.stats.get(name) for name in _STAYED)


async def _peeked(
    turn: Turn, tube: str, peeks: Sequence[Command[Job[bytes]]]
) -> list[JobRecord | None]:
    answers = await turn.pipeline_in(tube, peeks)
    return await _with_stats(turn, list(map(_unless_not_found, answers)))


async def _with_stats(turn: Turn, jobs: Sequence[Job[bytes] | None]) -> list[JobRecord | None]:
    """What is known of each job; None where there is none, or where it went meanwhile."""
    questions = [commands.stats_job(job.id) for job in jobs if job]
    stats = iter(await turn.pipeline(questions))
    return [_seen(job, _unless_not_found(next(stats))) if job else None for job in jobs]


def _seen(job: Job[bytes], stats: StatsJob | None) -> JobRecord | None:
    return None if stats is None else JobRecord(job.id, job.body, stats)


def _unless_not_found(answer: T | BeanstalkdError) -> T | None:
    if isinstance(answer, NotFoundError):
        return None
    if isinstance(answer, BeanstalkdError):
        raise answer
    return answer
