"""All jobs of a server, of all its tubes, in one list."""

from beantop.app.drawing.header import server_counts, title_line
from beantop.app.drawing.jobs_words import coverage_words
from beantop.app.drawing.lines import Line, dimmed
from beantop.app.screens.jobs import JobsScreen
from beantop.app.tables.job_columns import TUBE
from beantop.app.widgets.column import Column
from beantop.jobs.job_list import JobRow
from beantop.monitor.snapshot import Server


class AllJobsScreen(JobsScreen):
    """The jobs of all tubes. To list them is why it is opened: so the walk begins by itself."""

    @property
    def counts(self) -> Server:
        return self.facts.watched.snapshot.server

    def on_mount(self) -> None:  # after the one of WatchingScreen: Textual calls both
        self.action_scan()

    def columns(self, width: int) -> list[Column[JobRow]]:
        columns = super().columns(width)
        return [*columns[:2], TUBE, *columns[2:]]

    def header(self) -> list[Line]:
        width, height = self.size
        lines = [title_line(self.facts, width, "all jobs")]
        if height >= 10 and self.facts.watched.seen:
            counts = server_counts(self.facts, width)
            lines.append(dimmed(counts) if self.facts.stale else counts)
        return lines

    def redraw_body(self) -> None:
        self.show_jobs(fade=False)

    def below(self, found: bool) -> str:
        if self.jobs.heads is None:
            return self.why_not_looked()
        return coverage_words(self.jobs.scan, self.scan_problem)

    def status(self) -> Line:
        return self.status_of([])
