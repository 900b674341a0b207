"""The jobs of a tube or of a whole server in groups: by class, by error, by age and so on."""

import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from beantop.app.action_context import ActionContext
from beantop.app.actions.jobs import JobAction, act_on
from beantop.app.actions.table import ACTIONS
from beantop.app.keys import job_bindings, named
from beantop.app.messages import Chosen, CopyWanted, GroupOpened, Redrawn
from beantop.app.panes.background_work import BackgroundWork
from beantop.app.panes.field_question import field_question
from beantop.app.panes.group_finder import GroupFinder
from beantop.app.panes.job_stock import JobStock
from beantop.app.panes.table_pane import Orders, TablePane
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
    groups_rule,
    inventory_words,
    left_out_words,
    no_groups,
    progress_of,
)
from beantop.app.view.lines import Line, wrapped
from beantop.app.view.words import Words
from beantop.app.widgets.job_preview import JobPreview
from beantop.beanstalk import Error, describe_error
from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.jobs.groups import (
    BY_CLASS,
    GROUPINGS,
    BodyFacts,
    Group,
    Grouping,
    beside,
    by_field,
    groups_of,
)
from beantop.jobs.listing import ChosenRows, JobList, JobRow, united


class GroupPane(TablePane[Group, str]):
    """Table of the groups of jobs; finds the jobs and reads their bodies. Capitals act on all jobs
    of a group."""

    ROW = "group "

    FOOTER: ClassVar[Sequence[str]] = ("open", "read_on", "kick", "delete")

    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding(
                "enter", "open", "Jobs", key_display="enter", tooltip="List the jobs of the group"
            ),
            Binding("n", "read_on", "Read on", tooltip="Read the rest at full speed"),
            Binding("right,l", "another_way(1)", "Group by something else"),
            Binding("left,h", "another_way(-1)", "Group by something else"),
            Binding("number_sign", "field", "Group by a field of the body"),
            Binding("v", "preview", "Show or hide the body of a job of the group"),
            Binding("y", "copy", "Copy the name of the group"),
            *job_bindings(),
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
        jobs: JobList,
        by: Grouping = BY_CLASS,
        first: str | None = None,
    ) -> None:
        """`act` runs an action that changes something; `redraw_screen` redraws the whole screen. The cursor
        is on the group with the key `first`, if given, as soon as that is found."""
        super().__init__(
            self._columns,
            group_key,
            Orders(GROUP_LETTERS, ascending="group"),
            BY_COUNT,
            self._show_groups,
            id="groups",
        )
        self.context = context
        self.jobs = jobs
        self.by, self._first = by, first
        self._act = act
        self._work = BackgroundWork(self, self._find_groups)
        self._stock = JobStock(
            jobs, lambda: context.view, self._work, self._taken, redraw_screen, self._visible
        )
        self.stock = self._stock.inventory
        self.stock.reads_bodies = by.reads_bodies
        self._finder = GroupFinder(
            self._work, self._search, self._take, self._version, lambda: self.stock.running
        )
        self._groups: Sequence[Group] = ()
        self._words = Words("")
        self._preview = JobPreview()
        self._opened: JobList | None = None
        """The jobs of the group that was opened last."""
        self._requested = 0
        """Id of the job whose body was requested last."""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self._preview

    def polled(self) -> bool:
        """Bring the list up to date if the server was polled since the last call."""
        self._drop_after_restart()
        return self._stock.polled(self.app)

    @property
    def _is_frozen(self) -> bool:
        return self.context.view.is_frozen

    def _visible(self) -> list[int]:
        return [self._sample.job.id] if self._sample else []

    def _taken(self, has_read: bool) -> None:
        self._drop_after_restart()
        if has_read:
            self._finder.next_at = 0.0
        self._find_groups()

    def _drop_after_restart(self) -> None:
        """Forget the groups if the ids of their jobs may be those of other jobs now."""
        if self._stock.restarts.noticed():
            self.table.marked, self._groups, self._finder.next_at = frozenset(), (), 0.0
            self.redraw()

    # Finding groups:

    def _find_groups(self) -> None:
        """Find the groups of all jobs known by now, unless that was done a moment ago."""
        if self.is_attached:
            self._finder.find()

    def _search(self) -> Callable[[], list[Group]]:
        jobs, facts = list(self.jobs.scan.found.values()), self.jobs.census.results
        return partial(groups_of, jobs, facts, self.by, time.monotonic())

    def _version(self) -> object:
        return self.by, self.jobs.restarts

    def _take(self, groups: Sequence[Group]) -> None:
        if not self._is_frozen or not self._groups:
            self._groups = sorted(groups, key=group_name)
            self.redraw()

    # What is shown:

    def _columns(self, width: int) -> list[Column[Group]]:
        total = sum(group.count for group in self._groups)
        return group_columns(width, self.by, total)

    def _show_groups(self) -> None:
        if not self.is_attached:
            return
        found = [group for group in self._groups if self._words.match(group_name(group))]
        self.show_rule(
            groups_rule(
                GROUPINGS,
                self.by,
                len(found),
                self.order_words,
                filter_words(self._words),
                self.size.width,
            )
        )
        self.table.forget_columns()
        self.table.fade(self._is_outdated)
        rows, chosen = self.in_order(found), (self.by, self._words)
        self.show_rows(rows, chosen=chosen, at_top=not self.table.touched)
        self._go_to_first()
        self._show_below(rows)
        self.post_message(Redrawn())

    def _go_to_first(self) -> None:
        """Put the cursor on the group that this was opened for, until the user moves it."""
        if self._first is not None and not self.table.touched:
            self.table.move_to_key(self._first)

    @property
    def _is_outdated(self) -> bool:
        return self.context.view.stale or bool(self._stock.refresher.problem)

    def _show_below(self, rows: Sequence[Group]) -> None:
        """Show what belongs to the group under the cursor: the ages of its jobs, and the body of one."""
        below = self._below(rows)
        self.table.show_below(below)
        row = None if self.context.view.state.hide_preview else self._sample
        if self._show_preview(row, 1 + len(rows) + len(below)):
            self._show_preview(row, 1 + len(rows) + len(below))  # it needs more lines
        if row and row.body is None and row.job.id != self._requested:
            self._requested = row.job.id if self._stock.refresher.ask_now(self.app) else 0

    def _show_preview(self, row: JobRow | None, list_lines: int) -> bool:
        """Show the body of a job beside that many lines. Return whether it needs more lines."""
        self._preview.fit(self.size.height - 1, list_lines, graphs=False)
        reading = self.context.view.reading(row.job.tube) if row else AS_RECOGNIZED
        return self._preview.show(row, reading, self.size.width, faded=self._is_outdated)

    @property
    def _sample(self) -> JobRow | None:
        """The newest job of the group under the cursor."""
        group = self.table.current if self.table.rows else None
        found = self.jobs.rows_of([max(group.ids)]) if group else []
        return found[0] if found else None

    def _below(self, found: Sequence[Group]) -> list[Line]:
        width = self.size.width
        if not found:
            if self._groups:
                return no_match(self._words, "group", width)
            sentence = no_groups(self.jobs, self.stock, self.by)
            return [[], *wrapped([(f"   {sentence}", "dim")], width)]
        group, room = self.table.current, self.size.height - 2 - len(found)
        has_room = room > LINES_OF_AGES and group and group.ages
        return [[], *age_lines(group, width)] if group and has_room else []

    def filtered(self, words: str) -> None:
        self._words = Words(words)
        self.redraw()

    @property
    def status_words(self) -> str:
        """How many jobs were found and read, as a sentence."""
        snapshot, tube = self.context.view.watched.snapshot, self.jobs.tube
        counts = snapshot.tubes.get(tube) if tube else snapshot.server
        progress = progress_of(self.jobs, self.stock, counts)
        return inventory_words(progress, self._stock.problem)

    def on_live_table_highlighted(self) -> None:
        self._show_below(self.table.rows)

    # Keys:

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "act":
            return None if self.context.why_off else True
        return super().check_action(action, parameters)

    def action_act(self, name: str) -> None:
        """Start an action on all jobs of the marked groups, or of the one under the cursor."""
        action = ACTIONS[name]
        self.table.touched = True
        if action.one_at_a_time:
            self.context.say(f"{action.key} ({action.label}) works on one job: enter lists them.")
        elif why_not := self.why_just_moved:
            self.context.say(why_not)
        elif action.on_jobs and (groups := self._targets()):
            self._act(self._act_on(action.on_jobs, groups))
        else:
            self.context.say("No group is under the cursor. Nothing was done.")

    def _targets(self) -> list[Group]:
        """Return the marked groups, or the one under the cursor."""
        self._drop_after_restart()
        if marked := self.table.marked:
            return [group for group in self._groups if group_key(group) in marked]
        return [self.table.current] if self.table.current else []

    async def _act_on(self, action: JobAction, groups: Sequence[Group]) -> None:
        rows = united(self._rows_in(group) for group in groups)
        if not rows:
            self.context.say("The jobs of this group are gone. Nothing was done.")
            return
        names = [group_name(group) for group in groups]
        left_out = left_out_words(self.jobs, self.stock)
        if tally := await act_on(self.context.about(names, left_out), action, rows):
            self.table.marked = frozenset()
            changed = [*tally.done_ids, *tally.new_ids.values()]
            self._work.start(partial(self._show_changes, changed))

    def _rows_in(self, group: Group) -> ChosenRows:
        """Return the jobs of a group, without those that were seen to be in another one since: groups are
        found again only now and then. A job may have become older, though."""
        rows, by = self.jobs.rows_of(group.ids), self.by
        if by.reads_bodies or by is GROUPINGS["age"]:
            return rows
        here = [job for job in rows.jobs if by.key_of(job, BodyFacts(), None) == group.key]
        return ChosenRows(here, rows.bodies)

    async def _show_changes(self, ids: Sequence[int]) -> None:
        try:
            await self.jobs.scan.poll_jobs(ids)
        except Error as error:
            self._stock.problem = describe_error(error)
        self._finder.find_now()

    def action_open(self) -> None:
        if group := self.table.current:
            self._opened = self.jobs.part(group.ids)
            name, left_out = group_name(group), left_out_words(self.jobs, self.stock)
            self.post_message(GroupOpened(self.screen, self._opened, name, left_out))

    def resumed(self) -> None:
        """Take over the changes to the jobs of a group that was open."""
        if self._opened:
            self.jobs.take_part(self._opened)
            self._opened = None
            self._finder.find_now()

    def action_preview(self) -> None:
        """Show or hide the body of a job."""
        self.post_message(Chosen(hide_preview=not self.context.view.state.hide_preview))

    def action_read_on(self) -> None:
        """Find the rest of the jobs and read their bodies, at full speed."""
        if self._is_frozen:
            self.context.say(FROZEN)
            return
        self.stock.allow_more()
        self._stock.read()
        self.redraw()

    def action_another_way(self, by: int) -> None:
        self._group_by(beside(self.by, by, GROUPINGS))

    def action_group_by(self, name: str) -> None:
        """Group in the way with that name."""
        self._group_by(GROUPINGS[name])

    def action_field(self) -> None:
        """Ask for a field of the bodies, and group by it."""
        self._work.start(self._ask_for_field)

    async def _ask_for_field(self) -> None:
        names: Sequence[str] = ()
        if (row := self._sample) and row.body:
            reading = self.context.view.reading(row.job.tube)
            shown = reading.shown(row.body.beginning, row.body.size)
            names = Fields(shown.body, shown.reading.decoder).names
        if path := await self.context.ask(field_question(names)):
            self.jobs.census.read_field(path)
            self._group_by(by_field(path))

    def _group_by(self, by: Grouping) -> None:
        self.by, self._groups, self._first = by, (), None
        self.stock.reads_bodies = by.reads_bodies
        self.table.marked = frozenset()
        self._stock.read()
        self._finder.find_now()
        self.redraw()

    def action_copy(self) -> None:
        if group := self.table.current:
            self.post_message(CopyWanted(group_name(group), f"“{group_name(group)}”"))

    async def action_back(self) -> None:
        """Go one step back: stop reading at full speed, or remove the marks, or the filter, or leave."""
        if self.stock.running and not self.stock.is_gentle:
            self.stock.stop()
        elif not self.unmark() and not self.filter.clear():
            await self.run_action("app.leave")

    def on_unmount(self) -> None:
        self.stock.stop()
