"""The jobs of a tube as a list: the first of each state at once, the others as they are found."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from beantop.beanstalk import BeanstalkdError, Job, State, commands
from beantop.jobs.connection import ActingConnection
from beantop.jobs.listed import ListedJob, ask_for, listed
from beantop.jobs.look import Heads, JobSeen, look_at_heads
from beantop.jobs.scan import Scan

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
    """What is known of the jobs of a tube. `look` and `scan.run` ask the server, `take` notes."""

    def __init__(self, connection: ActingConnection, tube: str) -> None:
        self.scan = Scan(connection, tube)
        self.scanned = False
        """Whether a scan has begun; before it only the first jobs are known."""
        self.heads: Heads | None = None  # not looked yet
        self._connection = connection
        self._tube = tube
        self._bodies: dict[int, bytes] = {}

    async def look(self, visible: Iterable[int]) -> ListLook:
        """Look at the first jobs, and again at the visible ones. Raises as the connection does."""
        heads = await look_at_heads(self._connection, self._tube)
        ids = [id for id in visible if id not in heads.ids]
        if not ids:
            return ListLook(heads)
        async with self._connection.turn() as turn:
            jobs = await turn.pipeline(ask_for(ids, time.monotonic()))
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
            self.scan.note(listed(seen.id, seen.stats, seen.seen_at))
            self._bodies[seen.id] = seen.body
        for id, job in look.now.items():
            if job and job.tube == self._tube:
                self.scan.note(job)
            else:
                self.scan.found.pop(id, None)
        for id in list(self._bodies)[:-MOST_BODIES]:
            del self._bodies[id]

    def prepare_scan(self) -> Scan:
        """The scan to run next: the one that is not through yet, or a new one."""
        if self.scan.coverage.complete and self.scanned:
            self.scan = Scan(self._connection, self._tube)
        self.scanned = True
        return self.scan

    def rows(self, state: State | None) -> "JobRows":
        """The jobs that are known, or those of them in that state, by their ids."""
        found = self.scan.found
        ids = [id for id, job in found.items() if state in (None, job.state)]
        if not self.scanned:
            return JobRows(ids, found, self._bodies)  # as the server would give them out
        return JobRows(sorted(ids), found, self._bodies)

    def rows_of(self, ids: Iterable[int]) -> list[JobRow]:
        """The jobs with these ids, as far as they are known."""
        found = self.scan.found
        return [JobRow(found[id], self._bodies.get(id)) for id in sorted(ids) if id in found]

    async def look_again(self, ids: Iterable[int]) -> None:
        """See what became of these jobs. Raises as the connection does."""
        await self.scan.look_again(ids)

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
        return JobRow(self._jobs[id], self._bodies.get(id))
