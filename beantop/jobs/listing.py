"""The job list of a tube: the first job of each state at once, the others as they are found."""

import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, overload

from beantop.beanstalk import State
from beantop.jobs.body import MAX_FOLLOWED_BYTES, Body, BodyCache
from beantop.jobs.body_batches import peek_some
from beantop.jobs.body_reader import BodyReader, Passes
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import MIN_PARKED, PARKED, JobInfo, listed
from beantop.jobs.job_order import JobOrder, ListQuery, SortKey
from beantop.jobs.peek import Heads, JobRecord, peek_heads, peek_job
from beantop.jobs.scan import Scan
from beantop.jobs.upkeep import Upkeep, poll_by_id

if TYPE_CHECKING:
    from beantop.jobs.follow import NewJob
    from beantop.jobs.groups import Census

MAX_FOLLOWED, MAX_PAUSED = 5_000, 20_000
"""Jobs in a followed list, and in one that is paused; the first ones are dropped."""

BEFORE = 256
"""Ids before the first job of a tube where its reserved jobs may be."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row of the list."""

    job: JobInfo
    body: Body | None
    """None if it was not fetched yet."""


@dataclass(frozen=True, slots=True)
class ListPeek:
    """The result of one poll: the first jobs, and the current state of the visible ones."""

    heads: Heads
    now: Mapping[int, JobInfo | None] = field(default_factory=dict)
    """The jobs that were polled, by id; None for a job that is gone."""
    bodies: Mapping[int, bytes] = field(default_factory=dict)


