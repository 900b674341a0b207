"""A list of jobs, of one tube or of a whole server."""

import math
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from beantop.app.action_context import ActionContext
from beantop.app.keys import job_bindings, named, scan_bindings
from beantop.app.messages import (
    Chosen,
    CopyWanted,
    FollowOpened,
    GroupsOpened,
    JobOpened,
    Redrawn,
)
from beantop.app.panes.background_work import BackgroundWork
from beantop.app.panes.body_filter import BodyFilter
from beantop.app.panes.body_order import BodyOrder
from beantop.app.panes.column_choice import ColumnChoice
from beantop.app.panes.job_opener import JobOpener
from beantop.app.panes.job_updates import JobUpdates
from beantop.app.panes.row_actions import RowActions
from beantop.app.panes.scan_control import ScanControl
from beantop.app.panes.table_pane import Orders, TablePane
from beantop.app.view.column import AS_THEY_COME, Column, Order
from beantop.app.view.column_names import read_columns
from beantop.app.view.filter_words import unreadable
from beantop.app.view.highlight import nothing
from beantop.app.view.job_columns import LETTERS, ORDERS, Look, is_of_bodies, job_key
from beantop.app.view.jobs_words import TABS, jobs_rule, jobs_status, none_matches, tab_words
from beantop.app.view.lines import Line, wrapped
from beantop.app.view.preview_lines import MIN_HEIGHT
from beantop.app.widgets.job_preview import JobPreview
from beantop.app.widgets.live_table import LiveTable
from beantop.beanstalk import State
from beantop.formatting import rough_duration
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.jobs.job_cursor import JobCursor
from beantop.jobs.listing import JobList, JobRow, JobRows
from beantop.jobs.peek import JobRecord
from beantop.monitor.snapshot import Server, Tube

STATE_KEYS = "look_at_one_state"
"""The name in `[keys]` of the keys that show one state: configurations have it."""

BODY_STEP = 10
"""Characters by which a key scrolls the column of bodies."""

FILTER_HINT = "words in id or body, a state, or e.g. age > 1h and order_id > 5"


MAX_BEHIND = 5.0
"""Seconds by which rows may be older than the last poll, without being said to be old."""


