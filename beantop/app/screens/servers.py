"""All servers: the state of each, the totals, and the `stats` of the one under the cursor."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.messages import AllTubesOpened, FleetGroupsOpened, ProfileOpened, ServerOpened
from beantop.app.panes.table_pane import Orders, TablePane
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.column import Order
from beantop.app.view.filter_words import filter_words, no_match
from beantop.app.view.fleet_columns import SERVER_LETTERS, ServerRow, server_columns, server_key
from beantop.app.view.header import GO_ON, fleet_title, next_try
from beantop.app.view.lines import Line, dimmed, rule, spread
from beantop.app.view.server_fields import in_columns, server_groups
from beantop.app.view.words import Words
from beantop.formatting import plural, printable
from beantop.monitor.fleet import Totals, totals


class ServersPane(TablePane[ServerRow, str]):
    """The table of servers, filtered by words in their names and addresses."""

    words = Words("")

    def filtered(self, words: str) -> None:
        self.words = Words(words)
        self.redraw()


class ServersScreen(ServerScreen):
    """The servers in a live table; nothing can be changed from here."""

    FOOTER = ("open", "sort", "filter", "copy")
    IS_OF_ALL = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Tubes", key_display="enter", tooltip="Open the server's tubes"),
        Binding("y", "copy", "Copy", tooltip="Copy the server's address"),
        Binding("number_sign", "groups", "Group the jobs of all servers"),
        Binding("percent_sign", "profile", "Percentiles: how long jobs take"),
        Binding("escape", "show_all", "Clear the filter", key_display="esc"),
    ]

    def __init__(
        self, server: ServerSession, services: Services, views: Sequence[ServerView]
    ) -> None:
        super().__init__(server, services, views)
        self.pane = ServersPane(
            server_columns,
            server_key,
            Orders(SERVER_LETTERS),
            Order("name"),
            self.redraw,
            id="servers",
            marks=False,
        )
        self.table = self.pane.table

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    @property
    def _totals(self) -> Totals:
        return totals([view.watched for view in self.views if view.fresh], len(self.views))

    def header(self) -> list[Line]:
        return [fleet_title(self.views, self._totals, self.size.width)]

    def redraw_body(self) -> None:
        found = [view for view in self.views if self._matches(view)]
        total = plural(len(self.views), "server")
        count = total if len(found) == len(self.views) else f"{len(found)} of {total}"
        parts: Line = [(count, "bold"), *filter_words(self.pane.words), self.pane.order_words]
        if any(view.is_frozen for view in self.views):
            parts.append(GO_ON)
        self.pane.show_rule(rule(parts, self.size.width))
        sums = self._totals
        rows = self.pane.in_order(ServerRow(sums, view) for view in found)
        rows.append(ServerRow(sums, None))
        below = (
            self._below(len(rows))
            if found
            else no_match(self.pane.words, "server", self.size.width)
        )
        self.pane.show_rows(rows, below=below)

    def _matches(self, view: ServerView) -> bool:
        return self.pane.words.match(view.known.title, view.address)

    @property
    def _current(self) -> ServerView | None:
        row = self.table.current
        return row.view if row else None

    def _below(self, rows: int) -> list[Line]:
        """Return the `stats` of the server under the cursor, as many lines as fit."""
        room = self.height - rows - 6  # title, rule, column names, this rule, status, footer
        view = self._current or (self.views[0] if self.table.current is None else None)
        if view is None or room < 4 or not view.watched.seen:
            return []
        width = self.size.width - 1
        lines = in_columns(server_groups(view), width)[: room - 1]
        if view.stale:
            lines = [dimmed(line) for line in lines]
        return [rule([(printable(view.known.title), "bold")], width), *lines]

    def status(self) -> Line:
        view = self._current
        if view is None:
            return [(" enter shows the tubes of all servers in one table", "dim")]
        link = view.watched.link
        if link.state != "down":
            where = f" servers › {printable(view.known.title)}"
            address = printable(view.address)
            return spread([(where, "dim")], [(f"{address} ", "dim")], self.size.width)
        why = f" {printable(view.known.title)}: {printable(link.reason)}."
        return [(why, "bad"), (f"  {next_try(view)}; r = now", "")]

    # Keys:

    def on_live_table_highlighted(self) -> None:
        self.redraw()

    @property
    def number(self) -> int:
        """Number of the server under the cursor; 0 on the totals row."""
        row = self.table.current
        return row.number if row else 0

    def action_show_all(self) -> None:
        self.pane.filter.clear()

    def action_groups(self) -> None:
        self.post_message(FleetGroupsOpened(self))

    def action_open(self) -> None:
        if row := self.table.current:
            self.post_message(
                ServerOpened(self, row.number) if row.number else AllTubesOpened(self)
            )

    def action_profile(self) -> None:
        if self.number:
            self.post_message(ProfileOpened(self, self.number, None))

    def action_copy(self) -> None:
        if view := self._current:
            self.copy(printable(view.address), f"address {printable(view.address)}")
