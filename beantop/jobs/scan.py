"""Finding every job of a tube or a server by walking the ids, without changing any job.

The protocol cannot list jobs, but `stats-job ID` works for a job in any state, reserved ones
included. Ids only grow; with a binlog they continue after a restart, while all counters start at 0
again. So a scan walks one span of ids, which grows at both ends until it holds as many jobs as the
server counts.
"""

import asyncio
import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import get_args

from beantop.beanstalk import (
    BeanstalkdError,
    BuriedError,
    ConnectionLostError,
    Error,
    NotFoundError,
    State,
    UnknownResponseError,
    commands,
    describe_error,
)
from beantop.beanstalk.commands import MAX_ID, MAX_UINT32
from beantop.jobs.connection import ActingConnection
from beantop.jobs.id_probe import MAX_HEADS, newest_id
from beantop.jobs.job_info import JobInfo, ask_for
from beantop.jobs.server_list import listed_ids

BATCH_SECONDS = 0.05
"""Target duration of a batch: the longest wait for the connection and for `stop`."""

MIN_BATCH, MAX_BATCH = 128, 8_192
"""Limits of the number of ids in a batch."""

GENTLE_BATCH = 1_024
"""Ids in each batch of a scan that rests between batches: some 6 ms of the server's time."""

LISTED_BATCH = 1_024
"""Jobs polled again in one batch: with 100 ms of round trip this takes a second."""

LOOKED_AHEAD = 4_096
"""Ids above the highest job that are walked before ids below the lowest one."""

ENOUGH = 2_000_000
"""Ids per call of `run`, about 20 seconds. Call `run` again to continue."""

SCRATCH_TUBE = "beantop-scratch"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The progress of a scan."""

    found: int
    """Jobs that existed when they were polled."""
    counted: int
    """Jobs according to the server's counters."""
    low: int
    high: int
    """The ids from `low` to `high`, both included, were walked."""
    seconds: float
    """Seconds spent so far."""
    complete: bool
    """Whether at least as many jobs were found as the server counts."""
    puts: int | None = None
    """The server's counter of puts when the scan ended, if it is certain that each job put until then
    was found or is gone; else None."""

    @property
    def walked(self) -> int:
        return max(0, self.high - self.low + 1)


