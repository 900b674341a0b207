"""The order of a list of jobs. One of a million takes a second: it is made anew only now and then."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from beantop.beanstalk import State
from beantop.jobs.job_info import JobInfo

RESTS = 10.0
"""How many times as long as an order took to make it stays as it is, while jobs are found."""

QUIET_RESTS = 100.0
"""The same when no more are found: a list that is only looked at takes a hundredth of the time."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which jobs are to be listed, and in which order: else by their ids, or as they come."""

    state: State | None = None
    keeps: Callable[[JobInfo], bool] | None = None
    order: Callable[[JobInfo], float] | None = None
    descending: bool = False
    by_id: bool = True

    def of(self, jobs: Iterable[JobInfo]) -> list[int]:
        """The ids of those that are wished for, in their order."""
        kept = [job for job in jobs if self.state in (None, job.state)]
        if self.keeps:
            kept = [job for job in kept if self.keeps(job)]
        if self.order:
            kept.sort(key=self.order, reverse=self.descending)
        elif self.by_id:
            kept.sort()
        return [job.id for job in kept]


class JobOrder:
    """The ids of the jobs that are listed, as they were last put in order."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._wish: ListQuery | None = None
        self._ids: list[int] = []
        self._found = self._ordered = 0
        self._made_at = self._took = 0.0

    def make_anew(self) -> None:
        """Put the jobs in order the next time, however long that takes."""
        self._wish = None

    def ids(self, wish: ListQuery, found: Mapping[int, JobInfo]) -> list[int]:
        """Those of the found jobs that are wished for. Between two times of putting in order one that
        went may be among them, if another came."""
        now = self._now()
        rests = RESTS if len(found) > self._ordered else QUIET_RESTS
        if wish != self._wish or now - self._made_at > rests * self._took:
            self._ids, self._wish = wish.of(found.values()), wish
            self._made_at, self._took, self._ordered = now, self._now() - now, len(found)
        elif len(found) != self._found and not all(map(found.__contains__, self._ids)):
            self._ids = list(filter(found.__contains__, self._ids))
        self._found = len(found)
        return self._ids
