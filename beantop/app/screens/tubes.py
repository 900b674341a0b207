"""All tubes of one server, the first screen of beantop."""

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.actions.table import Action
from beantop.app.keys import tube_bindings
from beantop.app.messages import Chosen, FollowOpened, GroupsOpened, ProfileOpened, TubeOpened
from beantop.app.panes.table_pane import Orders
from beantop.app.panes.tube_pane import TubePane
from beantop.app.screens.server_screen import TRASH_KEYS, ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.column import Column, laid_out, name_room
from beantop.app.view.empty_states import no_jobs, not_answering
from beantop.app.view.graphs_below import graphs_in, graphs_of_tube, lines_for_graphs
from beantop.app.view.header import tubes_header
from beantop.app.view.lines import Line
from beantop.app.view.tube_columns import (
    AGE_COLUMNS,
    COLUMNS,
    LABELS,
    LETTERS,
    ORDERS,
    TIME_COLUMNS,
    tube_columns,
    usual_columns,
)
from beantop.app.view.tube_filter import Found
from beantop.app.view.tube_rows import (
    ORDER_NAMES,
    TubeRow,
    TubeRows,
    arranged,
    held,
    name_of,
    order_of,
)
from beantop.app.view.tubes_words import status_place, tubes_rule, tubes_status, why_none
from beantop.app.widgets.styled import Lines
from beantop.formatting import plural
from beantop.monitor.snapshot import Tube

TIMES_COME = (
    "Times are measured from now on. A tube shows them once 20 of its new jobs were sampled."
)
POLLS_UNTIL_CONDITIONS = 3
"""Polls until the signs of all tubes are known: some compare two samples."""

TOO_SHORT = "The window is too short for graphs."
GRAPHS_STAY = "Graphs keep their space when the table grows.  v: only in free lines."
GRAPHS_IN_FREE_LINES = "Graphs appear only in lines that the table leaves free."


