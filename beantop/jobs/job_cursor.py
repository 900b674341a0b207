"""Stepping from an opened job to its neighbors in the list."""

from collections.abc import Awaitable, Callable, Sequence

from beantop.beanstalk import Error, describe_error
from beantop.jobs.job_info import is_gone
from beantop.jobs.listing import JobRow
from beantop.jobs.peek import JobRecord


class JobCursor:
    """A position among rows, in the order they had when a job was opened."""

    def __init__(
        self,
        rows: Sequence[JobRow],
        at: int,
        fetch: Callable[[JobRow], Awaitable[JobRecord | None]],
        moved: Callable[[int], None],
    ) -> None:
        """`fetch` returns the current state of a job; `moved` gets the id of each job shown."""
        self._rows = rows
        self._at = self._wanted = at
        self._fetch = fetch
        self._moved = moved
        self.fetching = ""
        """The job being fetched, as "Job 17"; else ""."""
        self.problem = ""
        """A sentence: why the last job could not be shown."""

    @property
    def place(self) -> str:
        """The position of the shown job, as "3/50 "; "" if it is the only one."""
        count = len(self._rows)
        return f"{self._at + 1:,}/{count:,} " if count > 1 else ""

    def can_step(self, by: int) -> bool:
        """Return whether the list has a job at that offset."""
        return 0 <= self._wanted + by < len(self._rows)

    async def step(self, by: int, may_show: Callable[[], bool]) -> JobRecord | None:
        """Fetch the job at that offset. Return None if it cannot be shown or another step was made
        meanwhile. `may_show`, called after the fetch, says whether to go there after all."""
        self._wanted += by
        at, self.problem = self._wanted, ""
        job = self.fetching = f"Job {self._rows[at].job.id}"
        problem, next_at = is_gone(self._rows[at].job.id), at
        try:
            seen = await self._fetch(self._rows[at])
        except Error as error:
            seen, problem, next_at = (
                None,
                f"{job} was not opened: {describe_error(error)}.",
                self._at,
            )
        if at != self._wanted:
            return None
        self.fetching = ""
        if not may_show():
            self._wanted = self._at
            return None
        if seen is None:
            self._wanted = next_at
            self.problem = problem
            return None
        self._at = at
        self._moved(seen.id)
        return seen
