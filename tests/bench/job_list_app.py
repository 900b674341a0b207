"""A list of many jobs, alone on a screen: `python -m tests.bench.job_list_app JOBS KEYS`."""

from textual.app import ComposeResult

from beantop.app.view.job_columns import job_columns, job_key
from beantop.app.widgets.live_table import LiveTable
from beantop.jobs.listing import JobRow
from tests.bench.bodies import list_of_jobs
from tests.bench.our_app import OurApp
from tests.bench.painted import Costs, arguments, cpu_until_painted, run_and_tell


class JobListApp(OurApp):
    def __init__(self, jobs: int, keys: int) -> None:
        super().__init__()
        self._jobs = list_of_jobs(jobs)
        self._keys = keys
        self._table: LiveTable[JobRow, int] = LiveTable(job_columns, job_key)

    def compose(self) -> ComposeResult:
        yield self._table

    def on_mount(self) -> None:
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        for _ in range(2):  # the first one sorts
            await cpu_until_painted(self._table, self._redraw)
        keys = [
            await cpu_until_painted(self._table, self._down_and_redraw) for _ in range(self._keys)
        ]
        self.exit(Costs([], keys))

    def _redraw(self) -> None:
        self._table.show(self._jobs.rows(None))

    def _down_and_redraw(self) -> None:
        """Move the cursor, and show the list again, as a poll that comes meanwhile does."""
        self._table.action_move(1)
        self._redraw()


if __name__ == "__main__":
    run_and_tell(JobListApp(*arguments()))