class JobList:
    """The known jobs of a tube, or of the server if `tube` is None. `peek` and `scan.run` query the
    server; `take` stores what `peek` returned."""

    def __init__(
        self, connection: ActingConnection, tube: str | None, *, is_followed: bool = False
    ) -> None:
        """With `is_followed`, the list gets only the jobs that it is given by `add`, and those that are gone
        stay in it."""
        self._is_followed = is_followed
        self.scan = self._new_scan(connection, tube)
        self.scanned = is_followed
        """Whether a scan has started; until then only the first jobs are known."""
        self.heads: Heads | None = Heads() if is_followed else None  # None until the first poll
        self._connection = connection
        self.tube = tube
        self._bodies = BodyCache(MAX_PAUSED, MAX_FOLLOWED_BYTES) if is_followed else BodyCache()
        self._connects = 0  # the value of `connection.connects` when the bodies were fetched
        self._numbers_since = -math.inf
        self.restarts = 0
        """Number of detected server restarts that lost the jobs; each one clears all jobs found."""
        self._order = JobOrder()
        self._upkeep: Upkeep | None = None
        self.search: BodyReader[Passes] = BodyReader(connection, self._known_body)
        """The search for the filter."""
        self.values: BodyReader[SortKey] = BodyReader(connection)
        """The values of the column that the list is sorted by, if it is one of bodies."""

    @cached_property
    def census(self) -> "Census":
        """What the bodies of these jobs say, as far as somebody reads them."""
        from beantop.jobs.groups import Census  # large, and rarely needed

        return Census(self._connection)

    def part(self, ids: Iterable[int]) -> "JobList":
        """Return a list of some of these jobs, which stays current like this one but gets no new jobs."""
        part = JobList(self._connection, self.tube)
        found = {id: job for id in ids if (job := self.scan.found.get(id))}
        part.scan = Scan(self._connection, self.tube, only=found.keys())
        part.scan.found = found.copy()
        part.scanned, part.heads = True, Heads()
        return part

    def _new_scan(
        self, connection: ActingConnection, tube: str | None, only: Collection[int] | None = None
    ) -> Scan:
        if self._is_followed:
            return Scan(connection, tube, only=set(), keeps_gone=True)
        return Scan(connection, tube, only=only)

    @property
    def is_part(self) -> bool:
        """Whether its jobs were given to it, by another list or by following: it finds none itself."""
        return self.scan.only is not None

    def add(self, new: "Sequence[NewJob]", most: int = MAX_FOLLOWED) -> int:
        """Add jobs to a followed list. Drop the first ones where it has more than `most`, and return
        their number."""
        self._drop_jobs_after_restart()
        found = self.scan.found
        self.scan.only = {*(self.scan.only or ()), *(each.job.id for each in new)}
        for job, body in new:
            found[job.id] = job
            if body is None:
                self.scan.lose(job.id)
        self._bodies.add({job.id: body for job, body in new if body is not None})
        return self._drop_first(len(found) - most)

    def _drop_first(self, count: int) -> int:
        if count <= 0:
            return 0
        dropped = set(islice(self.scan.found, count))
        for id in dropped:
            del self.scan.found[id]
        self.scan.only = set(self.scan.found)
        self.scan.gone -= dropped
        self.search.forget(dropped)
        return count

    def _known_body(self, id: int) -> bytes | None:
        """Return a body that need not be fetched again to be searched."""
        body = self._bodies.get(id) if self._is_followed else None
        return body.whole if body else None

    def is_gone(self, id: int) -> bool:
        """Return whether a job is listed although it is gone."""
        return id in self.scan.gone

    def take_part(self, part: "JobList") -> None:
        """Update the jobs of a part, which was current for longer than this list."""
        for id in part.scan.only or ():
            if job := part.scan.found.get(id):
                self.scan.found[id] = job
            else:
                self.scan.found.pop(id, None)

    async def peek(self, visible: Iterable[int], most: int | None = 0) -> ListPeek:
        """Poll the first jobs and the visible ones; after a scan also new jobs and, in turn, the others,
        with about `most` commands, None for any number. Fetch one batch of the missing bodies; the
        rest follow with later polls. Raises what the connection raises."""
        heads = Heads()
        async with self._connection.turn() as turn:
            await turn.numbers_since()  # updates `connection.numbers_since` for `take`
            self._drop_bodies_after_reconnect()
        if self.tube and not self.is_part:
            heads = await peek_heads(self._connection, self.tube, self.heads or heads)
        gone = self.scan.gone
        ids = [id for id in visible if id not in heads.ids and id not in gone]
        if not self.scanned:
            return ListPeek(heads)
        async with self._connection.turn() as turn:
            self._drop_bodies_after_reconnect()
            now = await poll_by_id(turn, ids)
            peeked = await peek_some(turn, self._bodies.missing(ids))
            others = await self._poll_others(turn, {*ids, *heads.ids, *gone}, most)
        return ListPeek(heads, {**others, **now}, {job.id: job.body for job in peeked if job})

    async def _poll_others(
        self, turn: Turn, fresh: Collection[int], most: int | None
    ) -> Mapping[int, JobInfo | None]:
        """Poll new jobs and some of those that are not visible, unless a scan does so."""
        if self.scan.running or most == 0:
            return {}
        if self._upkeep is None or self._upkeep.scan is not self.scan:
            self._upkeep = Upkeep(self.scan)
        return await self._upkeep.poll(turn, fresh, most)

    @property
    def skipped(self) -> int:
        """Number of ids that were not asked for, since too many came at once; new jobs may have them."""
        return self._upkeep.skipped if self._upkeep else 0

    def _drop_bodies_after_reconnect(self) -> None:
        """Drop bodies from an earlier connection: their ids may belong to other jobs now. Bodies of followed
        jobs cannot be fetched again if these are gone, and stay until a restart is certain."""
        if self._is_followed:
            return
        if self._connects != self._connection.connects:
            self._connects = self._connection.connects
            self._bodies.clear()
            self.search.clear()
            self.values.clear()
            if "census" in vars(self):
                self.census.clear()

    def _drop_jobs_after_restart(self) -> None:
        """Drop the jobs if the server restarted without a binlog: their ids may be reused."""
        since = self._connection.numbers_since
        if since > self._numbers_since and any(
            job.seen_at < since for job in self.scan.found.values()
        ):
            self.restarts += 1
            only = set[int]() if self.is_part else None  # its ids may be those of other jobs now
            self.scan = self._new_scan(self._connection, self.tube, only)
            self.scanned = self.scanned and (self.tube is None or self.is_part)
            if self._is_followed:
                self._bodies.clear()
                self.search.clear()
        self._numbers_since = since

    def take(self, peeked: ListPeek) -> None:
        """Store the result of a poll."""
        self._drop_jobs_after_restart()
        self.heads = peeked.heads
        if not self.scanned:
            self.scan.found.clear()
        self._bodies.add({**peeked.bodies, **{seen.id: seen.body for seen in peeked.heads.all}})
        for seen in peeked.heads.all:
            self.scan.note(seen.listed)
        for id, job in peeked.now.items():
            known = self.scan.found.get(id)
            if job and self.tube in (None, job.tube):
                if (
                    known is None or known.seen_at <= job.seen_at
                ):  # it may have been polled meanwhile
                    self.scan.note(job)
            elif known:
                self.scan.lose(id)

    def prepare_scan(self, *, oldest_first: bool = False) -> Scan:
        """Return the scan to run next: the unfinished one or a new one. With `oldest_first` it is
        always new."""
        if oldest_first or (self.scan.coverage.complete and self.scanned):
            self.scan = Scan(self._connection, self.tube, oldest_first=oldest_first)
        self.scanned = True
        return self.scan

    def prepare_first_scan(self, counts: Mapping[State, int]) -> Scan:
        """Return a scan that begins near the first job of the state that most jobs of the tube are in."""
        heads = [seen for seen in self.heads.all if seen.state] if self.heads else []
        most = max(heads, key=lambda seen: counts.get(seen.state or "ready", 0), default=None)
        found = self.scan.found
        self.scan = Scan(self._connection, self.tube, start=max(1, most.id - BEFORE) if most else 0)
        self.scan.found = found
        self.scanned = True
        return self.scan

    def rows(
        self,
        state: State | None,
        keeps: Callable[[JobInfo], bool] | None = None,
        order: Callable[[JobInfo], SortKey] | None = None,
        *,
        descending: bool = False,
    ) -> "JobRows":
        """Return the known jobs in `state` for which `keeps` is true, sorted by `order`, else by
        id. None means no restriction. A long list is sorted again only now and then."""
        query = ListQuery(state, keeps, order, descending, self.scanned)
        return JobRows(self._order.ids(query, self.scan.found), self.scan.found, self._bodies)

    def sort_again(self) -> None:
        """Have the next call of `rows` sort again, and include all jobs found so far."""
        self._order.invalidate()

    def rows_of(self, ids: Iterable[int]) -> "ChosenRows":
        """Return the known ones of the jobs with these ids, sorted by id, without those that are gone,
        as they are now."""
        found, gone = self.scan.found, self.scan.gone
        wanted = ids if isinstance(ids, Set) else set(ids)
        listed = sorted(filter(found.__contains__, wanted))
        here = [id for id in listed if id not in gone] if gone else listed
        return ChosenRows([found[id] for id in here], self._bodies.of(wanted))

    def seen(self, row: JobRow) -> JobRecord | None:
        """Return the job of a row with its body, as last seen; None if the body was not fetched or
        is too large to be kept."""
        for head in self.heads.all if self.heads else ():
            if head.id == row.job.id:
                return head
        if row.body is None or (body := row.body.whole) is None:
            return None
        return JobRecord(row.job.id, body, row.job.stats, row.job.seen_at)

    async def fetch(self, row: JobRow) -> JobRecord | None:
        """Fetch the job of a row with its body, however large; None if it is gone. Raises what the
        connection raises."""
        if self.is_gone(row.job.id):
            return self.seen(row)
        asked_at = time.monotonic()
        seen = await peek_job(self._connection, row.job.id)
        async with self._connection.turn() as turn:
            if row.job.seen_at < await turn.numbers_since():
                return None
        return seen if seen and row.job.may_have_become(seen.listed, asked_at) else None


