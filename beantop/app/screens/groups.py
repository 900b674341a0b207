"""The jobs of a tube or of a server in groups."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from beantop.app.panes.group_pane import GroupPane
from beantop.app.screens.server_screen import TRASH_KEYS, ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.header import title_line
from beantop.app.view.lines import Line
from beantop.formatting import printable
from beantop.jobs.groups import BY_CLASS, Grouping
from beantop.jobs.listing import JobList


class GroupsScreen(ServerScreen):
    """Groups of jobs, each with the number of its jobs."""

    FOOTER = GroupPane.FOOTER

    BINDINGS: ClassVar[list[BindingType]] = [*TRASH_KEYS]

    def __init__(
        self,
        server: ServerSession,
        services: Services,
        views: Sequence[ServerView],
        jobs: JobList,
        by: Grouping = BY_CLASS,
        first: str | None = None,
    ) -> None:
        """`by` is how they are grouped at first, with the cursor on the group with the key `first`."""
        super().__init__(server, services, views)
        self.only_tube = jobs.tube
        self.pane = GroupPane(self.context, self.user.act, self.redraw, jobs, by, first)
        self._place = printable(jobs.tube or "all jobs")

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    def asks_first(self) -> bool:
        return self.pane.polled()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.pane.resumed()

    def header(self) -> list[Line]:
        return [title_line(self.view, self.size.width, self._place, "groups")]

    def redraw_body(self) -> None:
        self.pane.redraw()

    def status(self) -> Line:
        place = self.pane.table.place
        if self.why_off and self.view.watched.link.state == "down":
            return [(f" {self.why_off}", "warn")]
        marked = len(self.pane.table.marked)
        before: Line = [(f" {marked} marked  ", "bold")] if marked else []
        return [*before, (f" {place}", "dim"), (self.pane.status_words, "dim")]
