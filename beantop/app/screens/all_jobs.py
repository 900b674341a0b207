"""The jobs of all tubes of a server, in one list."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from beantop.app.panes.job_pane import JobPane
from beantop.app.screens.server_screen import TRASH_KEYS, ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.header import server_counts, title_line
from beantop.app.view.job_columns import job_columns
from beantop.app.view.lines import Line, dimmed


class AllJobsScreen(ServerScreen):
    """The jobs of all tubes. The scan starts when the screen opens."""

    FOOTER = JobPane.FOOTER

    BINDINGS: ClassVar[list[BindingType]] = [*TRASH_KEYS]

    def __init__(
        self, server: ServerSession, services: Services, views: Sequence[ServerView]
    ) -> None:
        super().__init__(server, services, views)
        self.pane = JobPane(
            self.context,
            self.user.act,
            self.redraw,
            None,
            columns=partial(job_columns, with_tube=True),
            counts=lambda: self.view.watched.snapshot.server,
            below=self._below,
        )

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    def on_mount(self) -> None:  # Textual also calls ServerScreen.on_mount, first
        self.pane.action_scan()

    def asks_first(self) -> bool:
        return self.pane.polled()

    async def show_new_jobs(self, ids: Iterable[int]) -> None:
        await self.pane.updates.add(ids)

    def header(self) -> list[Line]:
        width, height = self.size
        lines = [title_line(self.view, width, "all jobs")]
        if height >= 10 and self.view.watched.seen:
            counts = server_counts(self.view, width)
            lines.append(dimmed(counts) if self.view.stale else counts)
        return lines

    def redraw_body(self) -> None:
        self.pane.redraw()

    def _below(self, found: bool) -> str:
        return (
            self.pane.updates.why_unknown
            if self.pane.jobs.heads is None
            else self.pane.scans.coverage
        )

    def status(self) -> Line:
        return self.pane.status([])
