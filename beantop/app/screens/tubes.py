"""The tubes of a server: the screen that people leave open."""

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from beantop.app.facts import Facts
from beantop.app.header import WIDE, tubes_header
from beantop.app.lines import Line, rule, shorten, spread
from beantop.app.messages import TubeOpened
from beantop.app.screens.nothing_there import no_jobs, nothing_there
from beantop.app.screens.sort import SortScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.app.tube_actions import kick_tube, pause_or_resume
from beantop.app.tube_columns import LABELS, LETTERS, ORDERS, sortable, tube_columns
from beantop.app.tube_rows import TubeRow, arranged, name_of, parse_filter
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.filter_line import FilterLine
from beantop.app.widgets.live_table import LiveTable
from beantop.jobs.connection import ActingConnection
from beantop.monitor.snapshot import Tube
from beantop.text import counted, shown


class TubesScreen(WatchingScreen):
    """Every tube of the server, in a live table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="enter", tooltip="Open the tube"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only some tubes"),
        Binding("s", "sort", "Sort", tooltip="Choose the order"),
        Binding("less_than_sign", "sort_beside(-1)", "Sort by the column left", show=False),
        Binding("greater_than_sign", "sort_beside(1)", "Sort by the column right", show=False),
        Binding("i", "invert", "Reverse the order", show=False),
        Binding("y", "copy", "Copy the tube's name", show=False),
        Binding("K", "kick", "Kick", tooltip="Make buried or delayed jobs ready"),
        Binding("P", "pause", "Pause", tooltip="Pause or resume the tube"),
        Binding("escape", "clear_filter", "Clear the filter", show=False),
    ]

    def __init__(self, connection: ActingConnection, facts: Facts) -> None:
        super().__init__(connection, facts)
        self._take_filter("")
        self._order = ("ready", True)
        self.set_class(not facts.watched.seen, "-nothing")

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield LiveTable(tube_columns, name_of, id="tubes", classes="main")
        yield Lines(id="nothing")
        yield FilterLine(id="filter")

    @property
    def table(self) -> LiveTable[TubeRow]:
        return self.query_one("#tubes", LiveTable)

    # What is shown:

    def header(self) -> list[Line]:
        return tubes_header(self.facts, *self.size)

    def redraw_body(self) -> None:
        watched = self.facts.watched
        self._show_nothing(not watched.seen)
        tubes = watched.snapshot.tubes
        found = [tube for name, tube in tubes.items() if self._matches(name)]
        self.query_one("#rule", Lines).show([self._rule(len(found), len(tubes))])
        self.table.fade(self.facts.stale)
        self.table.show(
            arranged(found, watched.history, ORDERS, self._order),
            order=self._order,
            below=self._below(len(tubes), len(found)),
        )

    def _rule(self, found: int, of: int) -> Line:
        key, descending = self._order
        count = counted(of, "tube") if found == of else f"{found:,} of {counted(of, 'tube')}"
        parts: Line = [(count, "bold")]
        if self._filter:
            parts.append((f"filter: {shown(self._filter)}", "accent"))
        if self._problem:
            parts.append((self._problem, "warn"))
        parts.append((f"sort {LABELS[key]} {'▼' if descending else '▲'}", ""))
        if self.facts.frozen_at is not None:
            parts.append(("frozen, f = go on", "warn"))
        elif self.facts.stale and self.facts.watched.seen:
            parts.append(("stale", "warn"))
        return rule(parts, self.size.width)

    def _show_nothing(self, nothing: bool) -> None:
        """Until the first look there is no table, but a word on what is tried."""
        if nothing:
            self.query_one("#nothing", Lines).show(nothing_there(self.facts))
        if nothing != self.has_class("-nothing"):
            self.set_class(nothing, "-nothing")
            self.table.focus()

    def _below(self, tubes: int, found: int) -> list[Line]:
        """A word where the table has nothing to say."""
        if not tubes:
            return [[], [("   The server tells of no tubes.", "")]]
        if not found:
            sentence = f"   No tube matches “{shown(self._filter)}”.  esc clears the filter."
            return [[], [(sentence, "")]]
        server = self.facts.watched.snapshot.server
        counts = (server.ready, server.reserved, server.delayed, server.buried)
        if tubes == 1 and counts == (0, 0, 0, 0):
            return no_jobs(self.facts, never=server.total_jobs == 0)
        return []

    def status(self) -> Line:
        row = self.table.current
        if row is None:
            return []
        crumbs: Line = [(f" tubes › {shorten(shown(row.tube.name), 40)}", "dim"), ("   ", "")]
        for sign in row.signs:
            crumbs += [(f"{sign.letter} {sign.sentence}   ", "warn")]
        return spread(crumbs, self._cost(), self.size.width)

    def _cost(self) -> Line:
        snapshot = self.facts.watched.snapshot
        if self.facts.watched.link.state == "down" and self.facts.watched.seen:
            return [(f"{self.why_off} ", "warn")]
        if self.size.width < WIDE or not self.facts.watched.seen:
            return []
        took = snapshot.took * 1000
        return [(f"{counted(len(snapshot.tubes), 'tube')} polled in {took:.1f} ms ", "dim")]

    def on_live_table_highlighted(self) -> None:
        self.query_one("#status", Lines).show([self.status()])

    # Keys that look:

    def action_open(self) -> None:
        if self.table.current_key is not None:
            self.post_message(TubeOpened(self.table.current_key))

    def on_live_table_opened(self) -> None:
        self.action_open()

    def action_copy(self) -> None:
        if name := self.table.current_key:
            self.copy(shown(name), shown(name))

    @work
    async def action_sort(self) -> None:
        columns = sortable(self.size.width)
        choices = {LETTERS[column.key]: (column.key, column.label) for column in columns}
        key = await self.ask(SortScreen(choices, self._order[0]))
        if key is not None:
            self._sort_by(key)

    def on_live_table_header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        self._sort_by(event.column)

    def action_sort_beside(self, by: int) -> None:
        keys = [column.key for column in sortable(self.size.width)]
        at = keys.index(self._order[0]) if self._order[0] in keys else 0
        self._sort_by(keys[(at + by) % len(keys)])

    def action_invert(self) -> None:
        self._sort_by(self._order[0])

    def _sort_by(self, key: str) -> None:
        """Largest first, names from A; the same key again turns the order round."""
        current, descending = self._order
        self._order = (key, not descending if key == current else key != "name")
        self.redraw()

    # The filter line, which stands in place of the status line:

    def action_filter(self) -> None:
        self.add_class("-filtering")
        self.set_focus(self.query_one("#filter", FilterLine))  # at once: the next key is for it

    def action_clear_filter(self) -> None:
        self.query_one("#filter", FilterLine).value = ""

    def on_input_changed(self, event: Input.Changed) -> None:
        self._take_filter(event.value)
        self.redraw()

    def _take_filter(self, words: str) -> None:
        self._filter = words
        self._matches, self._problem = parse_filter(words)

    def on_filter_line_left(self) -> None:
        self.remove_class("-filtering")

    # Keys that change something:

    @property
    def _tube(self) -> Tube | None:
        row = self.table.current
        return row.tube if row else None

    def action_kick(self) -> None:
        if tube := self._tube:
            self.act(kick_tube(self, tube))

    def action_pause(self) -> None:
        if tube := self._tube:
            self.act(pause_or_resume(self, tube))
