"""The jobs of all servers in groups, and how many of a group are on each server."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.keys import named
from beantop.app.messages import CopyWanted, Redrawn, ServerGroupsOpened
from beantop.app.panes.background_work import BackgroundWork
from beantop.app.panes.field_question import field_question
from beantop.app.panes.group_finder import GroupFinder
from beantop.app.panes.job_stock import JobStock
from beantop.app.panes.table_pane import Orders, TablePane
from beantop.app.questions import AskText
from beantop.app.session.server_view import ServerView
from beantop.app.view.column import Column
from beantop.app.view.empty_states import FROZEN
from beantop.app.view.filter_words import filter_words, no_match
from beantop.app.view.group_columns import (
    GROUP_LETTERS,
    LINES_OF_AGES,
    age_lines,
    group_columns,
    group_key,
    group_name,
)
from beantop.app.view.groups_words import (
    BY_COUNT,
    Progress,
    groups_rule,
    inventory_words,
    progress_of,
    shares_rule,
    without_words,
)
from beantop.app.view.lines import Line, wrapped
from beantop.app.view.words import Words
from beantop.formatting import printable
from beantop.jobs.fleet_groups import (
    BY_SERVER,
    FLEET_GROUPINGS,
    FleetGroup,
    JobsOnServer,
    groups_of_all,
)
from beantop.jobs.groups import BY_CLASS, Group, Grouping, beside, by_field
from beantop.jobs.listing import JobList

CHANGES = "enter opens the group on this server, where capitals change its jobs."
"""What the keys do in the table of servers."""


class FleetGroupPane(TablePane[Group, str]):
    """Table of the groups of the jobs of all servers, or of the servers that the jobs of one group are on.
    Nothing can be changed from here."""

    ROW = "group "

    FOOTER: ClassVar[Sequence[str]] = ("open", "read_on", "sort", "filter")

    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding(
                "enter",
                "open",
                "Open",
                key_display="enter",
                tooltip="Show the servers of the group, or the group on one server",
            ),
            Binding("n", "read_on", "Read on", tooltip="Read the rest at full speed"),
            Binding("right,l", "another_way(1)", "Group by something else"),
            Binding("left,h", "another_way(-1)", "Group by something else"),
            Binding("number_sign", "field", "Group by a field of the body"),
            Binding("y", "copy", "Copy the name of the group"),
            Binding("escape", "back", "Back", key_display="esc", tooltip="Stop, or go back"),
        ]
    )

    def __init__(
        self,
        views: Callable[[], Sequence[ServerView]],
        ask: Callable[[AskText], Awaitable[str | None]],
        redraw_screen: Callable[[], None],
        lists: Sequence[JobList],
    ) -> None:
        """`views` returns what is known of the servers now, and `lists` has the jobs of each, in the same
        order."""
        super().__init__(
            self._columns,
            group_key,
            Orders(GROUP_LETTERS, ascending="group"),
            BY_COUNT,
            self._show_rows,
            id="groups",
            marks=False,
        )
        self._views, self._ask, self._redraw_screen = views, ask, redraw_screen
        self.by = BY_CLASS
        self._work = BackgroundWork(self, self._find_groups)
        self._stocks = [
            JobStock(jobs, partial(self._view, at), self._work, self._taken, redraw_screen)
            for at, jobs in enumerate(lists)
        ]
        self._finder = GroupFinder(
            self._work, self._search, self._take, lambda: self.by, self._is_running
        )
        self._groups: Mapping[str, FleetGroup] = {}
        self._inside: str | None = None
        """Key of the group whose servers are shown; None while groups are."""
        self._words = Words("")

    def _view(self, at: int) -> ServerView:
        return self._views()[at]

    @property
    def inside(self) -> FleetGroup | None:
        """The group whose servers are shown."""
        return None if self._inside is None else self._groups.get(self._inside)

    def polled(self) -> None:
        """Bring the lists up to date of the servers that were polled since the last call."""
        for view, stock in zip(self._views(), self._stocks, strict=True):
            if view.watched.link.state == "up":
                stock.polled(self.app)

    # Finding groups:

    def _taken(self, has_read: bool) -> None:
        if has_read:
            self._finder.next_at = 0.0
        self._find_groups()

    def _find_groups(self) -> None:
        if self.is_attached:
            self._finder.find()

    def _is_running(self) -> bool:
        return any(stock.inventory.running for stock in self._stocks)

    @property
    def _included(self) -> list[tuple[ServerView, JobStock]]:
        """The servers with current data; the groups cover only these."""
        every = zip(self._views(), self._stocks, strict=True)
        return [(view, stock) for view, stock in every if view.fresh and not _problem(view, stock)]

    def _search(self) -> Callable[[], list[FleetGroup]]:
        servers = [
            JobsOnServer(
                view.number,
                view.known.title,
                list(stock.jobs.scan.found.values()),
                stock.jobs.census.results,
            )
            for view, stock in self._included
        ]
        return partial(groups_of_all, servers, self.by, time.monotonic())

    def _take(self, groups: Sequence[FleetGroup]) -> None:
        ordered = sorted(groups, key=lambda group: group_name(group.whole))
        self._groups = {group_key(group.whole): group for group in ordered}
        self.redraw()

    # What is shown:

    @property
    def _rows(self) -> list[Group]:
        """The groups, or the parts of one of them on the servers."""
        if self._inside is None:
            return [group.whole for group in self._groups.values()]
        parts = self.inside.parts if self.inside else {}
        return [
            replace(part, key=("server", str(number)), words=(self._title_of(number),))
            for number, part in parts.items()
        ]

    def _title_of(self, number: int) -> str:
        return f"{number} {self._view(number - 1).known.title}"

    def _columns(self, width: int) -> list[Column[Group]]:
        total = sum(row.count for row in self._rows)
        return group_columns(width, self.by if self._inside is None else BY_SERVER, total)

    def _show_rows(self) -> None:
        if not self.is_attached:
            return
        rows = [row for row in self._rows if self._words.match(group_name(row))]
        self.show_rule(self._rule_line(len(rows)))
        self.table.forget_columns()
        ordered, chosen = self.in_order(rows), (self.by, self._words, self._inside)
        self.show_rows(ordered, chosen=chosen, at_top=not self.table.touched)
        self._show_below()
        self.post_message(Redrawn())

    def _rule_line(self, rows: int) -> Line:
        order, filter, width = self.order_words, filter_words(self._words), self.size.width
        if self._inside is None:
            return groups_rule(FLEET_GROUPINGS, self.by, rows, order, filter, width)
        name = group_name(self.inside.whole) if self.inside else ""
        return shares_rule(name, rows, order, filter, width)

    def _show_below(self) -> None:
        """Show the ages of the jobs under the cursor, and what keys do with them."""
        self.table.show_below(self._below())

    def _below(self) -> list[Line]:
        row, width = self.table.current, self.size.width
        if row is None or not self.table.rows:
            return self._why_none(width)
        hint: list[Line] = [] if self._inside is None else [[], [(f"   {CHANGES}", "dim")]]
        room = self.size.height - 2 - len(self.table.rows) - len(hint)
        if room <= LINES_OF_AGES or not row.ages:
            return hint
        return [*hint, [], *age_lines(row, width)]

    def _why_none(self, width: int) -> list[Line]:
        if self._words and self._rows:
            return no_match(self._words, "group" if self._inside is None else "server", width)
        sentence = "Reading …" if self._is_running() else "No groups."
        if self._inside is not None:
            sentence = "The jobs of this group are gone.  esc goes back to the groups."
        return [[], *wrapped([(f"   {sentence}", "dim")], width)]

    def filtered(self, words: str) -> None:
        self._words = Words(words)
        self.redraw()

    @property
    def status_words(self) -> str:
        """How many jobs were found and read on which servers, in sentences."""
        progress = Progress()
        for view, stock in self._included:
            progress = progress.plus(
                progress_of(stock.jobs, stock.inventory, view.watched.snapshot.server)
            )
        included = {view.number for view, _ in self._included}
        troubles = {
            view.known.title: _problem(view, stock)
            for view, stock in zip(self._views(), self._stocks, strict=True)
            if view.number not in included
        }
        return f"{inventory_words(progress)}  {without_words(troubles)}".rstrip()

    def on_live_table_highlighted(self) -> None:
        self._show_below()

    # Keys:

    def action_open(self) -> None:
        """Show the servers of a group, or the group on one server."""
        if (row := self.table.current) is None:
            return
        if why_not := self.why_just_moved:
            self.app.notify(why_not, markup=False)
        elif self._inside is not None:
            self._open_on(int(row.key[-1]), self.by, self._inside)
        elif self.by is BY_SERVER:
            self._open_on(next(iter(self._groups[group_key(row)].parts)), BY_CLASS, None)
        else:
            self._go_inside(group_key(row))

    def _go_inside(self, key: str | None) -> None:
        """Show the servers of the group with that key, or the groups again."""
        before, self._inside = self._inside, key
        self.filter.clear()
        self._redraw_screen()  # the header, too, says where we are
        if before is None:
            self.table.move_to(0)
        else:
            self.table.move_to_key(before)

    def _open_on(self, number: int, by: Grouping, key: str | None) -> None:
        for stock in self._stocks:
            stock.inventory.stop()
        jobs = self._stocks[number - 1].jobs
        self.post_message(ServerGroupsOpened(self.screen, number, jobs, by, key))

    def action_read_on(self) -> None:
        """Find the rest of the jobs and read their bodies, at full speed."""
        if any(view.is_frozen for view in self._views()):
            self.app.notify(FROZEN, markup=False)
            return
        for _, stock in self._included:
            stock.inventory.allow_more()
            stock.read()
        self.redraw()

    def action_another_way(self, by: int) -> None:
        self._group_by(beside(self.by, by, FLEET_GROUPINGS))

    def action_group_by(self, name: str) -> None:
        """Group in the way with that name."""
        self._group_by(FLEET_GROUPINGS[name])

    def action_field(self) -> None:
        """Ask for a field of the bodies, and group by it."""
        self._work.start(self._ask_for_field)

    async def _ask_for_field(self) -> None:
        if self._inside is None and (path := await self._ask(field_question())):
            for stock in self._stocks:
                stock.jobs.census.read_field(path)
            self._group_by(by_field(path))

    def _group_by(self, by: Grouping) -> None:
        if self._inside is not None:
            return
        self.by, self._groups = by, {}
        for stock in self._stocks:
            stock.inventory.reads_bodies = by.reads_bodies
        for _, stock in self._included:
            stock.read()
        self._finder.find_now()
        self.redraw()

    def action_copy(self) -> None:
        if row := self.table.current:
            name = printable(group_name(row))
            self.post_message(CopyWanted(name, f"“{name}”"))

    async def action_back(self) -> None:
        """Go one step back: stop reading at full speed, or remove the filter, or show the groups again, or
        leave."""
        fast = [
            s.inventory for s in self._stocks if s.inventory.running and not s.inventory.is_gentle
        ]
        for inventory in fast:
            inventory.stop()
        if fast or self.filter.clear():
            return
        if self._inside is None:
            await self.run_action("app.leave")
        else:
            self._go_inside(None)

    def on_unmount(self) -> None:
        for stock in self._stocks:
            stock.inventory.stop()


def _problem(view: ServerView, stock: JobStock) -> str:
    """Return why the jobs of a server are not current; "" if they are, as far as is known."""
    link = view.watched.link
    return link.reason if link.state == "down" else stock.problem or stock.refresher.problem