class ChosenRows(Sequence[JobRow]):
    """Jobs as they were when they were chosen, with the bodies that were known. Rows are created on
    access: a million may be marked, and a key must have its question at once."""

    def __init__(self, jobs: Sequence[JobInfo], bodies: Mapping[int, Body]) -> None:
        self.jobs, self.bodies = jobs, bodies

    @cached_property
    def ids(self) -> frozenset[int]:
        """The ids of the jobs."""
        return frozenset(map(attrgetter("id"), self.jobs))

    @cached_property
    def tubes(self) -> list[str]:
        """The names of their tubes, sorted."""
        return sorted({job.tube for job in self.jobs})

    @cached_property
    def states(self) -> "Counter[str | None]":
        """The number of jobs in each state. Parked jobs are delayed for the server, but not for us."""
        states: Counter[str | None] = Counter(map(attrgetter("state"), self.jobs))
        if states["delayed"]:
            longest = filter(None, map(attrgetter("time_left"), self.jobs))
            if max(longest, default=0) >= MIN_PARKED:
                states[PARKED] = sum(job.is_parked for job in self.jobs)
                states["delayed"] -= states[PARKED]
        return +states

    def __len__(self) -> int:
        return len(self.jobs)

    @overload
    def __getitem__(self, at: int) -> JobRow: ...
    @overload
    def __getitem__(self, at: slice) -> "ChosenRows": ...
    def __getitem__(self, at: int | slice) -> "JobRow | ChosenRows":
        if isinstance(at, slice):
            return ChosenRows(self.jobs[at], self.bodies)
        job = self.jobs[at]
        return JobRow(job, self.bodies.get(job.id))


def chosen(rows: Sequence[JobRow]) -> ChosenRows:
    """Return rows as chosen ones."""
    if isinstance(rows, ChosenRows):
        return rows
    return ChosenRows([row.job for row in rows], {row.job.id: row.body for row in rows if row.body})


class Restarts:
    """Notices that the server lost the jobs of a list in a restart: other jobs may have their ids now.
    Several screens may show a list; each has one of these."""

    def __init__(self, jobs: JobList) -> None:
        self._jobs, self._seen = jobs, jobs.restarts

    def noticed(self) -> bool:
        """Return whether that happened since the last call."""
        before, self._seen = self._seen, self._jobs.restarts
        return before != self._seen


def united(parts: Iterable[ChosenRows]) -> ChosenRows:
    """Return the rows of all parts, sorted by id."""
    jobs: list[JobInfo] = []
    bodies: dict[int, Body] = {}
    for part in parts:
        jobs += part.jobs
        bodies |= part.bodies
    return ChosenRows(sorted(jobs, key=attrgetter("id")), bodies)


class JobRows(Sequence[JobRow]):
    """A sequence that creates rows on access: a list may have a million."""

    def __init__(self, ids: Sequence[int], jobs: Mapping[int, JobInfo], bodies: BodyCache) -> None:
        self.ids = ids
        self._jobs = jobs
        self._bodies = bodies

    def __len__(self) -> int:
        return len(self.ids)

    def keys(self) -> Sequence[int]:
        """Return the job ids, in list order."""
        return self.ids

    def place_of(self, id: int) -> int | None:
        """Return the index of a job, or None. Takes up to 40 ms in a list of a million."""
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