class TubesScreen(ServerScreen):
    """Every tube of the server, in a live table."""

    FOOTER = ("open", "sort", "filter", "kick", "pause")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="enter"),
        Binding("c", "columns", "Choose columns"),
        Binding("t", "span", "Change the time span of the graphs"),
        Binding("v", "graphs", "Keep space for graphs, or not"),
        Binding("number_sign", "groups", "Group its jobs"),
        Binding("F", "follow", "Follow its new jobs"),
        *tube_bindings(),
        Binding("percent_sign", "profile", "Percentiles: how long jobs take"),
        *TRASH_KEYS,
        Binding("escape", "show_all", "Show all tubes again"),
    ]

    def __init__(
        self, server: ServerSession, services: Services, views: Sequence[ServerView]
    ) -> None:
        super().__init__(server, services, views)
        state = self.view.state
        self.pane: TubePane[TubeRow] = TubePane(
            self._columns,
            name_of,
            name_of,
            Orders(LETTERS, labels=LABELS, names=ORDER_NAMES),
            order_of(state.sort, ORDERS),
            self.redraw,
            lambda: self.view.now,
            without_idle=state.hide_idle,
        )
        self.table = self.pane.table
        self._found: Found | None = None  # the last result of the filter
        self._is_filling = True
        """Whether conditions may still be missing because there were too few polls, and the cursor was not
        moved."""
        self._makes_room = state.graphs
        """Whether the table leaves lines to graphs, however long it is."""
        self.has_graphs = False
        self._chosen = frozenset(self.view.columns or state.columns) & COLUMNS.keys()
        """The columns that the user chose; empty for the default ones."""
        self._nothing = Lines(id="nothing")
        """What is being tried, in place of the table, until the first poll succeeds."""
        self._nothing.display = not self.view.watched.seen
        self.pane.set_class(self._nothing.display, "-nothing", update=False)

    def compose_body(self) -> Iterable[Widget]:
        yield self.pane
        yield Lines(id="graphs")
        yield self._nothing

    def tubes_wanted(self, number: int) -> list[str]:
        if number != self.server.number:
            return []
        return [*(row.tube.name for row in self.table.visible_rows), *self.table.marked]

    def ages_wanted(self, number: int) -> list[str] | None:
        if number != self.server.number or not self._needs(AGE_COLUMNS) or self.view.is_frozen:
            return None
        return [row.tube.name for row in self.table.visible_rows]

    def times_wanted(self, number: int) -> bool:
        return number == self.server.number and self._needs(TIME_COLUMNS)

    def _needs(self, columns: Set[str]) -> bool:
        """Return whether one of these columns is shown, or sorted by."""
        return self.pane.order.key in columns or not columns.isdisjoint(self._chosen)

    def tube_under_cursor(self, number: int) -> str | None:
        return self.table.current_key if number == self.server.number else None

    # What is shown:

    def header(self) -> list[Line]:
        return tubes_header(self.view, *self.size)

    def redraw_body(self) -> None:
        watched, pane = self.view.watched, self.pane
        self._show_nothing(not watched.seen)
        tubes = watched.snapshot.tubes
        everything = chain(tubes.values(), watched.history.lifetimes.gone)
        found = self._found = pane.only.find(everything, watched.history)
        marked, width = len(self.table.marked), self.size.width
        pane.show_rule(tubes_rule(self.view, found, pane.only, marked, pane.order_words, width))
        self.table.fade(self.view.stale)
        rows, below = self._rows(found.tubes), self._below(found)
        pane.show_rows(rows, below=below, chosen=pane.only, at_top=self._stays_at_top(tubes))

    def _stays_at_top(self, tubes: Mapping[str, Tube]) -> bool:
        """Return whether the cursor stays on the first row, whichever that is: until it is known what is wrong
        with the tubes, or the user moves it."""
        stays = self._is_filling and not self.table.touched
        is_new = self.view.watched.polls < POLLS_UNTIL_CONDITIONS
        self._is_filling = stays and (is_new or any(tube.ready is None for tube in tubes.values()))
        return stays

    def _rows(self, tubes: list[Tube]) -> TubeRows:
        """Return the rows in the chosen order, or in that on the screen while that is held."""
        history, before, order = self.view.watched.history, self.table.rows, self.pane.order
        if self.pane.holds(order) and isinstance(before, TubeRows):
            return held(tubes, history, before.keys())
        return arranged(tubes, history, ORDERS, order)

    def _columns(self, width: int) -> list[Column[TubeRow]]:
        return tube_columns(width, self._chosen)

    def _show_nothing(self, nothing: bool) -> None:
        """Show what is being tried instead of the table, or the table again."""
        if nothing:
            self._nothing.show(not_answering(self.view))
        if nothing != self._nothing.display:
            self._nothing.display = nothing
            self.pane.set_class(
                nothing, "-nothing"
            )  # of the screen, it would take a restyling of all
            if not self.pane.filter.is_open:
                self.set_focus(self.table)  # now, since a filter may be opened later

    def _below(self, found: Found) -> list[Line]:
        """Return the lines below the rows: why there are none, a hint, or graphs.

        Graphs that the table makes room for are shown in a widget of their own."""
        why = self._why_none(found)
        own = [] if why or not self._makes_room else self._graphs_of_their_own(found)
        below = [] if why or own else self._graphs_in_free_lines(found)
        self.query_one("#graphs", Lines).show(own)
        self.has_graphs = bool(own or below)
        return why or below

    def _graphs_in_free_lines(self, found: Found) -> list[Line]:
        taken = self.size.height - self._lines + len(found.tubes)
        name = self.table.current_key
        return graphs_of_tube(self.view, name, self.size, taken, self.graph_kind)

    def _graphs_of_their_own(self, found: Found) -> list[Line]:
        size = (self.size.width, lines_for_graphs(self._lines, len(found.tubes)))
        return graphs_in(self.view, self.table.current_key, size, self.graph_kind)

    @property
    def _lines(self) -> int:
        """The number of lines for rows and graphs."""
        # 3 lines: the rule, the column heads and the footer.
        return self.height - len(self.header()) - 3 - len(self.status_lines())

    def _why_none(self, found: Found) -> list[Line]:
        """Return why there are no rows, or how to put a first job."""
        tubes = self.view.watched.snapshot.tubes
        if not tubes:
            return [[], [("   The server reported no tubes.", "")]]
        if not found.tubes:
            return why_none(tubes.values(), found.idle, self.pane.only, self.size.width)
        server = self.view.watched.snapshot.server
        counts = (server.ready, server.reserved, server.delayed, server.buried)
        if len(tubes) == 1 and counts == (0, 0, 0, 0):
            return no_jobs(self.view, never=server.total_jobs == 0)
        return []

    def status(self) -> Line:
        if (row := self.table.current) is None:
            return []
        width = self.size.width
        room = name_room(self._columns(width))
        name = row.tube.name if self.most_lines > 1 else ""
        before = status_place(name, room, self.table.place)
        return tubes_status(self.view, row, before, self.why_off, width, self.most_lines)

    def on_live_table_highlighted(self) -> None:
        self.redraw_status()
        if self._found:
            self.table.show_below(self._below(self._found))

    # Keys that change nothing:

    def action_open(self) -> None:
        if self.table.current_key is not None:
            self.post_message(TubeOpened(self, self.table.current_key))

    def action_groups(self) -> None:
        if self.table.current_key is not None:
            self.post_message(GroupsOpened(self, self.table.current_key))

    def action_follow(self) -> None:
        if self.table.current_key is not None:
            self.post_message(FollowOpened(self, self.table.current_key))

    def action_profile(self) -> None:
        if self.table.current_key is not None:
            self.post_message(ProfileOpened(self, self.server.number, self.table.current_key))

    @property
    def why_no_graph(self) -> str:
        why = super().why_no_graph
        return f"{why}  v makes room." if why and not self._makes_room else why

    def action_graphs(self) -> None:
        """Make room for graphs below the table, or give it to rows again."""
        if not (self._makes_room or lines_for_graphs(self._lines, len(self.table.rows))):
            self.say(TOO_SHORT)
            return
        self._makes_room = not self._makes_room
        self.post_message(Chosen(graphs=self._makes_room))
        before = self.has_graphs
        self.redraw()
        if before and self.has_graphs:  # as before
            self.say(GRAPHS_STAY if self._makes_room else GRAPHS_IN_FREE_LINES)

    def action_columns(self) -> None:
        offered = {
            column.letter: (key, LABELS[key], column.meaning) for key, column in COLUMNS.items()
        }
        default = usual_columns(self.size.width)
        from beantop.app.dialogs.pick import ColumnsDialog

        self.choose(ColumnsDialog(offered, self._chosen or default), self._show_columns)

    def _show_columns(self, chosen: frozenset[str]) -> None:
        default = frozenset(usual_columns(self.size.width))
        if chosen & TIME_COLUMNS and not self._needs(TIME_COLUMNS):
            self.say(TIMES_COME)
        self._chosen = frozenset() if chosen == default else chosen
        self.post_message(Chosen(columns=tuple(sorted(self._chosen))))
        self.table.forget_columns()
        self.redraw()
        wanted = self._columns(self.size.width)
        if missing := len(wanted) - len(laid_out(wanted, self.size.width)):
            self.say(f"The window is too narrow for {plural(missing, 'column')} on the right.")

    async def action_show_all(self) -> None:
        """Go one step back: remove the marks, or else the words of the filter, or else show tubes
        without a condition again, or else leave for the list of servers."""
        if self.pane.unmark() or self.pane.show_more():
            return
        if self.view.servers > 1:
            await self.run_action("app.leave")

    # Keys that change something:

    def begin(self, action: Action) -> None:
        if action.on_tubes is None:
            return
        if why_not := self.pane.why_just_moved:
            self.say(why_not)
        elif tubes := self._targets(action):
            self.user.act(action.on_tubes(self.context, tubes))
        elif self.table.marked:
            self.say("The marked tubes are gone. Nothing was done; esc clears the marks.")
        else:
            self.say("No tube is under the cursor. Nothing was done.")

    def _targets(self, action: Action) -> list[Tube]:
        """Return the marked tubes, or the one under the cursor."""
        row = self.table.current
        if action.one_at_a_time or not self.table.marked:
            return [row.tube] if row else []
        tubes = self.view.watched.snapshot.tubes
        return [tubes[name] for name in sorted(self.table.marked) if name in tubes]
