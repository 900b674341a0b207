"""Following a server or a tube: new jobs are read as soon as their ids are known; none is reserved.

The ids of new jobs follow from the count of all puts, as in `upkeep`. The count also says how many jobs
were missed: gone before they were polled, or too many at once. It cannot be wrong about ids that no
job has, such as those of puts that broke off.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

from beantop.beanstalk import NotFoundError, commands
from beantop.jobs.body_batches import BYTES_OF_A_COMMAND, peek_some
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.id_probe import newest_id
from beantop.jobs.job_info import JobInfo, ask_for

AHEAD = 32
"""Ids that are asked for above the highest one that must exist: puts may have broken off since."""

AGAIN = 32
"""Ids without a job that are asked for again: they were given to puts whose bodies were still arriving."""

MIN_AT_ONCE, MAX_AT_ONCE = 16, 2_048
"""Minimum and maximum ids in one poll; the maximum takes about 20 ms of the server's time."""

MAX_SECONDS_BEHIND = 3
"""Seconds that reading new jobs may lag behind; where jobs are put faster, the oldest are missed."""

HEADS = 4
"""Tubes whose first jobs are peeked to find the highest id."""

FAR_COMMANDS = 2_000
"""Commands that a search for the highest id takes, or a little more."""

TRIES = 10
"""Attempts to find the highest id at a moment when no job is put."""

IN_VAIN = (2, 8, 32, 128, 512)
"""Polls in vain after which the highest id is searched for again; then after each 512."""

KNOWN = 20_000
"""Ids of new jobs to remember, so that none is new twice."""


class NewJob(NamedTuple):
    """A job that was put since the following began."""

    job: JobInfo
    body: bytes | None
    """None if the job was gone before its body was read."""


class Counts(NamedTuple):
    """Counters of one process of the server."""

    process: tuple[object, object]
    total: int
    """Jobs put since it started."""
    in_tube: int
    """Jobs put into the followed tube since that exists; 0 if it does not."""


class Allowance:
    """Number of commands that may be sent now: a rate, saved up for at most a second."""

    def __init__(self, rate: Callable[[], float], now: Callable[[], float]) -> None:
        """`rate` returns the commands per second."""
        self._rate, self._now = rate, now
        self._left, self._at = rate(), now()

    @property
    def left(self) -> int:
        now, rate = self._now(), self._rate()
        self._left = min(rate, self._left + rate * (now - self._at))
        self._at = now
        return max(0, int(self._left))

    def spend(self, commands: float) -> None:
        self._left -= commands