@contextmanager
def _mentioning_leftover_job(*errors: type[Error]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        message = f"{describe_error(error)}; a job may be left in {SCRATCH_TUBE}"
        raise ConnectionLostError(message) from error


class Scan:
    """A walk over the ids of a server for the jobs of `tube`, or of all tubes.

    `run` walks, and can be called again to continue where it stopped. `found` holds the jobs by id,
    as they were when they were polled.
    """

    def __init__(
        self,
        connection: ActingConnection,
        tube: str | None = None,
        *,
        state: State | None = None,
        oldest_first: bool = False,
        start: int = 0,
        only: Collection[int] | None = None,
        keeps_gone: bool = False,
    ) -> None:
        """With a `state`, look only for jobs in it, and stop when all of these are found. The walk begins at
        the id `start`, if given, else at the highest one. With `only`, jobs with other ids are ignored.
        With `keeps_gone`, jobs that are gone stay in `found`, in no state."""
        self.found: dict[int, JobInfo] = {}
        self.gone: set[int] = set()
        """Ids of jobs in `found` that are gone; none unless these are kept."""
        self.keeps_gone = keeps_gone
        self.running = False
        self._connection = connection
        self._tube = tube
        self._state = state
        self.only = only
        self._oldest_first = oldest_first
        self._start = start
        self._low, self._high = 1, 0  # the walked span, empty at first
        self._lowest_job, self._highest_job = 0, 0  # in any tube, within the walked span
        self._ceiling = 0  # the highest id known to exist
        self._counted = 0
        self._puts: int | None = None  # the server's counter
        self._changes: tuple[int | None, ...] = ()
        """Counters that change when jobs come or go, from before the last time that all found jobs
        were polled."""
        self._is_certain = False
        self._seconds = 0.0
        self._batch = MIN_BATCH
        self._rate, self._most = math.inf, ENOUGH
        self._wake = asyncio.Event()  # ends a rest
        self._alone = asyncio.Lock()  # one `run` waits for the other
        self._stopping = False
        self._complete = False

    @property
    def coverage(self) -> Coverage:
        return Coverage(
            len(self.found),
            self._counted,
            self._low,
            self._high,
            self._seconds,
            self._complete,
            self._puts if self._complete and self._is_certain else None,
        )

    @property
    def highest(self) -> int:
        """The highest id that is known to have been given to a job, in any tube; 0 for none."""
        return max(self._highest_job, self._ceiling)

    def stop(self) -> None:
        """Have `run` return after the current batch."""
        self._stopping = True
        self._wake.set()

    async def run(
        self,
        most: int = ENOUGH,
        on_progress: Callable[[], None] = lambda: None,
        *,
        rate: float = math.inf,
    ) -> Coverage:
        """Walk until all jobs are found, `most` ids are walked, or `stop` is called. With a `rate`, in ids
        per second, it rests between batches, and leaves new ids alone; `hurry` ends that.

        A call waits until an earlier one has ended. Raises `Error` as the connection does; the jobs found
        so far are kept.
        """
        async with self._alone:
            return await self._run(most, on_progress, rate)

    async def _run(self, most: int, on_progress: Callable[[], None], rate: float) -> Coverage:
        self._stopping, self.running = False, True
        self._rate, self._most = rate, most
        if self._is_gentle:
            self._batch = GENTLE_BATCH
        self._wake.clear()
        asked = 0
        try:
            if self._high < self._low:
                _, self._changes = await self._ask_counts()
                await self.poll_jobs(self.found)  # known from elsewhere, and maybe gone
                await self._take_list()
                await self._begin()
            await self._count()
            while not (self._complete or self._stopping):
                ids = self._next_ids()
                if not ids or asked >= self._most:
                    break
                asked += len(ids)
                await self._walk(ids)
                on_progress()
                await self._rest(len(ids))
        finally:
            self.running = False
        return self.coverage

    def hurry(self, most: int = ENOUGH) -> None:
        """Have a `run` that rests between batches walk this many ids more, without rests."""
        self._most += most
        self._rate = math.inf
        self._wake.set()

    @property
    def _is_gentle(self) -> bool:
        return self._rate < math.inf

    async def _rest(self, ids: int) -> None:
        """Rest after a batch of that many ids, as long as the rate demands."""
        if self._is_gentle and not (self._complete or self._stopping):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), ids / self._rate)

    async def find_ceiling(self) -> int:
        """Learn the highest id by putting a job into a tube of our own and deleting it at once.
        This changes the server's counters, so it must be confirmed by the user. If the job may
        still be there, the error says so."""
        async with self._connection.turn() as turn:
            with _mentioning_leftover_job(ConnectionLostError, UnknownResponseError, BuriedError):
                try:
                    id = await turn.call_in(SCRATCH_TUBE, commands.put(b"", 0, MAX_UINT32, 1))
                except BuriedError as error:  # the job exists, and its id is as good
                    if error.id is None:
                        raise
                    id = error.id
            with _mentioning_leftover_job(Error):
                await turn.call(commands.delete(id))
        self._ceiling = max(self._ceiling, id)
        return id

    # Where to walk:

    async def _take_list(self) -> None:
        """Add the jobs that the server can list; the walk finds the others."""
        if self._tube is None:
            return
        async with self._connection.turn() as turn:
            ids = await listed_ids(turn, self._tube)
        await self.poll_jobs(ids)

    async def _begin(self) -> None:
        """Start at the highest known id, or at 1 to find the oldest jobs first."""
        started = time.monotonic()
        tubes = 1 if self._is_gentle else MAX_HEADS
        async with self._connection.turn() as turn:
            self._ceiling = max(self._ceiling, await newest_id(turn, self._tube, tubes))
        self._seconds += time.monotonic() - started
        await self._rest(GENTLE_BATCH)
        start = 0 if self._oldest_first else (self._start or self._ceiling)
        self._low, self._high = start + 1, start
        self._lowest_job = self._highest_job = start

    def _next_ids(self) -> range:
        """Return the next batch: at that end of the walked span which is closer to a job."""
        above = range(self._high + 1, min(self._high + self._batch, MAX_ID) + 1)
        below = range(max(1, self._low - self._batch), self._low)
        empty_above = self._high - self._highest_job
        empty_below = self._lowest_job - self._low
        if not below and self._high >= self._ceiling and empty_above > ENOUGH:
            return range(0)  # no job can be expected in the remaining ids
        goes_up = not self._is_gentle and empty_above < max(LOOKED_AHEAD, empty_below)
        goes_up = goes_up or self._high < self._ceiling
        return (above or below) if goes_up else (below or above)

    async def _walk(self, ids: range) -> None:
        started = time.monotonic()
        async with self._connection.turn() as turn:
            answers = await turn.pipeline(ask_for(ids))
        for answer in answers:
            if isinstance(answer, BeanstalkdError):
                raise answer
            if answer:
                self._lowest_job = min(self._lowest_job or answer.id, answer.id)
                self._highest_job = max(self._highest_job, answer.id)
                self.note(answer)
        self._low, self._high = min(self._low, ids[0]), max(self._high, ids[-1])
        took = time.monotonic() - started
        self._seconds += took
        if not self._is_gentle:
            fits = int(len(ids) * BATCH_SECONDS / max(took, 1e-6))
            self._batch = max(MIN_BATCH, min(fits, 2 * self._batch, MAX_BATCH))
        await self._count()

    def note(self, job: JobInfo) -> None:
        """Add a job that was seen elsewhere, or update it, if it matches the tube and the state."""
        if self._is_wanted(job):
            self.found[job.id] = job

    def lose(self, id: int) -> None:
        """Remove a job that is gone, or note that it is."""
        if not self.keeps_gone:
            self.found.pop(id, None)
        elif job := self.found.get(id):
            self.found[id] = job._replace(state=None)
            self.gone.add(id)

    def _is_wanted(self, job: JobInfo) -> bool:
        is_asked_for = self.only is None or job.id in self.only
        return is_asked_for and self._tube in (None, job.tube) and self._state in (None, job.state)

    # When it is done:

    async def _count(self) -> None:
        """Compare the number of jobs found with the server's counters."""
        counted, changes = await self._ask_counts()
        self._walk_again_where_jobs_came(changes[0])
        if len(self.found) >= counted and changes != self._changes:
            self._changes = changes
            await self.poll_jobs(self.found)  # jobs came or went: poll the known ones again
            counted, changes = await self._ask_counts()
        self._counted = counted
        self._complete = len(self.found) >= counted
        self._is_certain = changes == self._changes and None not in changes

    def _walk_again_where_jobs_came(self, puts: int | None) -> None:
        """If jobs were put since, walk again the ids above the highest one known to exist: they
        were unused when they were walked. Only needed once the walk has reached id 1."""
        if puts != self._puts and self._low == 1:
            self._high = min(self._high, max(self._highest_job, self._ceiling))
        self._puts = puts

    async def _ask_counts(self) -> tuple[int, tuple[int | None, ...]]:
        async with self._connection.turn() as turn:
            if self._tube is None:
                stats = await turn.call(commands.stats())
                changes = (stats.get("total-jobs"), stats.get("cmd-delete"))
                return self._jobs(stats), changes
            try:
                tube = await turn.call(commands.stats_tube(self._tube))
            except NotFoundError:
                return 0, (None, None)
            return self._jobs(tube), (tube.get("total-jobs"), tube.get("cmd-delete"))

    async def poll_jobs(self, ids: Iterable[int]) -> None:
        """Poll the jobs with these ids: update those that exist, and remove the others."""
        ids = list(ids)
        for start in range(0, len(ids), LISTED_BATCH):
            batch = ids[start : start + LISTED_BATCH]
            async with self._connection.turn() as turn:
                answers = await turn.pipeline(ask_for(batch))
            for id, answer in zip(batch, answers, strict=True):
                if isinstance(answer, BeanstalkdError):
                    raise answer
                if answer and self._is_wanted(answer):
                    self.found[id] = answer
                else:
                    self.lose(id)

    def _jobs(self, stats: Mapping[str, object]) -> int:
        """Return the number of jobs in the wanted states, from `stats` or `stats-tube`. Raises `Error` if
        none of them is known: nobody can tell when all jobs are found."""
        states = (self._state,) if self._state else get_args(State)
        counts = [stats.get(f"current-jobs-{state}") for state in states]
        known = [count for count in counts if isinstance(count, int)]
        if not known:
            raise Error("the server did not report how many jobs it has")
        return sum(known)
