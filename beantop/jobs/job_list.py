"""The jobs of a tube as a list: the first of each state at once, the others as they are found."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from beantop.beanstalk import BeanstalkdError, Job, State, commands
from beantop.jobs.connection import ActingConnection
from beantop.jobs.listed import ListedJob, ask_for, listed
from beantop.jobs.look import Heads, JobSeen, look_at_heads
from beantop.jobs.scan import Scan

SEARCHED_AT_ONCE = 512
"""Bodies that are read between two looks of others at the connection."""

MOST_BODIES = 500
"""Bodies that are kept: those of the rows that were on the screen last."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A line of the list."""

    job: ListedJob
    body: bytes | None
    """None: it was not asked for yet."""


@dataclass(frozen=True, slots=True)
class ListLook:
    """What one look saw: the first jobs, and how those on the screen are now."""

    heads: Heads
    now: Mapping[int, ListedJob | None] = field(default_factory=dict)
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
        self._bodies: dict[int, bytes] = {}
        self.matched: set[int] = set()
        """The jobs whose bodies matched in the last search."""
        self.searched = 0
        """How many bodies were read for it so far."""
        self._search = 0
        self._ids: list[int] = []
        self._asked: object = None
        self._found = 0
        self._ordered_at = self._ordering_took = 0.0

    async def look(self, visible: Iterable[int]) -> ListLook:
        """Look at the first jobs, and again at the visible ones. Raises as the connection does."""
        heads = await look_at_heads(self._connection, self._tube) if self._tube else Heads()
        ids = [id for id in visible if id not in heads.ids] if self.scanned else []
        if not ids:
            return ListLook(heads)
        async with self._connection.turn() as turn:
            jobs = await turn.pipeline(ask_for(ids))
            unknown = [id for id in ids if id not in self._bodies]
            peeked = await turn.pipeline([commands.peek(id) for id in unknown])
        now = {
            id: job
            for id, job in zip(ids, jobs, strict=True)
            if not isinstance(job, BeanstalkdError)
        }
        return ListLook(heads, now, {job.id: job.body for job in peeked if isinstance(job, Job)})

    def take(self, look: ListLook) -> None:
        """Note what was seen."""
        self.heads = look.heads
        if not self.scanned:
            self.scan.found.clear()
        self._bodies |= look.bodies
        for seen in look.heads.all:
            self.scan.note(seen.listed)
            self._bodies[seen.id] = seen.body
        for id, job in look.now.items():
            if job and self._tube in (None, job.tube):
                self.scan.note(job)
            else:
                self.scan.found.pop(id, None)
        for id in list(self._bodies)[:-MOST_BODIES]:
            del self._bodies[id]

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
        keeps: Callable[[ListedJob], bool] | None = None,
        order: Callable[[ListedJob], float] | None = None,
        *,
        descending: bool = False,
    ) -> "JobRows":
        """The jobs that are known, or those of them in that state that are to be kept, in their
        order, else by their ids. A long list is put in order anew only now and then."""
        asked = (state, keeps, order, descending, self.scanned)
        now = time.monotonic()
        if asked != self._asked or now - self._ordered_at > 10 * self._ordering_took:
            self._ids = self._ordered(state, keeps, order, descending=descending)
            self._asked, self._ordered_at = asked, now
            self._ordering_took = time.monotonic() - now
        found = self.scan.found
        if len(found) != self._found and any(id not in found for id in self._ids):
            self._ids = [id for id in self._ids if id in found]
        self._found = len(found)
        return JobRows(self._ids, found, self._bodies)

    def _ordered(
        self,
        state: State | None,
        keeps: Callable[[ListedJob], bool] | None,
        order: Callable[[ListedJob], float] | None,
        *,
        descending: bool,
    ) -> list[int]:
        jobs = [job for job in self.scan.found.values() if state in (None, job.state)]
        if keeps:
            jobs = [job for job in jobs if keeps(job)]
        if order:
            jobs.sort(key=order, reverse=descending)
        elif self.scanned:
            jobs.sort()
        return [job.id for job in jobs]  # else as the server would give them out

    async def search(self, matches: Callable[[str], bool]) -> None:
        """Read the bodies of all listed jobs, and keep in `matched` the ids of those that match;
        `searched` counts. A later search ends this one. Raises as the connection does."""
        self._search += 1
        search, self.matched, self.searched = self._search, set(), 0
        ids = list(self.scan.found)
        for start in range(0, len(ids), SEARCHED_AT_ONCE):
            some = ids[start : start + SEARCHED_AT_ONCE]
            async with self._connection.turn() as turn:
                answers = await turn.pipeline([commands.peek(id) for id in some])
            if search != self._search:
                return
            for answer in answers:
                if isinstance(answer, Job):
                    text = answer.body.decode("utf-8", "backslashreplace")
                    if matches(text):
                        self.matched.add(answer.id)
            self.searched += len(some)

    def end_search(self) -> None:
        """Read no more bodies, and forget which of them matched."""
        self._search += 1
        self.matched, self.searched = set(), 0

    def rows_of(self, ids: Iterable[int]) -> list[JobRow]:
        """The jobs with these ids, as far as they are known."""
        found = self.scan.found
        return [JobRow(found[id], self._bodies.get(id)) for id in sorted(ids) if id in found]

    def seen(self, row: JobRow) -> JobSeen | None:
        """The job of a row as it was seen, with its body; None as long as that is not known."""
        for head in self.heads.all if self.heads else ():
            if head.id == row.job.id:
                return head
        if row.body is None:
            return None
        return JobSeen(row.job.id, row.body, row.job.stats, row.job.seen_at)


class JobRows(Sequence[JobRow]):
    """Rows that are made when they are looked at: a list may have a million."""

    def __init__(
        self, ids: Sequence[int], jobs: Mapping[int, ListedJob], bodies: Mapping[int, bytes]
    ) -> None:
        self.ids = ids
        self._jobs = jobs
        self._bodies = bodies

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> JobRow: ...
    @overload
    def __getitem__(self, at: slice) -> "JobRows": ...
    def __getitem__(self, at: int | slice) -> "JobRow | JobRows":
        if isinstance(at, slice):
            return JobRows(self.ids[at], self._jobs, self._bodies)
        id = self.ids[at]
        return JobRow(self._jobs.get(id) or listed(id, {}, 0.0), self._bodies.get(id))
