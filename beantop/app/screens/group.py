"""The jobs of one group in a list."""

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
from beantop.app.view.group_columns import counted
from beantop.app.view.header import title_line
from beantop.app.view.job_columns import job_columns
from beantop.app.view.lines import Line
from beantop.formatting import grouped, plural, printable
from beantop.jobs.listing import JobList


class GroupScreen(ServerScreen):
    """The jobs that a group had when it was opened."""

    FOOTER = JobPane.FOOTER

    BINDINGS: ClassVar[list[BindingType]] = [*TRASH_KEYS]

    def __init__(
        self,
        server: ServerSession,
        services: Services,
        views: Sequence[ServerView],
        jobs: JobList,
        name: str,
        left_out: str,
    ) -> None:
        """`name` is the printable name of the group; `left_out` is as in `GroupOpened`."""
        super().__init__(server, services, views)
        self.only_tube = jobs.tube
        self._place = printable(jobs.tube or "all jobs")
        self._group, self._left_out = name, left_out
        self._opened_with = len(jobs.scan.found)
        self.pane = JobPane(
            self.context,
            self.user.act,
            self.redraw,
            jobs.tube,
            columns=partial(job_columns, with_tube=jobs.tube is None),
            counts=lambda: counted(jobs.scan.found.values()),
            below=self._below,
            jobs=jobs,
        )

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    def asks_first(self) -> bool:
        return self.pane.polled()

    def header(self) -> list[Line]:
        return [title_line(self.view, self.size.width, self._place, "groups", self._group)]

    def redraw_body(self) -> None:
        self.pane.redraw()

    def _below(self, found: bool) -> str:
        left = len(self.pane.jobs.scan.found)
        words = f"{plural(left, 'job')} of the group"
        gone = self._opened_with - left
        words = f"{words}; {grouped(gone)} gone since it was opened." if gone else f"{words}."
        return f"{words}  {self._left_out}".rstrip()

    def status(self) -> Line:
        return self.pane.status([])
