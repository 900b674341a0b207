"""The tubes of all servers in one table, each for itself or those of one name as one."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.drawing.header import GO_ON, fleet_title
from beantop.app.drawing.lines import Line, rule
from beantop.app.drawing.tubes_words import chosen_by, why_none
from beantop.app.messages import ServerOpened
from beantop.app.screens.choosing_tubes import ChoosingTubesScreen
from beantop.app.screens.ordered import OrderedScreen
from beantop.app.session.facts import Facts
from beantop.app.tables.fleet_columns import FLEET_TUBE_LETTERS, fleet_tube_columns, fleet_tube_key
from beantop.app.widgets.column import Column, Order
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.live_table import LiveTable
from beantop.jobs.connection import ActingConnection
from beantop.monitor.fleet import FleetTube, summed_by_name, totals, tubes_of_all
from beantop.monitor.signs import signs
from beantop.text import counted, full, shown


class AllTubesScreen(ChoosingTubesScreen, OrderedScreen[FleetTube]):
    """Every tube of every server; nothing can be changed from here."""

    LETTERS = FLEET_TUBE_LETTERS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "sum", "Sum", tooltip="Tubes of one name as one, or each for itself"),
        Binding("escape", "back", "Back", key_display="esc"),
    ]

    def __init__(
        self, connection: ActingConnection, facts: Facts, fleet: Callable[[], list[Facts]]
    ) -> None:
        """`fleet` gives the facts of all servers."""
        super().__init__(connection, facts)
        self.table: LiveTable[FleetTube, str] = LiveTable(
            self.columns, fleet_tube_key, marks=False, id="tubes", classes="main"
        )
        self._fleet = fleet
        self._servers = fleet()
        self.order = Order("ready", descending=True)
        self._summed = False

    @property
    def tube_name(self) -> str | None:
        return self.table.current.name if self.table.current else None

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield self.table

    def tubes_wanted(self, number: int) -> set[str]:
        rows = self.table.visible_rows
        return {row.name for row in rows for part in row.parts if part.number == number}

    def columns(self, width: int) -> list[Column[FleetTube]]:
        return fleet_tube_columns(width, self._title_of, self._moment)

    def _title_of(self, number: int) -> str:
        return f"{number} {shown(self._servers[number - 1].known.title)}"

    def _moment(self) -> float:
        """Until when the table tells."""
        return max(facts.moment for facts in self._servers)

    def show(self, facts: Facts) -> None:
        self.facts = facts
        self.redraw()

    def redraw(self, *, only_time: bool = False) -> None:
        self._servers = self._fleet()
        super().redraw()

    def header(self) -> list[Line]:
        fresh = [facts.watched for facts in self._servers if facts.fresh]
        sums = totals(fresh, len(self._servers))
        return [fleet_title(self._servers, sums, self.size.width, "tubes")]

    def redraw_body(self) -> None:
        found, idle = self._find()
        rows = summed_by_name(found) if self._summed else found
        rows.sort(key=lambda row: (row.name, row.parts[0].number))
        rows = self.in_order(rows)
        every = sum(len(facts.watched.snapshot.tubes) for facts in self._servers)
        of = f"{full(len(found))} of " if len(found) < every else ""
        names = f"{counted(len(rows), 'name')} of " if self._summed else ""
        parts: Line = [(f"{names}{of}{counted(every, 'tube')}", "bold")]
        parts += chosen_by(self.only, idle)
        if self._summed:
            parts.append(("summed by name (m)", "accent"))
        parts.append(self.order_words)
        if any(facts.frozen_at is not None for facts in self._servers):
            parts.append(GO_ON)
        self.query_one("#rule", Lines).show([rule(parts, self.size.width)])
        self.table.show(rows, order=self.order, below=[] if rows else self._why_none(every, idle))

    def _find(self) -> tuple[list[FleetTube], int]:
        """The tubes that are to be shown, and how many are hidden only for being idle."""
        told, idle = [], 0
        for facts in self._servers:
            history = facts.watched.history
            found = self.only.find(facts.watched.snapshot.tubes.values(), history)
            told.append((found.tubes, history, facts.fresh))
            idle += found.idle
        # A regular expression may turn out to take too long on any of the servers.
        return ([], 0) if self.only.problem else (tubes_of_all(told), idle)

    def _why_none(self, tubes: int, idle: int) -> list[Line]:
        if not tubes:
            return [[], [("   No tube to show.", "")]]
        return why_none(idle, self.only, self.size.width)

    def status(self) -> Line:
        row = self.table.current
        if row is None:
            return []
        words: Line = [(f" tubes {self.table.place}› {shown(row.name)}   ", "dim")]
        for part in row.parts:
            for sign in signs(part.tube, part.history):
                where = f"{part.number}: " if len(row.parts) > 1 else ""
                words.append((f"{sign.letter} {where}{sign.sentence}   ", "warn"))
        return words

    # Keys:

    def on_live_table_highlighted(self) -> None:
        self.query_one("#status", Lines).show([self.status()])

    def action_open(self) -> None:
        """The tube on its server; of several that are shown as one, each of them in a row."""
        if not (row := self.table.current):
            return
        if len(row.parts) == 1:
            self.post_message(ServerOpened(self, row.parts[0].number, row.name))
        else:
            self._summed = False
            self.filter_line.value = f"/^{_literally(row.name)}$/"

    def action_sum(self) -> None:
        self._summed = not self._summed
        self.redraw()


def _literally(name: str) -> str:
    """A name in a regular expression; the filter line parts words at blanks."""
    return "".join(char if char.isalnum() else f"\\U{ord(char):08x}" for char in name)
