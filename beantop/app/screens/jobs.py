"""A list of jobs, of a tube or of the whole server: finding them, their order, and acting on them."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.actions.jobs import JobAction
from beantop.app.drawing.filter_words import unreadable
from beantop.app.drawing.header import WIDE
from beantop.app.drawing.job_lines import is_gone, is_looked_at
from beantop.app.drawing.jobs_words import TABS, coverage_words, filter_words, tab_words
from beantop.app.drawing.lines import Line, cut, rule, spread, width_of
from beantop.app.messages import JobOpened
from beantop.app.screens.filtered import FilteredScreen
from beantop.app.screens.finding import FindingScreen
from beantop.app.screens.job_keys import JobKeysScreen
from beantop.app.screens.ordered import OrderedScreen
from beantop.app.screens.trash_keys import TrashKeysScreen
from beantop.app.session.facts import Facts
from beantop.app.tables.job_columns import LETTERS, ORDERS, job_columns, job_key
from beantop.app.tables.job_filter import JobFilter
from beantop.app.widgets.column import AS_THEY_COME, Column
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.filter_line import FilterLine
from beantop.app.widgets.live_table import LiveTable
from beantop.beanstalk import Error, State, reason
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_list import JobList, JobRow, ListLook
from beantop.jobs.listed import ListedJob
from beantop.jobs.scan import Scan
from beantop.monitor.snapshot import Server, Tube
from beantop.text import full, shown


class JobsScreen(
    TrashKeysScreen, JobKeysScreen, FilteredScreen, FindingScreen, OrderedScreen[JobRow]
):
    """The jobs of `tube`, or of the whole server where it is None."""

    LETTERS, ASCENDING, ROW = LETTERS, "id", "Job "
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Inspect", key_display="enter", tooltip="Open the job"),
        Binding("slash,f3,f4", "filter", "Show only some jobs", show=False),
        Binding("s,f6", "sort", "Choose the order", show=False),
        Binding("right,l", "tab(1)", "Look at one state", show=False),
        Binding("left,h", "tab(-1)", "Look at one state", show=False),
        Binding("y", "copy", "Copy the id of the job", show=False),
        Binding("escape", "back", "Back", key_display="esc", tooltip="Unmark all, or back"),
    ]

    def __init__(self, connection: ActingConnection, facts: Facts, tube: str | None = None) -> None:
        super().__init__(connection, facts)
        self.table: LiveTable[JobRow, int] = LiveTable(
            self.columns, job_key, id="jobs", classes="main"
        )
        self.table.bring_up_to_date = self._show_all_found
        self.jobs = JobList(connection, tube)
        self._filter = JobFilter()
        self._keeps: Callable[[ListedJob], bool] | None = None
        self._searched_among: int | None = None
        self.order = AS_THEY_COME
        self._tab: State | None = None

    # What each of them gives:

    @property
    def counts(self) -> Tube | Server:
        """What tells how many jobs there are in each state."""
        raise NotImplementedError

    def below(self, found: bool) -> str:
        """What is to be said of the jobs that are shown, or of there being none."""
        raise NotImplementedError

    def columns(self, width: int) -> list[Column[JobRow]]:
        return job_columns(width)

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield self.table
        yield FilterLine(
            id="filter", hint="words in id or body, a state, or as: timeouts > 3 and age > 1h"
        )

    async def look(self) -> ListLook:
        return await self.jobs.look([row.job.id for row in self.table.visible_rows])

    def take(self, seen: ListLook) -> None:
        """Marks of jobs that a server lost when it was restarted are not for those that have their
        numbers now."""
        restarts = self.jobs.restarts
        super().take(seen)
        if self.jobs.restarts != restarts:
            self.table.marked = frozenset()

    def further_below(self, taken: int) -> list[Line]:
        """What stands below the list and its words, which take so many lines with all else."""
        return []

    def show_jobs(self, *, fade: bool) -> None:
        """Draw the list, its words, and what stands below."""
        self.query_one("#rule", Lines).show([self._rule()])
        order = ORDERS.get(self.order.key)
        found: Sequence[JobRow] = self.jobs.rows(
            self._tab, self._keeps, order, descending=self.order.descending
        )
        if self._filter.problem:  # which there may be just now
            found = []
        self.table.fade(fade or self.facts.stale or bool(self.why_not_seen))
        words = self._words_below(bool(found))
        taken = len(self.header()) + len(found) + len(words) + 4  # rules, status line, footer
        below, chosen = [*words, *self.further_below(taken)], (self._tab, self._filter)
        self.table.show(found, order=self.order, below=below, chosen=chosen)

    def _show_all_found(self) -> None:
        """Show all jobs that were found: a long list is put in order only now and then."""
        self.jobs.order_anew()
        self.redraw()

    def _words_below(self, found: bool) -> list[Line]:
        if problem := self._filter.problem:
            return unreadable(problem, self.size.width)
        said = self.below(found)
        if self._filter.text and not found and self.jobs.heads is not None:
            said = f"No job matches “{shown(self._filter.text)}”.  esc clears the filter."
        return [[], [(f"   {said}", "dim")]]

    def _rule(self) -> Line:
        parts = tab_words(self.counts, self._tab, scanned=self.jobs.scanned)
        if self._filter.text:
            of = len(self.jobs.scan.found)
            parts += filter_words(self._filter, self.jobs.search, of, self.search_problem)
        elif self.size.width >= WIDE:
            parts.append(("h/l looks at one state", "dim"))
        return rule(parts, self.size.width)

    def status_of(self, words: Line) -> Line:
        """The status line: where the cursor is, what is marked, these words, how far a scan is."""
        left: Line = [(" ", "")]
        if place := self.table.place:
            left = [(f" {place}", "dim"), *left]
        if marked := len(self.table.marked):
            left = [(f" {full(marked)} marked  ", "bold"), *left]
        right: Line = (
            [(f"{self.why_off} ", "warn")] if self.facts.watched.link.state == "down" else []
        )
        if not right and self.jobs.scanned and place:
            right = [(f"{coverage_words(self.jobs.scan, self.scan_problem)} ", "dim")]
        width = self.size.width
        if not right or width_of([*left, *words, *right]) < width:
            return spread([*left, *words], right, width)
        return spread(left, cut(right, width - width_of(left) - 1), width)

    def why_not_looked(self) -> str:
        if self.why_not_seen:
            return f"Its jobs are not known: {shown(self.why_not_seen)}."
        if self.facts.frozen_at is not None:
            return "Frozen before its jobs were looked at.  f goes on."
        return "Looking …"

    # Keys:

    def action_tab(self, by: int) -> None:
        self._tab = TABS[(TABS.index(self._tab) + by) % len(TABS)]
        self.redraw()

    def action_open(self) -> None:
        """Open the job under the cursor, if it was seen whole; a large one is fetched for it."""
        if not (row := self.table.current):
            return
        if seen := self.jobs.seen(row):
            self.post_message(JobOpened(self, seen))
        elif row.body:
            self.carry_out(self._open_large(row))
        else:
            self.say(is_looked_at(row.job.id))

    async def _open_large(self, row: JobRow) -> None:
        try:
            seen = await self.jobs.fetch(row)
        except (OSError, Error) as error:
            self.fail(f"Job {row.job.id} was not opened: {reason(error)}.")
            return
        if seen:
            self.post_message(JobOpened(self, seen))
        else:
            self.say(is_gone(row.job.id))

    def on_live_table_moved(self) -> None:
        self.call_after_refresh(self._look_at_bodies)

    def _look_at_bodies(self) -> None:
        if any(row.body is None for row in self.table.visible_rows):
            self.look_now()

    def action_copy(self) -> None:
        if row := self.table.current:
            self.copy(str(row.job.id), f"job id {row.job.id}")

    async def action_back(self) -> None:
        """One step: first the marks go, then the filter."""
        if self.table.marked:
            self.table.marked = frozenset()
            self.redraw()
        else:
            await super().action_back()

    def on_live_table_highlighted(self) -> None:
        self.query_one("#status", Lines).show([self.status()])

    def filtered(self, words: str) -> None:
        self._filter = JobFilter(words)
        self._keeps = self._kept_by(self._filter)
        self._searched_among = None
        self.jobs.search.end()
        self.redraw()

    def on_filter_line_left(self) -> None:
        """What is typed is a wish once it is kept: then the bodies are read, if they were not."""
        super().on_filter_line_left()
        is_searched = self._searched_among == len(self.jobs.scan.found) and not self.search_problem
        if self._filter.wants_bodies and not is_searched:
            self.carry_out(self._search())

    def _kept_by(self, only: JobFilter) -> Callable[[ListedJob], bool] | None:
        return (
            (lambda job: only.keeps(job, self.jobs.search.matched)) if only.text.strip() else None
        )

    async def _scan(self, scan: Scan) -> None:
        """The words that are kept are then looked for in all that was found."""
        await super()._scan(scan)
        if self.is_attached:
            self._show_all_found()
        if self._searched_among is not None and self.is_attached:
            await self._search()

    async def _search(self) -> None:
        self._searched_among = len(self.jobs.scan.found)
        await self.search(self._filter)
        self._keeps = self._kept_by(self._filter)  # so that the list is made anew
        self.redraw()

    def action_edit(self) -> None:
        if len(self.table.marked) > 1:
            self.say("E edits one job: unmark the others.")
        else:
            super().action_edit()

    def on_jobs(self, action: JobAction) -> None:
        """On the marked jobs, or the one under the cursor."""
        if self.table.marked:
            if marked := self.jobs.rows_of(self.table.marked):
                self.act(self._on_marked(action, marked))
            else:
                self.say("The marked jobs are gone. Nothing was done; esc forgets the marks.")
        elif row := self.table.current:
            self.act_on_rows(self._on_marked(action, [row]))

    async def _on_marked(self, action: JobAction, rows: Sequence[JobRow]) -> None:
        """What was done to loses its mark; what was not keeps it."""
        if tally := await action(self, rows):
            self.table.marked -= tally.done_ids
            try:
                await self.jobs.scan.look_at(tally.done_ids)
            except (OSError, Error) as error:
                self.why_not_seen = reason(error)
            self.redraw()
