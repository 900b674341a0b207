"""The jobs of all servers in groups."""

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from beantop.app.panes.fleet_group_pane import FleetGroupPane
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.group_columns import group_name
from beantop.app.view.header import fleet_title
from beantop.app.view.lines import Line
from beantop.jobs.listing import JobList
from beantop.monitor.fleet import totals


class FleetGroupsScreen(ServerScreen):
    """Groups of the jobs of all servers; nothing can be changed from here."""

    FOOTER = FleetGroupPane.FOOTER
    IS_OF_ALL = True

    def __init__(
        self,
        server: ServerSession,
        services: Services,
        views: Sequence[ServerView],
        lists: Sequence[JobList],
    ) -> None:
        """`lists` has the jobs of each server, in the order of their numbers."""
        super().__init__(server, services, views)
        self.pane = FleetGroupPane(lambda: self.views, self.context.ask, self.redraw, lists)

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    @property
    def why_off(self) -> str:
        return "Groups of all servers cannot be changed: enter opens a group on one server, where they can."

    def asks_first(self) -> bool:
        self.pane.polled()
        return False

    def header(self) -> list[Line]:
        sums = totals([view.watched for view in self.views if view.fresh], len(self.views))
        inside = [group_name(self.pane.inside.whole)] if self.pane.inside else []
        return [fleet_title(self.views, sums, self.size.width, "groups", *inside)]

    def redraw_body(self) -> None:
        self.pane.redraw()

    def status(self) -> Line:
        return [(f" {self.pane.table.place}", "dim"), (self.pane.status_words, "dim")]
