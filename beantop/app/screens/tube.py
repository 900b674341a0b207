"""One tube: its counts, its rates, and its jobs: the first of each state, or all of them."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.actions.edit import new_job
from beantop.app.actions.tubes import pause_or_resume
from beantop.app.drawing.jobs_words import coverage_words
from beantop.app.drawing.lines import Line
from beantop.app.drawing.tube_header import sign_words, tube_header
from beantop.app.screens.graphing import choose_next_span, graphs_below
from beantop.app.screens.jobs import JobsScreen
from beantop.app.session.facts import Facts
from beantop.app.tables.tube_rows import TubeRow
from beantop.jobs.connection import ActingConnection
from beantop.monitor.snapshot import Tube
from beantop.text import shown


class TubeScreen(JobsScreen):
    """The tube with that name, and the jobs at the head of its queues."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "pause", "Pause or resume the tube", show=False),
        Binding("N", "new", "New job", show=False),
        Binding("t", "span", "Graphs of another time", show=False),
    ]

    def __init__(self, connection: ActingConnection, facts: Facts, name: str) -> None:
        super().__init__(connection, facts, name)
        self._tube = facts.watched.snapshot.tubes.get(name) or Tube(name, 0.0)
        self._gone = False

    @property
    def tube(self) -> str:
        """The name of the tube that is shown."""
        return self._tube.name

    def tubes_wanted(self, number: int) -> set[str]:
        return {self._tube.name} if number == self.facts.number else set()

    @property
    def counts(self) -> Tube:
        return self._tube

    def show(self, facts: Facts) -> None:
        now = facts.watched.snapshot.tubes.get(self._tube.name)
        self._gone = now is None and facts.watched.seen
        self._tube = now or self._tube
        super().show(facts)

    @property
    def _row(self) -> TubeRow:
        return TubeRow(self._tube, self.facts.watched.history)

    def header(self) -> list[Line]:
        return tube_header(self.facts, self._row, self._gone, *self.size)

    def redraw_body(self) -> None:
        self.show_jobs(fade=self._gone)

    def further_below(self, taken: int) -> list[Line]:
        return graphs_below(self, self._tube.name, taken)

    def below(self, found: bool) -> str:
        if self._gone:
            return f"{shown(self._tube.name)} has gone (beanstalkd drops empty, unused tubes)."
        if self.jobs.heads is None:
            return self.why_not_looked()
        if self.jobs.scanned:
            return coverage_words(self.jobs.scan, self.scan_problem)
        if found:
            return "The next job of each state.  n finds all jobs, reserved ones too."
        if self._tab == "reserved" and self._tube.reserved:
            return "Workers hold the reserved jobs.  n finds them."
        if self._tab:
            return f"No {self._tab} jobs.  h/l looks at other states."
        if self._tube.reserved:
            return (
                "No ready, delayed or buried jobs; workers hold the reserved ones.  n finds them."
            )
        return "No jobs."

    def status(self) -> Line:
        if self._gone:  # what was wrong with it is so no longer
            return self.status_of([("it has gone", "warn")])
        return self.status_of(sign_words(self._row))

    # Keys:

    def action_span(self) -> None:
        choose_next_span(self)

    def action_new(self) -> None:
        self.act(self._new())

    async def _new(self) -> None:
        if await new_job(self, self._tube.name):
            self.look_now()

    def action_pause(self) -> None:
        self.act(pause_or_resume(self, self._tube))
