"""A list of jobs, of a tube or of the whole server: finding them, their order, and acting on them."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.agreeing import agrees
from beantop.app.coverage import coverage_words
from beantop.app.facts import Facts
from beantop.app.header import WIDE
from beantop.app.job_actions import JobAction
from beantop.app.job_columns import LETTERS, ORDERS, job_columns, job_key
from beantop.app.job_filter import JobFilter
from beantop.app.lines import Line, rule, spread
from beantop.app.messages import JobOpened
from beantop.app.screens.filtered import FilteredScreen
from beantop.app.screens.job_keys import JobKeysScreen
from beantop.app.screens.looking import LookingScreen
from beantop.app.screens.ordered import Order, OrderedScreen
from beantop.app.screens.trash_keys import TrashKeysScreen
from beantop.app.widgets.column import Column
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

TABS: tuple[State | None, ...] = (None, "ready", "reserved", "delayed", "buried")


class JobsScreen(
    TrashKeysScreen, JobKeysScreen, FilteredScreen, OrderedScreen[JobRow], LookingScreen[ListLook]
):
    """The jobs of `tube`, or of the whole server where it is None."""

    LETTERS, ASCENDING, ROW = LETTERS, "id", "Job "
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Inspect", key_display="enter", tooltip="Open the job"),
        Binding(
            "n", "scan", "All jobs", tooltip="Find all jobs by walking the ids; again: stop, go on"
        ),
        Binding("o", "scan_oldest", "Find all jobs, the oldest first", show=False),
        Binding("slash,f3,f4", "filter", "Show only some jobs", show=False),
        Binding("s,f6", "sort", "Choose the order", show=False),
        Binding("X", "ceiling", "Find where the ids end", show=False),
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
        self._list = JobList(connection, tube)
        self._scan_problem = ""
        self._filter = JobFilter()
        self._keeps: Callable[[ListedJob], bool] | None = None
        self.order = Order("")  # as they come
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
        yield FilterLine(id="filter", hint="words in id or body, or as: timeouts > 3 and age > 1h")

    async def look(self) -> ListLook:
        return await self._list.look([row.job.id for row in self.table.visible_rows])

    def take(self, seen: ListLook) -> None:
        self._list.take(seen)

    def further_below(self, taken: int) -> list[Line]:
        """What stands below the list and its words, which take so many lines with all else."""
        return []

    def show_jobs(self, *, fade: bool) -> None:
        """Draw the list, its words, and what stands below."""
        self.query_one("#rule", Lines).show([self._rule()])
        order = ORDERS.get(self.order[0]) if self._list.scanned else None
        found = self._list.rows(self._tab, self._keeps, order, descending=self.order[1])
        self.table.fade(fade or self.facts.stale or bool(self.why_not_seen))
        words: list[Line] = [[], [(f"   {self._words_below(bool(found))}", "dim")]]
        taken = len(self.header()) + len(found) + len(words) + 4  # rules, status line, footer
        below, chosen = [*words, *self.further_below(taken)], (self._tab, self._filter)
        self.table.show(found, order=self.order, below=below, chosen=chosen)

    def _words_below(self, found: bool) -> str:
        if self._filter.text and not found and self._list.heads is not None:
            return f"No job matches “{shown(self._filter.text)}”.  esc clears the filter."
        return self.below(found)

    def _rule(self) -> Line:
        counts, scanned = self.counts, self._list.scanned
        parts: Line = [("Jobs" if scanned else "Next job of", "bold")]
        for tab in TABS:
            label = f"{tab} {full(getattr(counts, tab))}" if tab else "all"
            if not tab and not scanned:
                label = "each state"
            parts.append((f"[{label}]", "bold") if tab == self._tab else (label, "dim"))
        if self._filter.text:
            parts.append((self._filter_words(), "warn" if self._filter.problem else "accent"))
        elif self.size.width >= WIDE:
            parts.append(("h/l looks at one state", "dim"))
        return rule(parts, self.size.width)

    def status_of(self, words: Line) -> Line:
        """The status line: where the cursor is, what is marked, these words, how far a scan is."""
        left: Line = [(" ", ""), *words]
        if place := self.table.place:
            left = [(f" {place}", "dim"), *left]
        if marked := len(self.table.marked):
            left = [(f" {full(marked)} marked  ", "bold"), *left]
        right: Line = (
            [(f"{self.why_off} ", "warn")] if self.facts.watched.link.state == "down" else []
        )
        if not right and self._list.scanned and place:
            right = [(f"{coverage_words(self._list.scan, self._scan_problem)} ", "dim")]
        return spread(left, right, self.size.width)

    def _filter_words(self) -> str:
        """What is filtered by, and how far that is."""
        said = f"filter: {shown(self._filter.text)}"
        if self._filter.problem:
            return f"{said}: {shown(self._filter.problem)}"
        read, of = self._list.search.read, len(self._list.scan.found)
        if self._filter.wants_bodies and read < of:
            return f"{said}: {full(read)} of {full(of)} bodies read"
        return said

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

    def action_scan(self) -> None:
        """Find all jobs; while that goes on, stop it."""
        if self._list.scan.running:
            self._list.scan.stop()
        else:
            self.carry_out(self._scan(self._list.prepare_scan()))

    def action_scan_oldest(self) -> None:
        """Find all jobs anew, from the lowest id on."""
        self._list.scan.stop()
        self.carry_out(self._scan(self._list.prepare_scan(oldest_first=True)))

    def action_ceiling(self) -> None:
        self.act(self._find_ceiling())

    async def _find_ceiling(self) -> None:
        """Where the ids end cannot be asked: only a new job tells."""
        lines: list[Line] = [
            [(" A job without a body is put into the tube beantop-scratch and deleted", "")],
            [(" at once: its id is the highest there is. The server counts a put and", "")],
            [(" a delete more than before.", "")],
        ]
        if not await agrees(self, "Find where the ids end?", lines, yes="Put and delete"):
            return
        try:
            highest = await self._list.scan.find_ceiling()
        except (OSError, Error) as error:
            self.say(f"Where the ids end is not known: {reason(error)}.")
        else:
            self.say(f"The highest id is {highest:,}. n walks up to it, and down.")

    async def _scan(self, scan: Scan) -> None:
        await self._redrawn_while(scan.run())
        self.redraw()
        self.look_now()

    async def _redrawn_while(self, work: Coroutine[Any, Any, object]) -> None:
        """Show how far it is, until it is done; keep why it could not be."""
        self._scan_problem = ""
        drawn = self.set_interval(0.25, self.redraw)
        try:
            await work
        except (OSError, Error) as error:
            self._scan_problem = reason(error)
        except ValueError as error:  # a name that no client can ask for
            self._scan_problem = str(error)
        finally:
            drawn.stop()

    def on_unmount(self) -> None:
        self._list.scan.stop()
        self._list.search.end()

    def action_open(self) -> None:
        """Open the job under the cursor, if it was seen whole; a large one is fetched for it."""
        if not (row := self.table.current):
            return
        if seen := self._list.seen(row):
            self.post_message(JobOpened(self, seen))
        elif row.body:
            self.carry_out(self._open_large(row))
        else:
            self.say(f"Job {row.job.id} is being looked at. Nothing was done yet.")

    async def _open_large(self, row: JobRow) -> None:
        try:
            seen = await self._list.fetch(row)
        except (OSError, Error) as error:
            self.say(f"Job {row.job.id} was not opened: {reason(error)}.")
            return
        if seen:
            self.post_message(JobOpened(self, seen))
        else:
            self.say(f"Job {row.job.id} is gone: it was deleted, by a worker or by hand.")

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
        elif not self.clear_filter():
            await self.run_action("app.leave")

    def on_live_table_highlighted(self) -> None:
        self.query_one("#status", Lines).show([self.status()])

    def filtered(self, words: str) -> None:
        self._filter = JobFilter(words)
        self._keeps = self._kept_by(self._filter)
        self._list.search.end()
        self.redraw()

    def on_filter_line_left(self) -> None:
        """What is typed is a wish once it is kept: then the bodies are read."""
        super().on_filter_line_left()
        if self._filter.wants_bodies:
            self.carry_out(self._search(self._filter))

    def _kept_by(self, only: JobFilter) -> Callable[[ListedJob], bool] | None:
        return (
            (lambda job: only.keeps(job, self._list.search.matched)) if only.text.strip() else None
        )

    async def _search(self, only: JobFilter) -> None:
        await self._redrawn_while(self._list.search.run(self._list.scan.found, only.matches))
        self._keeps = self._kept_by(self._filter)  # so that the list is made anew
        self.redraw()

    def on_live_table_marked(self) -> None:
        self.redraw()

    def action_edit(self) -> None:
        if len(self.table.marked) > 1:
            self.say("E edits one job: unmark the others.")
        else:
            super().action_edit()

    def on_jobs(self, action: JobAction) -> None:
        """On the marked jobs, or the one under the cursor."""
        if self.table.marked:
            if marked := self._list.rows_of(self.table.marked):
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
                await self._list.scan.look_at(tally.done_ids)
            except (OSError, Error) as error:
                self.why_not_seen = reason(error)
            self.redraw()
