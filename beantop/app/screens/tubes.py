"""The tubes of a server: the screen that people leave open."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.actions.edit import new_job
from beantop.app.actions.states import BURY, CHANGE, COPY, DELETE, MOVE, StateAction, act_on_state
from beantop.app.actions.tubes import kick_tube, kick_tubes, pause_or_resume, pause_tubes
from beantop.app.drawing.header import tubes_header
from beantop.app.drawing.lines import Line
from beantop.app.drawing.tubes_words import tubes_rule, tubes_status, why_none
from beantop.app.messages import Chosen, TubeOpened
from beantop.app.screens.choosing_tubes import ChoosingTubesScreen
from beantop.app.screens.columns import ColumnsScreen
from beantop.app.screens.graphing import choose_next_span, graphs_below
from beantop.app.screens.nothing_there import no_jobs, nothing_there
from beantop.app.screens.ordered import OrderedScreen
from beantop.app.screens.trash_keys import TrashKeysScreen
from beantop.app.screens.watching import Work
from beantop.app.session.facts import Facts
from beantop.app.session.head_ages import HeadAges
from beantop.app.tables.tube_columns import (
    COLUMNS,
    LABELS,
    LETTERS,
    ORDERS,
    tube_columns,
    usual_columns,
)
from beantop.app.tables.tube_filter import Found
from beantop.app.tables.tube_rows import TubeRow, TubeRows, arranged, held, name_of
from beantop.app.widgets.column import Column, Order, laid_out
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.filter_line import FilterLine
from beantop.app.widgets.live_table import LiveTable
from beantop.jobs.connection import ActingConnection
from beantop.monitor.snapshot import Tube
from beantop.text import counted

HOLD_SECONDS = 3.0
"""After the cursor was moved, for which rows stay in their order under it."""


class TubesScreen(TrashKeysScreen, ChoosingTubesScreen, OrderedScreen[TubeRow]):
    """Every tube of the server, in a live table."""

    LETTERS, LABELS = LETTERS, LABELS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "columns", "Choose columns", show=False),
        Binding("t", "span", "Graphs of another time", show=False),
        Binding("K", "kick", "Kick", tooltip="Make buried or delayed jobs ready"),
        Binding("P", "pause", "Pause", tooltip="Pause or resume the tube"),
        Binding("D", "delete", "Delete all jobs of one state", show=False),
        Binding("M", "move", "Move all jobs of one state", show=False),
        Binding("C", "copy_jobs", "Copy all jobs of one state", show=False),
        Binding("B", "bury", "Bury all jobs of one state", show=False),
        Binding("R", "change", "Change all jobs of one state", show=False),
        Binding("N", "new", "New job", show=False),
        Binding("escape", "show_all", "Show all tubes again", show=False),
    ]

    def __init__(self, connection: ActingConnection, facts: Facts) -> None:
        super().__init__(connection, facts)
        self.table: LiveTable[TubeRow, str] = LiveTable(
            self.columns, name_of, id="tubes", classes="main"
        )
        state = facts.state
        self.order = _order_of(state.sort)
        self._found: Found | None = None  # by the filter, the last time it was asked
        self._moved_at = -math.inf
        self._arranged_by: Order | None = None
        self._head_ages = HeadAges(connection)
        self._chosen = (
            frozenset(facts.columns or state.columns) & COLUMNS.keys()
        )  # none for the usual ones
        self.set_class(not facts.watched.seen, "-nothing")

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield self.table
        yield Lines(id="nothing")

    def tubes_wanted(self, number: int) -> set[str]:
        if number != self.facts.number:
            return set()
        return {row.tube.name for row in self.table.visible_rows} | self.table.marked

    @property
    def tube_name(self) -> str | None:
        return self.table.current_key

    # What is shown:

    def header(self) -> list[Line]:
        return tubes_header(self.facts, *self.size)

    def redraw_body(self) -> None:
        watched = self.facts.watched
        self._show_nothing(not watched.seen)
        tubes = watched.snapshot.tubes
        everything = chain(tubes.values(), watched.history.lives.gone)
        found = self._found = self.only.find(everything, watched.history)
        marked, width = len(self.table.marked), self.size.width
        words = tubes_rule(self.facts, found, self.only, marked, self.order_words, width)
        self.query_one("#rule", Lines).show([words])
        self.table.fade(self.facts.stale)
        rows, below = self._rows(found.tubes), self._below(found, len(tubes))
        self.table.show(rows, order=self.order, below=below, chosen=self.only)

    def show(self, facts: Facts) -> None:
        is_news = facts.watched.polls != self.facts.watched.polls
        super().show(facts)
        wanted = "head_age" in self._chosen and facts.frozen_at is None
        if is_news and wanted and not self._head_ages.looking:
            self.carry_out(self._look_at_ages())

    async def _look_at_ages(self) -> None:
        await self._head_ages.look([row.tube.name for row in self.table.visible_rows])
        self.redraw()

    def _rows(self, tubes: list[Tube]) -> TubeRows:
        """In their order; in the one in which they stand while the user moves among them, or has
        marked some, unless another order was chosen."""
        history, before = self.facts.watched.history, self.table.rows
        is_moving = self.facts.now - self._moved_at < HOLD_SECONDS or self.table.marked
        holds = is_moving and self._arranged_by == self.order
        if holds and isinstance(before, TubeRows):
            rows = held(tubes, history, before.keys())
        else:
            rows = arranged(tubes, history, ORDERS, self.order)
            self._arranged_by = self.order
        return rows.with_head_ages(self._head_ages.known)

    def columns(self, width: int) -> list[Column[TubeRow]]:
        return tube_columns(width, self._chosen)

    def _show_nothing(self, nothing: bool) -> None:
        """Until the first look there is no table, but a word on what is tried."""
        if nothing:
            self.query_one("#nothing", Lines).show(nothing_there(self.facts))
        if nothing != self.has_class("-nothing"):
            self.set_class(nothing, "-nothing")
            if not isinstance(self.focused, FilterLine):
                self.table.focus()

    def _below(self, found: Found, tubes: int) -> list[Line]:
        """A word where the table has nothing to say."""
        if not tubes:
            return [[], [("   The server tells of no tubes.", "")]]
        if not found.tubes:
            return why_none(found.idle, self.only, self.size.width)
        server = self.facts.watched.snapshot.server
        counts = (server.ready, server.reserved, server.delayed, server.buried)
        if tubes == 1 and counts == (0, 0, 0, 0):
            return no_jobs(self.facts, never=server.total_jobs == 0)
        return self._graphs(len(found.tubes))

    def _graphs(self, rows: int) -> list[Line]:
        """Of the tube under the cursor, below a short list."""
        taken = len(self.header()) + rows + 4  # rule, column names, status line, footer
        return graphs_below(self, self.table.current_key, taken)

    def status(self) -> Line:
        if (row := self.table.current) is None:
            return []
        return tubes_status(self.facts, row, self.table.place, self.why_off, self.size.width)

    def on_live_table_highlighted(self) -> None:
        self.query_one("#status", Lines).show([self.status()])
        if self._found:
            tubes = len(self.facts.watched.snapshot.tubes)
            below = self._below(self._found, tubes)
            self.table.show_below(below)

    # Keys that look:

    def action_open(self) -> None:
        if self.table.current_key is not None:
            self.post_message(TubeOpened(self, self.table.current_key))

    def on_live_table_moved(self) -> None:
        self._moved_at = self.facts.now

    def action_span(self) -> None:
        choose_next_span(self)

    def reordered(self) -> None:
        sign = "-" if self.order.descending else ""
        self.post_message(Chosen(sort=f"{sign}{self.order.key}"))
        self.redraw()

    def action_columns(self) -> None:
        offered = {one.letter: (key, LABELS[key], one.meaning) for key, one in COLUMNS.items()}
        usual = usual_columns(self.size.width)
        self.choose(ColumnsScreen(offered, self._chosen or usual), self._show_columns)

    def _show_columns(self, chosen: frozenset[str]) -> None:
        usual = frozenset(usual_columns(self.size.width))
        self._chosen = frozenset() if chosen == usual else chosen
        self.post_message(Chosen(columns=tuple(sorted(self._chosen))))
        self.table.forget_columns()
        self.redraw()
        wanted = self.columns(self.size.width)
        if missing := len(wanted) - len(laid_out(wanted, self.size.width)):
            say = f"{counted(missing, 'column')} on the right: no room in this window."
            self.say(f"Not shown: {say}")

    async def action_show_all(self) -> None:
        """One step back: the marks first, then the words, then the signs, then the servers."""
        if self.table.marked:
            self.table.marked = frozenset()
            self.redraw()
        elif not self.show_more() and self.facts.servers > 1:
            await self.run_action("app.leave")

    # Keys that change something:

    @property
    def _tubes(self) -> list[Tube]:
        """The marked ones, or the one under the cursor."""
        row = self.table.current
        if not self.table.marked:
            return [row.tube] if row else []
        tubes = self.facts.watched.snapshot.tubes
        return [tubes[name] for name in sorted(self.table.marked) if name in tubes]

    def _on_tubes(self, action: Callable[[Sequence[Tube]], Work]) -> None:
        if tubes := self._tubes:
            self.act_on_rows(action(tubes))
        elif self.table.marked:
            self.say("The marked tubes are gone. Nothing was done; esc forgets the marks.")

    def action_kick(self) -> None:
        self._on_tubes(self._kick)

    def _kick(self, tubes: Sequence[Tube]) -> Work:
        return kick_tubes(self, tubes) if self.table.marked else kick_tube(self, tubes[0])

    def action_pause(self) -> None:
        self._on_tubes(self._pause)

    def _pause(self, tubes: Sequence[Tube]) -> Work:
        return pause_tubes(self, tubes) if self.table.marked else pause_or_resume(self, tubes[0])

    def action_delete(self) -> None:
        self._act_on_state(DELETE)

    def action_move(self) -> None:
        self._act_on_state(MOVE)

    def action_copy_jobs(self) -> None:
        self._act_on_state(COPY)

    def action_bury(self) -> None:
        self._act_on_state(BURY)

    def action_change(self) -> None:
        self._act_on_state(CHANGE)

    def _act_on_state(self, action: StateAction) -> None:
        self._on_tubes(lambda tubes: act_on_state(self, tubes, action))

    def action_new(self) -> None:
        if name := self.table.current_key:
            self.act_on_rows(self._new(name))

    async def _new(self, tube: str) -> None:
        await new_job(self, tube)


def _order_of(sort: str) -> Order:
    """What was chosen the last time, if there is still such a column."""
    key = sort.removeprefix("-")
    return Order(key, sort != key) if key in ORDERS else Order("ready", descending=True)
