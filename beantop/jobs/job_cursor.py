"""The jobs of a list in which one was opened, for going from one to the next."""

from collections.abc import Awaitable, Callable, Sequence

from beantop.beanstalk import Error, describe_error
from beantop.jobs.listing import JobRow
from beantop.jobs.peek import JobRecord


class JobCursor:
    """A place among rows, in the order in which they stood when a job was opened."""

    def __init__(
        self,
        rows: Sequence[JobRow],
        at: int,
        fetch: Callable[[JobRow], Awaitable[JobRecord | None]],
        moved: Callable[[int], None],
    ) -> None:
        """`fetch` returns a job as it is now; `moved` is called with the id of the job that is shown."""
        self._rows = rows
        self._at = self._wanted = at
        self._fetch = fetch
        self._moved = moved
        self.fetching = ""
        """The job that is to be shown, as "Job 17", until it was seen or is gone."""
        self.problem = ""
        """Why the last one could not be shown, as a sentence."""

    @property
    def place(self) -> str:
        """The place of the job that is shown, where the list has others: "3/50 "; else ""."""
        count = len(self._rows)
        return f"{self._at + 1:,}/{count:,} " if count > 1 else ""

    def can_step(self, by: int) -> bool:
        """Whether there is a job that far away."""
        return 0 <= self._wanted + by < len(self._rows)

    async def step(self, by: int, may_show: Callable[[], bool]) -> JobRecord | None:
        """Return the job that far away; None if it cannot be shown, or another one is wanted
        meanwhile. `may_show` says, when it was fetched, whether it may still come."""
        self._wanted += by
        at, self.problem = self._wanted, ""
        job = self.fetching = f"Job {self._rows[at].job.id}"
        why_not, goes_on_from = f"{job} is gone: it was deleted, by a worker or by hand.", at
        try:
            seen = await self._fetch(self._rows[at])
        except (OSError, Error) as error:
            seen, why_not, goes_on_from = (
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
            self._wanted = goes_on_from
            self.problem = why_not
            return None
        self._at = at
        self._moved(seen.id)
        return seen
