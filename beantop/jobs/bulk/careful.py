"""Kicking with care: a few jobs first, and the others only if workers finish those.

The first jobs are followed with `stats-job`. A job that is gone counts as finished: beanstalkd does
not report who deleted it. A job that is buried again, or that times out, has failed.
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

FIRST, MAX_FAILED = 10, 2
"""Jobs that are kicked first, and how many of them may fail. Two may be bad luck; three are not."""

POLLED_EVERY = 1.0
"""Seconds between two polls of the first jobs."""

MIN_PATIENCE, MAX_PATIENCE = 10.0, 180.0
"""Minimum and maximum seconds for which the first jobs are followed."""

TTR_MARGIN = 5.0
"""Seconds added to the ttr: workers take a moment to begin, and one that hangs must show as a
timeout."""

BATCHES_PER_SECOND = 10
"""Batches per second of the other jobs; fewer if the rate is lower than that."""

LONGEST_NAP = 0.2
"""Seconds after which a wait notices that the action was stopped."""


class Fate(Enum):
    """Fate of a job that was kicked. The values are words for users."""

    FINISHED = "finished"
    BURIED = "buried again"
    TIMED_OUT = "timed out"
    RESERVED = "reserved"
    RELEASED = "released"
    WAITING = "waiting"


FAILED = (Fate.BURIED, Fate.TIMED_OUT)

DECIDED = (Fate.FINISHED, Fate.BURIED)


class Evenly:
    """The pace of an action on `rate` jobs per second, in small batches."""

    def __init__(
        self,
        rate: int,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`now` returns the seconds of a clock, `sleep` waits for that many."""
        self.rate = rate
        self._batch = min(BATCH, max(1, rate // BATCHES_PER_SECOND))
        self._now, self._sleep = now, sleep
        self._stopping = False
        self._began: float | None = None
        self._due = 0.0  # when the next batch may begin
        self._tried_before = self._tried = 0

    def stop(self) -> None:
        self._stopping = True

    async def next(self, tally: Tally) -> int:
        """Wait as `Pace` describes. A late batch makes up for at most one batch: after a pause,
        such as when a laptop slept, there is no burst."""
        now = self._now()
        if self._began is None:
            self._began = self._due = now
            self._tried_before = self._tried = tally.tried
        tried, self._tried = tally.tried - self._tried, tally.tried
        self._due = max(self._due, now - self._batch / self.rate) + tried / self.rate
        await self.wait_until(self._due)
        return self._batch

    async def wait_until(self, due: float) -> None:
        """Wait until that time of the clock, or until the action is stopped."""
        while not self._stopping and (left := due - self._now()) > 0:
            await self._sleep(min(left, LONGEST_NAP))

    def measured(self, tally: Tally) -> float:
        """Return the jobs per second so far, at most `rate`: a batch counts for all of its time."""
        tried = tally.tried - self._tried_before
        if not tried or self._began is None:
            return float(self.rate)
        return tried / max(tried / self.rate, self._now() - self._began)


class Careful:
    """The pace of a careful kick: the first jobs, a wait for what becomes of them, then the others at
    `rate` jobs per second."""

    def __init__(
        self,
        connection: ActingConnection,
        jobs: Sequence[JobInfo],
        rate: int,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`now` returns the seconds of a clock, `sleep` waits for that many."""
        self.others = Evenly(rate, now, sleep)
        """The pace of all but the first jobs."""
        self.fates: Counter[Fate] = Counter()
        """Fates of the first jobs so far; empty until they are kicked."""
        self.taken: frozenset[int] = frozenset()
        """Ids of the first jobs that a worker took: that cannot be undone."""
        self.patience = 0.0
        """Seconds for which they are followed at most."""
        self.seconds = 0.0
        """Seconds for which they were followed so far."""
        self.goes_on = False
        """Whether the others are kicked."""
        self.why_not = ""
        """Why they are not, as a clause about the first jobs; "" if they are, or while that is
        undecided."""
        self._connection = connection
        self._jobs = jobs
        self._now = now
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self.others.stop()

    async def next(self, tally: Tally) -> int:
        """Wait as `Pace` describes. Raises what the connection raises."""
        if not self.goes_on:
            if tally.done < FIRST:
                return FIRST - tally.done  # in place of those that were skipped, too
            await self._follow([job for job in self._jobs if job.id in tally.done_ids])
            tally.ended = self.why_not
            if self.why_not or self._stopping:
                return 0
            self.goes_on = True
        return await self.others.next(tally)

    @property
    def followed(self) -> int:
        """The number of jobs that are followed."""
        return self.fates.total()

    @property
    def undecided(self) -> int:
        """Number of first jobs that are neither finished nor buried again."""
        return self.followed - self._are(*DECIDED)

    def as_members(self) -> Mapping[str, object]:
        """Return what became of the first jobs, for the log of actions."""
        first = {fate.name.lower(): count for fate, count in self.fates.items()}
        seconds = round(self.seconds, 1)
        return {"rate": self.others.rate, "first": first, "followed_for": seconds}

    async def _follow(self, jobs: Sequence[JobInfo]) -> None:
        """Poll the first jobs until enough of them are decided, or their time is over."""
        started = self._now()
        self.patience = patience_for(jobs)
        before = now = await self._poll(jobs)
        while True:
            fates = [fate_of(*pair) for pair in zip(before, now, strict=True)]
            self.fates = Counter(fates)
            self.taken = frozenset(
                job.id for job, fate in zip(jobs, fates, strict=True) if fate is not Fate.WAITING
            )
            self.seconds = self._now() - started
            is_over = self.seconds >= self.patience or not self.undecided
            if is_over or self._stopping or self._are(*FAILED) > MAX_FAILED:
                break
            await self.others.wait_until(min(self._now() + POLLED_EVERY, started + self.patience))
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

    def _are(self, *fates: Fate) -> int:
        return sum(self.fates[fate] for fate in fates)

    def _problem(self) -> str:
        """Return why the others must not be kicked, as a clause; "" if they may."""
        within = f"within {duration(max(1, math.ceil(self.seconds)))}"
        buried, timed_out = self.fates[Fate.BURIED], self.fates[Fate.TIMED_OUT]
        if buried + timed_out > MAX_FAILED:
            were = f"{buried} of them {'was' if buried == 1 else 'were'} buried again"
            if not timed_out:
                return f"{were} {within}"
            start = f"{were} and {timed_out}" if buried else f"{timed_out} of them"
            return f"{start} timed out {within}"
        if self.fates[Fate.FINISHED]:
            return ""
        if self.fates[Fate.WAITING] == self.followed:
            return f"no worker took them {within}"
        return f"none of them was finished {within}"


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