class Follow:
    """Finds the new jobs of a tube, or of the whole server if `tube` is None."""

    def __init__(
        self,
        connection: ActingConnection,
        tube: str | None = None,
        rate: Callable[[], float] = lambda: math.inf,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`rate` returns the commands per second that the server may get; `now` is the monotonic clock."""
        self.tube = tube
        self.began_at = math.inf
        """When the first poll began, by the monotonic clock; infinite until it ends."""
        self.seen = 0
        """New jobs that were returned."""
        self.others = 0
        """New jobs of other tubes that were seen."""
        self.restarts = 0
        """Restarts of the server: jobs that were put just before may be in no count."""
        self._connection, self._rate, self._now = connection, rate, now
        self._allowance = Allowance(lambda: min(rate(), MAX_AT_ONCE * 10), now)
        self._counts: Counts | None = None
        self._put_in_all = self._put_in_tube = 0
        self._tube_came_again = False
        self._newest = 0  # the highest id that must have been given when the puts were counted
        self._highest = 0  # the highest id of a job that was seen; it may have been put after that
        self._asked_up_to = 0  # all ids up to here were asked for after they were given
        self._known: set[int] = set()
        self._absent: deque[int] = deque(maxlen=AGAIN)
        self._waiting: dict[int, JobInfo] = {}  # jobs whose bodies were not read yet
        self._in_vain = 0  # polls since a new job was found, although some were put
        self._numbers_since = -math.inf

    # What came of it:

    @property
    def put(self) -> int:
        """The number of jobs put since the following began: those seen, missed and pending."""
        counted = self._put_in_all if self.tube is None else self._put_in_tube
        return max(counted, self.seen + len(self._waiting))

    @property
    def pending(self) -> int:
        """The number of ids and bodies that are still to be asked for."""
        return max(0, self._newest - self._asked_up_to) + len(self._waiting)

    @property
    def missed(self) -> int:
        """The number of jobs that were put and not seen; while ids are pending, the least it can be."""
        return max(0, self.put - self.seen - self.pending)

    @property
    def may_have_missed_more(self) -> bool:
        """Whether the counters leave open how many were missed: the server started again, or the tube was
        dropped and made again, while a job somewhere was missed."""
        if self.restarts:
            return True
        missed_in_all = self._put_in_all - self.seen - self.others - self.pending
        return self._tube_came_again and missed_in_all > self.missed

    # Polling:

    async def poll(self) -> list[NewJob]:
        """Return the jobs that were put since the last call, as far as the rate allows. Raises what
        the connection raises; the next call goes on from there."""
        async with self._connection.turn() as turn:
            grown = await self._note_puts(turn)
            if grown or self._asked_up_to < self._newest:
                await self._ask(turn, grown)
            return await self._read_bodies(turn)

    async def _note_puts(self, turn: Turn) -> int:
        """Learn up to which id there must be jobs. Return how many were put since the last time."""
        since = await turn.numbers_since()
        now = await self._read_counts(turn)
        before = self._counts
        if before is None:
            began = self._now()
            self._counts = await self._find_newest(turn, now)
            self.began_at, self._numbers_since = began, since
            self._asked_up_to = self._newest
            return 0
        if now.process != before.process or now.total < before.total:
            before = await self._note_restart(turn, since, now)
        grown = now.total - before.total
        self._counts = now
        self._newest = max(self._newest + grown, self._highest)
        self._put_in_all += grown
        self._note_tube(before.in_tube, now.in_tube)
        return grown

    def _note_tube(self, before: int, now: int) -> None:
        """Add up the puts into the tube. It was dropped if it counts from 0 again."""
        if now < before:
            self._tube_came_again = True
        self._put_in_tube += now - before if now >= before else now

    async def _read_counts(self, turn: Turn) -> Counts:
        """Read the counters; that of the tube first, so that the ids of all jobs in it are known."""
        in_tube = 0
        if self.tube is not None:
            with suppress(NotFoundError):
                in_tube = (await turn.call(commands.stats_tube(self.tube))).get("total-jobs", 0)
        stats = await turn.call(commands.stats())
        process = stats.get("id"), stats.get("pid")
        return Counts(process, stats.get("total-jobs", 0), in_tube)

    async def _find_newest(self, turn: Turn, counts: Counts) -> Counts:
        """Find the highest id at a moment when no job is put, if there is one. Return the counts then."""
        self._newest = await newest_id(turn, self.tube, HEADS)
        for _ in range(TRIES):
            above = range(self._newest + 1, self._newest + AHEAD + 1)
            jobs = await _ask_for(turn, above, self._now)
            self._newest = max([self._newest, *jobs])
            before, counts = counts, await self._read_counts(turn)
            if counts == before and not jobs:
                break
        self._highest = self._newest
        below = range(max(1, self._newest - AGAIN + 1), self._newest + 1)
        jobs = await _ask_for(turn, below, self._now)
        self._absent = deque((id for id in below if id not in jobs), AGAIN)
        return counts

    async def _note_restart(self, turn: Turn, since: float, now: Counts) -> Counts:
        """Begin with the ids of another process of the server. Return the counts that it began with."""
        await self._find_newest(turn, now)
        self.restarts += 1
        self._newest = max(0, self._newest - now.total)
        self._asked_up_to = min(self._asked_up_to, self._newest)
        self._absent.clear()
        if since > self._numbers_since:  # its ids begin at 1
            self._numbers_since, self._asked_up_to = since, 0
            self._known.clear()
            self._waiting.clear()
        return Counts(now.process, 0, 0)

    async def _ask(self, turn: Turn, grown: int) -> None:
        """Ask for new ids, and for some that had no job the last time."""
        room = min(MAX_AT_ONCE, self._allowance.left // 2)  # the other half is for bodies
        if room < MIN_AT_ONCE:
            return
        if self._is_far_off(grown):
            await self._search_far(turn)
        again = list(self._absent)[-(room // 2) :]
        room -= len(again)
        self._skip_if_behind(room)
        first = self._asked_up_to + 1
        ids = range(first, min(first + room, self._newest + AHEAD + 1))
        wanted = [*again, *(id for id in ids if id not in self._known)]
        jobs = await _ask_for(turn, wanted, self._now)
        self._allowance.spend(len(wanted))
        self._take(jobs, ids)

    def _take(self, jobs: dict[int, JobInfo], ids: range) -> None:
        """Note which of these ids have jobs."""
        new = {id: job for id, job in jobs.items() if self._is_new(job)}
        late = new.keys() & set(self._absent)
        asked = self._asked_up_to
        # The puts of these were counted late: the ids of the last ones are lower by as much.
        self._newest -= len(late)
        self._highest = max([self._highest, *jobs])
        self._asked_up_to = max(asked, min(ids[-1], self._newest)) if ids else asked
        gone = (id for id in range(asked + 1, self._asked_up_to + 1) if id not in self._known)
        absent = [*self._absent, *(id for id in gone if id not in jobs)]
        self._absent = deque((id for id in absent if id not in jobs), AGAIN)
        self._in_vain = 0 if new else self._in_vain + (self._asked_up_to > asked)
        self._known.update(jobs)
        if len(self._known) > KNOWN:
            self._known = set(sorted(self._known)[-KNOWN // 2 :])
        for id, job in sorted(new.items()):
            if self.tube in (None, job.tube):
                self._waiting[id] = job
            else:
                self.others += 1

    def _is_new(self, job: JobInfo) -> bool:
        """Return whether a job was put since the following began, judging by its age."""
        return job.age is None or job.seen_at - job.age >= self.began_at

    def _skip_if_behind(self, room: int) -> None:
        """Give up the oldest of too many new ids: their jobs are missed unless they are known already."""
        if self._newest - self._asked_up_to > MAX_SECONDS_BEHIND * self._rate():
            self._asked_up_to = self._newest - room

    def _is_far_off(self, grown: int) -> bool:
        """Return whether the ids may be far above the expected ones. If jobs are just gone at once, that is
        asked less and less often."""
        polls = self._in_vain
        return grown > 0 and polls > 1 and (polls in IN_VAIN or polls % max(IN_VAIN) == 0)

    async def _search_far(self, turn: Turn) -> None:
        """Look for the highest id from the start: more puts may have broken off than `AHEAD`."""
        newest = await newest_id(turn, self.tube, HEADS)
        self._allowance.spend(min(FAR_COMMANDS, self._rate()))
        if newest > self._newest + AHEAD:
            unexplained = min(self._put_in_all, MAX_AT_ONCE)
            self._newest = self._highest = newest
            self._asked_up_to = max(self._asked_up_to, newest - unexplained)

    async def _read_bodies(self, turn: Turn) -> list[NewJob]:
        """Return the jobs whose bodies could be read within the allowance, and those that are gone."""
        ids = list(self._waiting)[: self._allowance.left]
        bodies = await peek_some(turn, ids) if ids else []
        sizes = sum(len(job.body) for job in bodies if job)
        self._allowance.spend(len(bodies) + sizes / BYTES_OF_A_COMMAND)
        new = [
            NewJob(self._waiting.pop(id), job.body if job else None)
            for id, job in zip(ids, bodies, strict=False)
        ]
        self.seen += len(new)
        return new


async def _ask_for(turn: Turn, ids: Iterable[int], now: Callable[[], float]) -> dict[int, JobInfo]:
    """Return those of these jobs that exist, by id."""
    answers = await turn.pipeline(ask_for(ids, now))
    return {job.id: job for job in answers if isinstance(job, JobInfo)}
