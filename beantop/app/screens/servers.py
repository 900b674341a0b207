"""All servers: how each of them does, their sums, and the numbers of the one under the cursor."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.drawing.header import GO_ON, fleet_title, next_try
from beantop.app.drawing.lines import Line, dimmed, rule, spread
from beantop.app.drawing.server_fields import in_columns, server_groups
from beantop.app.messages import AllTubesOpened, ServerOpened
from beantop.app.screens.ordered import OrderedScreen
from beantop.app.session.facts import Facts
from beantop.app.tables.fleet_columns import SERVER_LETTERS, ServerRow, server_columns, server_key
from beantop.app.widgets.column import Column, Order
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.live_table import LiveTable
from beantop.jobs.connection import ActingConnection
from beantop.monitor.fleet import Totals, totals
from beantop.text import counted, shown


class ServersScreen(OrderedScreen[ServerRow]):
    """The servers in a live table; nothing can be changed from here."""

    LETTERS = SERVER_LETTERS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Tubes", key_display="enter", tooltip="Open the server's tubes"),
        Binding("y", "copy", "Copy", tooltip="Copy the server's address"),
    ]

    def __init__(
        self, connection: ActingConnection, facts: Facts, fleet: Callable[[], list[Facts]]
    ) -> None:
        """`fleet` gives the facts of all servers."""
        super().__init__(connection, facts)
        self.table: LiveTable[ServerRow, str] = LiveTable(
            self.columns, server_key, marks=False, id="servers", classes="main"
        )
        self._fleet = fleet
        self._servers = fleet()
        self._totals = Totals(len(self._servers), 0)
        self.order = Order("name")

    def columns(self, width: int) -> list[Column[ServerRow]]:
        return server_columns(width)

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield self.table

    def show(self, facts: Facts) -> None:
        self.facts = facts
        self.redraw()  # whichever server there is news of

    def redraw(self, *, only_time: bool = False) -> None:
        self._servers = self._fleet()
        fresh = [facts.watched for facts in self._servers if facts.fresh]
        self._totals = totals(fresh, len(self._servers))
        super().redraw()

    def header(self) -> list[Line]:
        return [fleet_title(self._servers, self._totals, self.size.width)]

    def redraw_body(self) -> None:
        parts: Line = [(counted(len(self._servers), "server"), "bold"), self.order_words]
        if any(facts.frozen_at is not None for facts in self._servers):
            parts.append(GO_ON)
        self.query_one("#rule", Lines).show([rule(parts, self.size.width)])
        rows = self.in_order(ServerRow(self._totals, facts) for facts in self._servers)
        rows.append(ServerRow(self._totals, None))
        self.table.show(rows, order=self.order, below=self._below(len(rows)))

    @property
    def _current(self) -> Facts | None:
        row = self.table.current
        return row.facts if row else None

    def _below(self, rows: int) -> list[Line]:
        """All numbers of the server under the cursor, as far as there is room."""
        room = self.size.height - rows - 6  # title, rule, column names, this rule, status, footer
        facts = self._current or (self._servers[0] if self.table.current is None else None)
        if facts is None or room < 4 or not facts.watched.seen:
            return []
        width = self.size.width - 1
        lines = in_columns(server_groups(facts), width)[: room - 1]
        if facts.stale:
            lines = [dimmed(line) for line in lines]
        return [rule([(shown(facts.known.title), "bold")], width), *lines]

    def status(self) -> Line:
        facts = self._current
        if facts is None:
            return [(" enter shows the tubes of all servers in one table", "dim")]
        link = facts.watched.link
        if link.state != "down":
            where = f" servers › {shown(facts.known.title)}"
            address = shown(facts.address)
            return spread([(where, "dim")], [(f"{address} ", "dim")], self.size.width)
        why = f" {shown(facts.known.title)}: {shown(link.reason)}."
        return [(why, "bad"), (f"  {next_try(facts)}; r = now", "")]

    # Keys:

    def on_live_table_highlighted(self) -> None:
        self.redraw()

    @property
    def number(self) -> int:
        """Of the server under the cursor; 0: of none."""
        row = self.table.current
        return row.number if row else 0

    def action_open(self) -> None:
        if row := self.table.current:
            self.post_message(
                ServerOpened(self, row.number) if row.number else AllTubesOpened(self)
            )

    def action_copy(self) -> None:
        if facts := self._current:
            self.copy(shown(facts.address), f"address {shown(facts.address)}")
