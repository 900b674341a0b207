"""The new jobs of a tube or a server, as they come."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from beantop.app.panes.follow_pane import FollowPane
from beantop.app.screens.server_screen import TRASH_KEYS, ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.header import link_line, title_line
from beantop.app.view.lines import Line
from beantop.formatting import printable


class FollowScreen(ServerScreen):
    """New jobs, the newest at the bottom."""

    FOOTER = FollowPane.FOOTER

    BINDINGS: ClassVar[list[BindingType]] = [*TRASH_KEYS]

    def __init__(
        self,
        server: ServerSession,
        services: Services,
        views: Sequence[ServerView],
        tube: str | None,
    ) -> None:
        super().__init__(server, services, views)
        self.only_tube = tube
        self.pane = FollowPane(
            self.context, self.user.act, self.redraw, tube, self._may_poll, server.now
        )

    def _may_poll(self) -> bool:
        return self.server.frozen is None and self.server.latest.link.state == "up"

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    def asks_first(self) -> bool:
        return self.pane.polled()

    def header(self) -> list[Line]:
        place = printable(self.only_tube or "all jobs")
        title = title_line(self.view, self.size.width, place, "follow")
        is_down = self.view.watched.link.state == "down"
        return [title, link_line(self.view)] if is_down else [title]

    def redraw_body(self) -> None:
        self.pane.redraw()

    def status(self) -> Line:
        return self.pane.status([])
