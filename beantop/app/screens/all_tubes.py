"""The tubes of all servers in one table, listed separately or summed by name."""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.messages import FleetGroupsOpened, ServerOpened
from beantop.app.panes.table_pane import Orders
from beantop.app.panes.tube_pane import TubePane
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.column import Column, name_room
from beantop.app.view.fleet_columns import (
    FLEET_TUBE_LETTERS,
    fleet_reasons,
    fleet_tube_columns,
    fleet_tube_key,
)
from beantop.app.view.header import GO_ON, fleet_title
from beantop.app.view.lines import Line, rule
from beantop.app.view.reasons import reason_words
from beantop.app.view.tube_rows import ORDER_NAMES, order_of
from beantop.app.view.tubes_words import chosen_by, status_place, why_none
from beantop.formatting import grouped, plural, printable
from beantop.monitor.fleet import FleetTube, summed_by_name, totals, tubes_of_all


class AllTubesScreen(ServerScreen):
    """Every tube of every server; nothing can be changed from here."""

    FOOTER = ("open", "sort", "filter", "sum")
    IS_OF_ALL = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="enter"),
        Binding("m", "sum", "Sum", tooltip="Sum tubes of the same name, or list each"),
        Binding("number_sign", "groups", "Group the jobs of all servers"),
        Binding("escape", "back", "Back", key_display="esc"),
    ]

    def __init__(
        self, server: ServerSession, services: Services, views: Sequence[ServerView]
    ) -> None:
        super().__init__(server, services, views)
        self.pane: TubePane[FleetTube] = TubePane(
            self._columns,
            fleet_tube_key,
            attrgetter("name"),
            Orders(FLEET_TUBE_LETTERS, labels={"sign": "worst first"}, names=ORDER_NAMES),
            order_of(self.view.state.sort, FLEET_TUBE_LETTERS),
            self.redraw,
            lambda: self.view.now,
            marks=False,
            without_idle=self.view.state.hide_idle,
        )
        self.table = self.pane.table
        self._summed = False

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane

    def tubes_wanted(self, number: int) -> list[str]:
        rows = self.table.visible_rows
        return [row.name for row in rows for part in row.parts if part.number == number]

    def tube_under_cursor(self, number: int) -> str | None:
        row = self.table.current
        return row.name if row and any(part.number == number for part in row.parts) else None

    def _columns(self, width: int) -> list[Column[FleetTube]]:
        return fleet_tube_columns(width, self._title_of)

    def _title_of(self, number: int) -> str:
        return f"{number} {printable(self.views[number - 1].known.title)}"

    def header(self) -> list[Line]:
        fresh = [view.watched for view in self.views if view.fresh]
        sums = totals(fresh, len(self.views))
        return [fleet_title(self.views, sums, self.size.width, "tubes")]

    def redraw_body(self) -> None:
        found, idle = self._find()
        rows = summed_by_name(found) if self._summed else found
        rows = self._in_order(rows)
        total = sum(len(view.watched.snapshot.tubes) for view in self.views)
        found_of = f"{grouped(len(found))} of " if len(found) < total else ""
        names_of = f"{plural(len(rows), 'name')} of " if self._summed else ""
        parts: Line = [(f"{names_of}{found_of}{plural(total, 'tube')}", "bold")]
        parts += chosen_by(self.pane.only, idle)
        if self._summed:
            parts.append(("summed by name (m)", "accent @sum"))
        parts.append(self.pane.order_words)
        if any(view.is_frozen for view in self.views):
            parts.append(GO_ON)
        self.pane.show_rule(rule(parts, self.size.width))
        self.pane.show_rows(rows, below=[] if rows else self._why_none(total, idle))

    def _in_order(self, rows: Iterable[FleetTube]) -> list[FleetTube]:
        """Return the rows in the chosen order, or in that on the screen while that is held."""
        by_name = sorted(rows, key=lambda row: (row.name, row.parts[0].number))
        if not self.pane.holds((self.pane.order, self._summed)):
            return self.pane.in_order(by_name)
        places = {fleet_tube_key(row): place for place, row in enumerate(self.table.rows)}
        return sorted(by_name, key=lambda row: places.get(fleet_tube_key(row), len(places)))

    def _find(self) -> tuple[list[FleetTube], int]:
        """Return the tubes to show, and the number hidden only because they are idle."""
        found_by_server, idle = [], 0
        for view in self.views:
            history = view.watched.history
            found = self.pane.only.find(view.watched.snapshot.tubes.values(), history)
            found_by_server.append((found.tubes, history, view.fresh))
            idle += found.idle
        if self.pane.only.problem:  # a regular expression may time out on any of the servers
            return [], 0
        return tubes_of_all(found_by_server), idle

    def _why_none(self, tubes: int, idle: int) -> list[Line]:
        if not tubes:
            return [[], [("   No tubes to show.", "")]]
        known = (view.watched.snapshot.tubes.values() for view in self.views)
        return why_none(chain.from_iterable(known), idle, self.pane.only, self.size.width)

    def status(self) -> Line:
        row = self.table.current
        if row is None:
            return []
        width = self.size.width
        name = row.name if self.most_lines > 1 else ""
        before = status_place(name, name_room(self._columns(width)), self.table.place)
        return reason_words(before, fleet_reasons(row), width, self.most_lines)

    # Keys:

    async def action_back(self) -> None:
        if not self.pane.show_more():
            await super().action_back()

    def action_groups(self) -> None:
        self.post_message(FleetGroupsOpened(self))

    def action_open(self) -> None:
        """Open the tube on its server, or list the tubes that are summed in this row."""
        if not (row := self.table.current):
            return
        if len(row.parts) == 1:
            self.post_message(ServerOpened(self, row.parts[0].number, row.name))
        else:
            self._summed = False
            self.pane.filter.words = f"/^{_escaped(row.name)}$/"

    def action_sum(self) -> None:
        self._summed = not self._summed
        self.redraw()


def _escaped(name: str) -> str:
    """Escape a name for a regular expression; also spaces, since the filter splits at them."""
    return "".join(char if char.isalnum() else f"\\U{ord(char):08x}" for char in name)
