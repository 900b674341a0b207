"""One tube: its counts, its rates, and the next job of each state or all jobs."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.actions.table import Action
from beantop.app.keys import tube_bindings
from beantop.app.messages import ProfileOpened
from beantop.app.panes.job_pane import JobPane
from beantop.app.screens.server_screen import TRASH_KEYS, ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.empty_states import restart_words
from beantop.app.view.graphs_below import graphs_of_tube
from beantop.app.view.job_columns import job_columns
from beantop.app.view.lines import Line
from beantop.app.view.reasons import reason_words, reasons_of
from beantop.app.view.tube_header import tube_header
from beantop.app.view.tube_rows import TubeRow
from beantop.formatting import printable
from beantop.monitor.snapshot import Tube

PLACE_WIDTH = 12
"""Cells of the status line that are left for the position of the cursor."""


class TubeScreen(ServerScreen):
    """A tube and the jobs at the head of its queues."""

    FOOTER = JobPane.FOOTER

    BINDINGS: ClassVar[list[BindingType]] = [
        *tube_bindings("pause", "new"),
        Binding("percent_sign", "profile", "Percentiles: how long jobs take"),
        *TRASH_KEYS,
        Binding("t", "span", "Change the time span of the graphs"),
    ]

    def __init__(
        self, server: ServerSession, services: Services, views: Sequence[ServerView], name: str
    ) -> None:
        super().__init__(server, services, views)
        self.only_tube = name
        self.tube = self.view.watched.snapshot.tubes.get(name) or Tube(name, 0.0)
        """The tube as of the last poll that found it."""
        self._gone = False
        self.has_graphs = False
        self.pane = JobPane(
            self.context,
            self.user.act,
            self.redraw,
            name,
            columns=job_columns,
            counts=lambda: self.tube,
            below=self._below,
            further_below=self._further_below,
        )

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    def tube_under_cursor(self, number: int) -> str | None:
        return self.tube.name if number == self.server.number else None

    def show(self, views: Sequence[ServerView]) -> None:
        watched = views[self.server.number - 1].watched
        tube = watched.snapshot.tubes.get(self.tube.name)
        self._gone = tube is None and watched.seen
        self.tube = tube or self.tube
        super().show(views)

    def asks_first(self) -> bool:
        return self.pane.polled()

    async def show_new_jobs(self, ids: Iterable[int]) -> None:
        await self.pane.updates.add(ids)

    @property
    def _row(self) -> TubeRow:
        return TubeRow(self.tube, self.view.watched.history)

    def header(self) -> list[Line]:
        return tube_header(self.view, self._row, self._gone, *self.size)

    def redraw_body(self) -> None:
        self.pane.fade = self._gone
        self.has_graphs = False
        self.pane.redraw()

    def _further_below(self, lines: int) -> list[Line]:
        # 3 lines: the rule, the column heads and the footer.
        taken = len(self.header()) + lines + 3 + len(self.status_lines())
        graphs = graphs_of_tube(self.view, self.tube.name, self.size, taken, self.graph_kind)
        self.has_graphs = bool(graphs)
        return graphs

    def _below(self, found: bool) -> str:
        """Return the sentence below the list, or in place of an empty one."""
        jobs, tab = self.pane.jobs, self.pane.tab
        if self._gone:
            restarted = restart_words(self.view, self.tube.taken_at)
            why = restarted or "beanstalkd drops empty, unused tubes"
            return f"{printable(self.tube.name)} is gone ({why})."
        if jobs.heads is None:
            return self.pane.updates.why_unknown
        if jobs.scanned:
            return self.pane.scans.coverage
        if found:
            return "The next job of each state.  n finds all jobs, reserved ones too."
        if tab == "reserved" and self.tube.reserved:
            return "Workers hold the reserved jobs.  n finds them."
        if tab in (None, "reserved") and self.tube.reserved is None:
            return "The server does not count reserved jobs.  n finds them."
        if tab:
            return f"No {tab} jobs.  h/l shows other states."
        if self.tube.reserved:
            return (
                "No ready, delayed or buried jobs; workers hold the reserved ones.  n finds them."
            )
        return "No jobs."

    def status(self) -> Line:
        if self._gone:  # its last conditions no longer apply
            return self.pane.status([("the tube is gone", "warn")])
        width = self.size.width - PLACE_WIDTH
        reasons = reasons_of(self._row.conditions)
        most = 1 if self.pane.tells_progress else self.most_lines
        return self.pane.status(reason_words([], reasons, width, most), self.most_lines)

    # Keys:

    def action_profile(self) -> None:
        self.post_message(ProfileOpened(self, self.server.number, self.tube.name))

    def begin(self, action: Action) -> None:
        if action.on_tubes:
            self.user.act(self._act_on_tube(action))

    async def _act_on_tube(self, action: Action) -> None:
        if action.on_tubes:
            await action.on_tubes(self.context, [self.tube])
            self.pane.updates.fetch_now()
