"""The order of a job list. Sorting a million jobs takes a second, so it is done rarely."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

from beantop.beanstalk import State
from beantop.jobs.job_info import JobInfo

RESTS = 10.0
"""While jobs are being found, an order is kept this many times as long as sorting took."""

LONG = 10_000
"""Number of jobs from which sorting a list takes noticeably long."""

QUIET_RESTS = 200.0
"""`RESTS` for a long list when no more jobs are found: sorting takes half a percent of the time."""


SortKey: TypeAlias = float | tuple[int, float, str]
"""A number, or what orders fields of bodies: numbers, then texts; the other part is empty."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The jobs to list, and their order: by `order`, else by id, else as found."""

    state: State | None = None
    keeps: Callable[[JobInfo], bool] | None = None
    order: Callable[[JobInfo], SortKey] | None = None
    descending: bool = False
    by_id: bool = True

    def of(self, jobs: Iterable[JobInfo]) -> list[int]:
        """Return the ids of the matching jobs, in order."""
        state, keeps = self.state, self.keeps
        kept = [job for job in jobs if job.state == state] if state else list(jobs)
        if keeps:
            kept = list(filter(keeps, kept))
        if self.order:
            kept.sort(key=self.order, reverse=self.descending)
        elif self.by_id:
            kept.sort(key=_ID)  # by the numbers alone it takes a third
        return list(map(_ID, kept))


_ID = itemgetter(0)


class JobOrder:
    """The ids of the listed jobs, as they were last sorted."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._query: ListQuery | None = None
        self._ids: list[int] = []
        self._found = self._ordered = 0
        self._made_at = self._took = 0.0

    def invalidate(self) -> None:
        """Sort the jobs on the next call of `ids`, however long that takes."""
        self._query = None

    def ids(self, query: ListQuery, found: Mapping[int, JobInfo]) -> list[int]:
        """Return the ids of the matching jobs. Between two sorts a job that is gone may remain
        listed if another one was found meanwhile."""
        now = self._now()
        is_quiet = LONG <= len(found) <= self._ordered
        factor = QUIET_RESTS if is_quiet else RESTS
        if query != self._query or now - self._made_at > factor * self._took:
            self._ids, self._query = query.of(found.values()), query
            self._made_at, self._took, self._ordered = now, self._now() - now, len(found)
        elif len(found) != self._found and not all(map(found.__contains__, self._ids)):
            self._ids = list(filter(found.__contains__, self._ids))
        self._found = len(found)
        return self._ids
