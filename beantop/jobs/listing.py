"""The jobs of a tube as a list: the first of each state at once, the others as they are found."""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from beantop.beanstalk import BeanstalkdError, State
from beantop.jobs.body import Body, BodyCache
from beantop.jobs.body_batches import peek_some
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo, ask_for, listed
from beantop.jobs.job_order import JobOrder, ListQuery
from beantop.jobs.peek import Heads, JobRecord, peek_heads, peek_job
from beantop.jobs.scan import Scan
from beantop.jobs.search import BodySearch


@dataclass(frozen=True, slots=True)
class JobRow:
    """A line of the list."""

    job: JobInfo
    body: Body | None
    """None: it was not asked for yet."""


@dataclass(frozen=True, slots=True)
class ListLook:
    """What one look saw: the first jobs, and how those on the screen are now."""

    heads: Heads
    now: Mapping[int, JobInfo | None] = field(default_factory=dict)
    """By id; None: the job is gone."""
    bodies: Mapping[int, bytes] = field(default_factory=dict)


class JobList:
    """What is known of the jobs of a tube, or, without one, of the server. `look` and `scan.run`
    ask the server, `take` notes."""

    def __init__(self, connection: ActingConnection, tube: str | None) -> None:
        self.scan = Scan(connection, tube)
        self.scanned = False
        """Whether a scan has begun; before it only the first jobs are known."""
        self.heads: Heads | None = None  # not looked yet
        self._connection = connection
        self._tube = tube
        self._bodies = BodyCache()
        self._connects = 0  # when they came
        self._numbers_since = -math.inf
        self.restarts = 0
        """How often it became known that the server lost its jobs: all that was found is gone then."""
        self._order = JobOrder()
        self.search = BodySearch(connection)

    async def look(self, visible: Iterable[int]) -> ListLook:
        """Look at the first jobs, and again at the visible ones. Of bodies that were not seen yet one
        portion is fetched: the others come with later looks. Raises as the connection does."""
        heads = Heads()
        async with self._connection.turn() as turn:
            await turn.numbers_since()  # for `take`
        if self._tube:
            heads = await peek_heads(self._connection, self._tube, self.heads or heads)
        ids = [id for id in visible if id not in heads.ids] if self.scanned else []
        if not ids:
            return ListLook(heads)
        async with self._connection.turn() as turn:
            self._forget_bodies_of_before()
            jobs = await turn.pipeline(ask_for(ids))
            peeked = await peek_some(turn, self._bodies.missing(ids))
        now = {
            id: job
            for id, job in zip(ids, jobs, strict=True)
            if not isinstance(job, BeanstalkdError)
        }
        return ListLook(heads, now, {job.id: job.body for job in peeked if job})

    def _forget_bodies_of_before(self) -> None:
        """Those that came over another connection may be of other jobs with the same numbers."""
        if self._connects != self._connection.connects:
            self._connects = self._connection.connects
            self._bodies.clear()
            self.search.end()

    def _forget_jobs_of_before(self) -> None:
        """Those of a server that has no binlog and was restarted: other jobs have their numbers."""
        since = self._connection.numbers_since
        if since > self._numbers_since and any(
            job.seen_at < since for job in self.scan.found.values()
        ):
            self.restarts += 1
            self.scan = Scan(self._connection, self._tube)
            self.scanned = self.scanned and self._tube is None
        self._numbers_since = since

    def take(self, look: ListLook) -> None:
        """Note what was seen."""
        self._forget_jobs_of_before()
        self.heads = look.heads
        if not self.scanned:
            self.scan.found.clear()
        self._bodies.add({**look.bodies, **{seen.id: seen.body for seen in look.heads.all}})
        for seen in look.heads.all:
            self.scan.note(seen.listed)
        for id, job in look.now.items():
            if job and self._tube in (None, job.tube):
                self.scan.note(job)
            else:
                self.scan.found.pop(id, None)

    def prepare_scan(self, *, oldest_first: bool = False) -> Scan:
        """The scan to run next: the one that is not through yet, or a new one. One that is to find
        the oldest jobs first is always new."""
        if oldest_first or (self.scan.coverage.complete and self.scanned):
            self.scan = Scan(self._connection, self._tube, oldest_first=oldest_first)
        self.scanned = True
        return self.scan

    def rows(
        self,
        state: State | None,
        keeps: Callable[[JobInfo], bool] | None = None,
        order: Callable[[JobInfo], float] | None = None,
        *,
        descending: bool = False,
    ) -> "JobRows":
        """The jobs that are known, or those of them in that state that are to be kept, in their
        order, else by their ids. A long list is put in order anew only now and then."""
        wish = ListQuery(state, keeps, order, descending, self.scanned)
        return JobRows(self._order.ids(wish, self.scan.found), self.scan.found, self._bodies)

    def order_anew(self) -> None:
        """Have `rows` put the jobs in order again: all that were found so far are among them then."""
        self._order.make_anew()

    def rows_of(self, ids: Iterable[int]) -> list[JobRow]:
        """The jobs with these ids, as far as they are known."""
        found = self.scan.found
        return [JobRow(found[id], self._bodies.get(id)) for id in sorted(ids) if id in found]

    def seen(self, row: JobRow) -> JobRecord | None:
        """The job of a row as it was seen, with its body; None as long as that is not known, or if
        it is too large to be kept."""
        for head in self.heads.all if self.heads else ():
            if head.id == row.job.id:
                return head
        if row.body is None or (body := row.body.whole) is None:
            return None
        return JobRecord(row.job.id, body, row.job.stats, row.job.seen_at)

    async def fetch(self, row: JobRow) -> JobRecord | None:
        """The job of a row with its body, however large; None if it is gone. Raises as the
        connection does."""
        asked_at = time.monotonic()
        seen = await peek_job(self._connection, row.job.id)
        async with self._connection.turn() as turn:
            if row.job.seen_at < await turn.numbers_since():
                return None
        return seen if seen and row.job.may_have_become(seen.listed, asked_at) else None


class JobRows(Sequence[JobRow]):
    """Rows that are made when they are looked at: a list may have a million."""

    def __init__(self, ids: Sequence[int], jobs: Mapping[int, JobInfo], bodies: BodyCache) -> None:
        self.ids = ids
        self._jobs = jobs
        self._bodies = bodies

    def __len__(self) -> int:
        return len(self.ids)

    def keys(self) -> Sequence[int]:
        """The ids of the jobs, in their order."""
        return self.ids

    def place_of(self, id: int) -> int | None:
        """Where the job with that id is, if it is there; in a list of a million within 40 ms."""
        try:
            return self.ids.index(id)
        except ValueError:
            return None

    @overload
    def __getitem__(self, at: int) -> JobRow: ...
    @overload
    def __getitem__(self, at: slice) -> "JobRows": ...
    def __getitem__(self, at: int | slice) -> "JobRow | JobRows":
        if isinstance(at, slice):
            return JobRows(self.ids[at], self._jobs, self._bodies)
        id = self.ids[at]
        return JobRow(self._jobs.get(id) or listed(id, {}, 0.0), self._bodies.get(id))
