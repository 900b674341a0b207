"""Kicking with care: a few jobs first, and the others only if workers finish those.

The first jobs are followed with `stats-job`. A job that is gone was finished: beanstalkd does not tell
who deleted it. A job that is buried again, or that times out, has failed.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from beantop.beanstalk import BeanstalkdError
from beantop.formatting import duration
from beantop.jobs.bulk.runner import BATCH
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo, ask_for

T = TypeVar("T")

FIRST = 10
"""Jobs that are kicked first. Two that fail may be bad luck among thousands; three of ten are not."""

MAX_FAILED = 0.2
"""Share of the first jobs that may fail."""

POLLED_EVERY = 1.0
"""Seconds between two polls of the first jobs."""

MIN_PATIENCE, MAX_PATIENCE = 10.0, 180.0
"""Limits of the seconds for which the first jobs are followed."""

TTR_MARGIN = 5.0
"""Seconds beyond the ttr: a worker that hangs is seen as a time-out, and one takes a moment to begin."""

BATCHES_PER_SECOND = 10
"""How evenly the others follow, at any rate that is higher."""

LONGEST_NAP = 0.2
"""Seconds after which a wait notices that the action was stopped."""


class Fate(Enum):
    """What became of a job that was kicked. The values are words for users."""

    FINISHED = "finished"
    BURIED = "buried again"
    TIMED_OUT = "timed out"
    RESERVED = "at work"
    RELEASED = "given back"
    WAITING = "waiting"


FAILED = (Fate.BURIED, Fate.TIMED_OUT)

DECIDED = (Fate.FINISHED, Fate.BURIED)


class Careful:
    """The pace of a careful kick: the first jobs, a wait for what becomes of them, then the others at
    `rate` jobs per second."""

    def __init__(
        self,
        connection: ActingConnection,
        jobs: Iterable[JobInfo],
        rate: int,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`now` returns the seconds of a clock, `sleep` waits for that many."""
        self.rate = rate
        self.fates: Counter[Fate] = Counter()
        """What became of the first jobs so far; empty until they are kicked."""
        self.patience = 0.0
        """Seconds for which they are followed at most."""
        self.seconds = 0.0
        """Seconds for which they were followed so far."""
        self.goes_on = False
        """Whether the others may follow."""
        self.why_not = ""
        """Why they may not, as a clause about the first jobs; "" if they may, or if that is open."""
        self._connection = connection
        self._jobs = {job.id: job for job in jobs}
        self._now, self._sleep = now, sleep
        self._stopping = False
        self._batch = min(BATCH, max(1, rate // BATCHES_PER_SECOND))
        self._began = self._due = (
            0.0  # times of the clock: of the first and the next batch of the others
        )
        self._tried_first = self._tried = 0  # jobs that were tried before these batches

    def stop(self) -> None:
        self._stopping = True

    async def next(self, tally: Tally) -> int:
        """Wait as `Pace` describes. Raises what the connection raises."""
        if tally.done < FIRST and not self.goes_on:
            return FIRST - tally.done  # in place of those that were skipped, too
        if not self.goes_on:
            await self._follow([self._jobs[id] for id in tally.done_ids])
            tally.ended = self.why_not
            self.goes_on = not (self.why_not or self._stopping)
            self._began = self._due = self._now()
            self._tried_first = self._tried = tally.tried
        if self.goes_on:
            await self._wait_for_turn(tally)
        return self._batch

    @property
    def followed(self) -> int:
        """The number of the first jobs."""
        return self.fates.total()

    @property
    def may_fail(self) -> int:
        """How many of the first jobs may fail."""
        return int((self.followed or FIRST) * MAX_FAILED)

    @property
    def undecided(self) -> int:
        """How many of the first jobs are still on their way."""
        return self.followed - sum(self.fates[fate] for fate in DECIDED)

    def measured_rate(self, tally: Tally) -> float:
        """Return the jobs per second of the others so far, at most `rate`: a batch counts for all of its
        time."""
        others = tally.tried - self._tried_first
        due = others / self.rate
        return others / max(due, self._now() - self._began) if others else float(self.rate)

    def as_members(self) -> Mapping[str, object]:
        """Return what became of the first jobs, for the log of actions."""
        first = {fate.name.lower(): count for fate, count in self.fates.items()}
        return {"rate": self.rate, "first": first, "followed_for": round(self.seconds, 1)}

    async def _follow(self, jobs: Sequence[JobInfo]) -> None:
        """Poll the first jobs until enough of them are decided, or their time is over."""
        started = self._now()
        self.patience = patience_for(jobs)
        before = now = await self._poll(jobs)
        while True:
            self.fates = Counter(map(fate_of, before, now))
            self.seconds = self._now() - started
            is_over = self.seconds >= self.patience or not self.undecided
            if is_over or self._stopping or self._failed > self.may_fail:
                break
            await self._wait_until(min(self._now() + POLLED_EVERY, started + self.patience))
            now = await self._poll(jobs)
        self.why_not = "" if self._stopping else self._problem()

    async def _poll(self, jobs: Sequence[JobInfo]) -> list[JobInfo | None]:
        """Return the jobs as they are now; None for those that are gone. Raises what the connection
        raises, and `ValueError` if the server has restarted and numbers its jobs from 1 again."""
        async with self._connection.turn() as turn:
            numbers_since, asked_at = await turn.numbers_since(), time.monotonic()
            answers = await turn.pipeline(ask_for(job.id for job in jobs))
        found: list[JobInfo | None] = []
        for job, answer in zip(jobs, answers, strict=True):
            if isinstance(answer, BeanstalkdError):
                raise answer
            is_same = answer is None or job.may_have_become(answer, asked_at)
            if job.seen_at < numbers_since or not is_same:
                raise ValueError("the server has restarted")
            found.append(answer)
        return found

    @property
    def _failed(self) -> int:
        return sum(self.fates[fate] for fate in FAILED)

    def _problem(self) -> str:
        """Return why the others must not follow, as a clause; "" if they may."""
        within = f"within {duration(max(1, math.ceil(self.seconds)))}"
        buried, timed_out = self.fates[Fate.BURIED], self.fates[Fate.TIMED_OUT]
        if self._failed > self.may_fail:
            were = f"{buried} of them {'was' if buried == 1 else 'were'} buried again"
            if not timed_out:
                return f"{were} {within}"
            both = (
                f"{were} and {timed_out} timed out" if buried else f"{timed_out} of them timed out"
            )
            return f"{both} {within}"
        if self.fates[Fate.FINISHED]:
            return ""
        if self.fates[Fate.WAITING] == self.followed:
            return f"no worker took them {within}"
        return f"none of them was finished {within}"

    async def _wait_for_turn(self, tally: Tally) -> None:
        """Wait until the next batch of the others is due. One that is late makes up for its own time at
        most: after a pause, as of a laptop that slept, nothing comes in a burst."""
        tried, self._tried = tally.tried - self._tried, tally.tried
        latest = self._now() - self._batch / self.rate
        self._due = max(self._due, latest) + tried / self.rate
        await self._wait_until(self._due)

    async def _wait_until(self, due: float) -> None:
        while not self._stopping and (left := due - self._now()) > 0:
            await self._sleep(min(left, LONGEST_NAP))


def fate_of(before: JobInfo | None, now: JobInfo | None) -> Fate:
    """Return what became of a job. `before` is the job immediately after the kick."""
    if before is None or now is None:
        return Fate.FINISHED
    if now.state == "buried":
        return Fate.BURIED
    if (now.timeouts or 0) > (before.timeouts or 0):
        return Fate.TIMED_OUT
    if now.state == "reserved":
        return Fate.RESERVED
    was_taken = before.state == "reserved" or (now.reserves or 0) > (before.reserves or 0)
    return Fate.RELEASED if was_taken else Fate.WAITING


def patience_for(jobs: Iterable[JobInfo]) -> float:
    """Return for how many seconds to follow these jobs: the largest ttr and a little, within limits."""
    longest = max(job.known_ttr for job in jobs) + TTR_MARGIN
    return min(max(longest, MIN_PATIENCE), MAX_PATIENCE)


def spread(items: Sequence[T]) -> list[T]:
    """Return the items with the first ones taken evenly from all of them: neighbors are often alike.

    >>> spread(range(40))[:12]
    [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 1, 2]
    """
    first = dict.fromkeys(number * len(items) // FIRST for number in range(FIRST))
    rest = (item for at, item in enumerate(items) if at not in first)
    return [*(items[at] for at in first if at < len(items)), *rest]