class JobPane(TablePane[JobRow, int]):
    """The jobs of `tube`, or of the whole server if that is None.

    The pane peeks at the jobs itself, once per poll, and acts on the marked ones.
    """

    ROW, OPEN = "job ", "open"

    FOOTER: ClassVar[Sequence[str]] = ("open", "scan", "kick", "delete")

    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("enter", "open", "Inspect", key_display="enter", tooltip="Open the job"),
            Binding("n", "scan", "All jobs", tooltip="Find all jobs, or the rest of them"),
            Binding("o", "scan_oldest", "Scan for all jobs, oldest first"),
            Binding(
                "right,l", "tab(1)", "Show one state", tooltip="Show the next state", id=STATE_KEYS
            ),
            Binding(
                "left,h",
                "tab(-1)",
                "Show one state",
                tooltip="Show the previous state",
                id=STATE_KEYS,
            ),
            Binding("shift+right,full_stop", "sideways(1)", "Scroll bodies right"),
            Binding("shift+left,comma", "sideways(-1)", "Scroll bodies left"),
            Binding("v", "preview", "Show or hide the body below the list"),
            Binding("number_sign", "groups", "Group the jobs"),
            Binding("c", "columns", "Choose columns"),
            Binding("F", "follow", "Follow", tooltip="Follow new jobs, or pause"),
            Binding("y", "copy", "Copy the id of the job"),
            *job_bindings(),
            *scan_bindings(),
            Binding(
                "escape", "back", "Back", key_display="esc", tooltip="Stop, unmark all, or go back"
            ),
        ]
    )

    def __init__(
        self,
        context: ActionContext,
        act: Callable[[Coroutine[Any, Any, None]], None],
        redraw_screen: Callable[[], None],
        tube: str | None,
        *,
        columns: Callable[[int, Look], list[Column[JobRow]]],
        counts: Callable[[], Tube | Server],
        below: Callable[[bool], str],
        further_below: Callable[[int], list[Line]] | None = None,
        jobs: JobList | None = None,
    ) -> None:
        """Callbacks of the screen:

        `act` runs an action that changes something; `redraw_screen` redraws the whole screen;
        `columns` returns the columns for a width;
        `counts` returns the tube or server with the number of jobs in each state;
        `below` returns the sentence below the list, given whether the list has any rows;
        `further_below` returns the lines below that, given the number of lines already in use.

        `jobs` is the list to show, if it exists already.
        """
        chosen = read_columns(context.view.job_columns(tube or ""))
        self._columns_of = columns
        self._look = Look(chosen=chosen, reading_of=lambda name: context.view.reading(name))
        orders = Orders(LETTERS, ascending="id")
        super().__init__(
            self._columns,
            job_key,
            orders,
            AS_THEY_COME,
            self._redraw_list,
            id="jobs",
            filter_hint=FILTER_HINT,
        )
        self.table.bring_up_to_date = self._show_all_found
        self.context = context
        self.fade = False
        """Whether rows are always dim, even if the server's data is current."""
        self.is_following = False
        """Whether the cursor is on the last row, whichever that is."""
        self._counts, self._below, self._further_below = counts, below, further_below
        self._shown: object = None
        """What the user chose to see when the list was drawn last."""
        self.jobs = jobs = jobs or JobList(context.connection, tube)
        table, work = self.table, BackgroundWork(self, self._redraw_if_attached)
        self.updates = JobUpdates(context, jobs, table, work, self._taken, redraw_screen)
        self.scans = ScanControl(context, jobs, counts, work, self._scan_ended)
        self._only = BodyFilter(context, jobs, work)
        self._by_body = BodyOrder(context, jobs, work, super().set_order)
        self._choice = ColumnChoice(context, table, tube or "", self._show_columns)
        self._opener = JobOpener(context, jobs, work, self._open)
        self._actions = RowActions(context, jobs, table, act, self.updates.acted)
        self._preview = JobPreview()

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self._preview

    def polled(self) -> bool:
        """Fetch the jobs if the server was polled since the last call. Return whether a fetch was
        started; the screen is redrawn when it ends."""
        self.scans.polled()
        return self.updates.polled()

    def _taken(self) -> None:
        self.scans.go_on()
        self._only.search_unread()
        self._by_body.go_on()

    def _scan_ended(self) -> None:
        if self.is_attached:
            self._show_all_found()
            self.updates.fetch_now()
            self._only.search_unread()
            self._by_body.go_on()

    # What is shown:

    def _show_all_found(self) -> None:
        """Show all jobs found so far. Long lists are otherwise sorted only now and then."""
        self.jobs.sort_again()
        self.redraw()

    def _redraw_if_attached(self) -> None:
        if self.is_attached:
            self.redraw()

    def _redraw_list(self) -> None:
        """Redraw the rule, the list and the lines below it."""
        unread, width = self._only.unread, self.size.width
        tabs = tab_words(self._counts(), self.tab, scanned=self.jobs.scanned)
        words = [*self._only.words(unread, self.tab), *self._by_body.words]
        self.show_rule(jobs_rule(tabs, words, width))
        found, chosen = self._rows(), (self.tab, self._only.chosen)
        top = self.table.scroll_offset.y
        self._use_look(self._look.after(found[top : top + self.size.height]))
        self.table.fade(self._is_outdated)
        below = self._words_below(unread, bool(found))
        used = len(found) + len(below)
        used += self._fit_preview(used, bool(found))
        if self._further_below:
            below += self._further_below(used)
        at_top = not (self.table.touched or self.is_following)
        self.show_rows(found, below=below, chosen=chosen, at_top=at_top, at_end=self.is_following)
        self._show_preview()
        self.updates.fetch_missing_bodies()
        self.post_message(Redrawn())

    def _rows(self) -> Sequence[JobRow]:
        """Return the rows to show. On a frozen screen these are the same until the user chooses others."""
        key = self._by_body.key if is_of_bodies(self.order.key) else None
        order, descending = key or ORDERS.get(self.order.key), self.order.descending
        chosen = (self.tab, self._only.chosen, self.order)
        is_kept = self._is_frozen and chosen == self._shown and self.table.rows
        self._shown = chosen
        found = self.jobs.rows(self.tab, self._only.keeps, order, descending=descending)
        if self._only.chosen.problem:  # it may have appeared while filtering
            return []
        return self.table.rows if is_kept else found

    @property
    def _is_frozen(self) -> bool:
        return self.context.view.is_frozen

    @property
    def _is_outdated(self) -> bool:
        return self.fade or self.context.view.stale or bool(self.updates.problem)

    def _fit_preview(self, list_lines: int, found: bool) -> int:
        """Return the height of the preview beside a list of `list_lines` lines without its head."""
        is_hidden = self.context.view.state.hide_preview or not found
        room = 0 if is_hidden else self.size.height - 1  # without the rule above the list
        return self._preview.fit(room, list_lines + 1, graphs=self._further_below is not None)

    def _show_preview(self) -> None:
        row = self.table.current if self.table.rows else None
        reading = self.context.view.reading(row.job.tube) if row else AS_RECOGNIZED
        look, width = self._look, self.size.width
        if self._preview.show(row, reading, width, faded=self._is_outdated, find=look.find):
            self.call_later(self._redraw_if_attached)

    def _columns(self, width: int) -> list[Column[JobRow]]:
        self._look = self._look.after(self.table.visible_rows)
        return self._columns_of(width, self._look)

    def _use_look(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self.table.forget_columns()

    def _words_below(self, unread: int, found: bool) -> list[Line]:
        only = self._only.chosen
        if only.problem:
            return unreadable(only.problem, self.size.width)
        sentence = self._below(found)
        if only.text and not found and self.jobs.heads is not None:
            sentence = none_matches(only, self._counts(), unread, self.jobs, self.tab)
        return [[], *wrapped([(f"   {sentence}", "dim")], self.size.width)]

    @property
    def tells_progress(self) -> bool:
        """Whether the status has the progress of a scan."""
        return self.jobs.scanned and not self.jobs.is_part and bool(self.table.place)

    def status(self, words: Line, lines: int = 1) -> Line:
        """Return the status in as many lines: marks, cursor position, `words`, and the progress of a scan."""
        place, right = self.table.place, []
        if self.context.view.watched.link.state == "down":
            right = [(f"{self.context.why_off} ", "warn")]
            words = [*self._age_of_rows(), *words]
        elif self.tells_progress:
            right = [(f"{self.scans.coverage} ", "dim")]
        marked = len(self.table.marked)
        return jobs_status(place, marked, words, right, self.size.width, lines)

    def _age_of_rows(self) -> Line:
        """Return how old the rows are if they are older than the last poll, which the header tells: while another
        screen was shown, they were not updated."""
        view = self.context.view
        seen_at = min((row.job.seen_at for row in self.table.visible_rows), default=math.inf)
        if view.watched.snapshot.taken_at - seen_at <= MAX_BEHIND:
            return []
        return [(f"these rows are {rough_duration(view.now - seen_at)} old  ", "warn")]

    # Keys:

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "act":
            return None if self.context.why_off else True
        if action in ("scan", "scan_oldest", "groups", "follow") and self.jobs.is_part:
            return False
        return super().check_action(action, parameters)

    def action_act(self, name: str) -> None:
        """Start an action on the marked jobs, or on the one under the cursor."""
        self.table.touched = True
        self._actions.start(name, self.why_just_moved)

    def action_open(self) -> None:
        """Open the job under the cursor. If the filter shows no jobs, search the bodies that were not
        read yet."""
        self.table.touched = True
        if row := self.table.current:
            self._opener.open(row)
        else:
            self._only.search_now()

    def _open(self, record: JobRecord) -> None:
        rows, cursor = self.table.rows, None
        if isinstance(rows, JobRows) and (at := rows.place_of(record.id)) is not None:
            cursor = JobCursor(rows, at, self.jobs.fetch, self.table.move_to_key)
        self.post_message(JobOpened(self.screen, record, cursor, self._look.find))

    def action_scan(self) -> None:
        """Find all jobs, or the rest of them."""
        self.scans.find_all()

    def action_scan_oldest(self) -> None:
        """Scan for all jobs again, starting at the lowest id."""
        self.scans.find_oldest()

    def action_copy(self) -> None:
        if row := self.table.current:
            self.post_message(CopyWanted(str(row.job.id), f"job id {row.job.id}"))

    def action_groups(self) -> None:
        self.post_message(GroupsOpened(self.screen, self.jobs))

    def action_follow(self) -> None:
        """Show new jobs as they come."""
        self.post_message(FollowOpened(self.screen, self.jobs.tube))

    async def action_back(self) -> None:
        """Go one step back: stop a scan that a key started, or else remove the marks, or else the filter,
        or else leave the screen."""
        stopped = self.scans.stop_by_key() or self._by_body.cancel()
        if not (stopped or self.unmark() or self.filter.clear()):
            await self.run_action("app.leave")

    def action_tab(self, by: int) -> None:
        self.action_show_state(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    def action_show_state(self, state: State | None) -> None:
        self._use_look(replace(self._look, tab=state))
        self.redraw()

    @property
    def tab(self) -> State | None:
        """The only state to show; None for all states."""
        return self._look.tab

    @property
    def chosen_order(self) -> Order:
        return self._by_body.pending or self.order

    def set_order(self, order: Order) -> None:
        """Sort the list; by a column of bodies, once these were read."""
        if not self._by_body.wants(order):
            super().set_order(order)

    def action_columns(self) -> None:
        self._choice.ask(self._look, self._columns(self.size.width))

    def _show_columns(self, keys: tuple[str, ...]) -> list[Column[JobRow]]:
        self._use_look(replace(self._look, chosen=keys))
        self.redraw()
        return self._columns(self.size.width)

    def action_sideways(self, by: int) -> None:
        """Show what is further right, or left, in the column of bodies."""
        if all(column.key != "body" for column in self._columns(self.size.width)):
            self.context.say("There is no BODY column: the window is too narrow, or c left it out.")
            return
        self._use_look(self._look.sideways(by * BODY_STEP, self.table.visible_rows))
        self.redraw()

    def action_preview(self) -> None:
        """Show or hide the preview."""
        hidden = not self.context.view.state.hide_preview
        self.post_message(Chosen(hide_preview=hidden))
        if not hidden and self.table.rows and self.size.height - 1 < 3 * MIN_HEIGHT:
            self.context.say("The window is too short for a preview.")

    # Events:

    def on_live_table_highlighted(self) -> None:
        self._show_preview()

    def on_live_table_moved(self, event: LiveTable.Moved) -> None:
        self.call_after_refresh(self.updates.fetch_missing_bodies)

    def filtered(self, words: str) -> None:
        self._only.choose(words)
        wanted = self._only.chosen.words
        self._use_look(replace(self._look, find=wanted.find if wanted.text else nothing))
        self.redraw()

    def on_filter_line_left(self) -> None:
        self._only.search_now()

    def on_unmount(self) -> None:
        self.scans.stop()
        self.jobs.search.clear()
        self.jobs.values.clear()
