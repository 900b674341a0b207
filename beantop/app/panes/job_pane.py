"""A list of jobs, of a tube or of a whole server: finding them, choosing among them, their bodies."""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer

from beantop.app.action_context import ActionContext
from beantop.app.actions.jobs import JobAction
from beantop.app.actions.table import ACTIONS
from beantop.app.keys import job_bindings, named, scan_bindings
from beantop.app.messages import CopyWanted, JobOpened, Redrawn
from beantop.app.panes.refresher import Refresher
from beantop.app.panes.table_pane import Orders, TablePane
from beantop.app.view.column import AS_THEY_COME, Column
from beantop.app.view.filter_words import unreadable
from beantop.app.view.header import WIDE
from beantop.app.view.job_columns import LETTERS, ORDERS, job_key
from beantop.app.view.job_filter import JobFilter
from beantop.app.view.job_lines import is_gone
from beantop.app.view.jobs_words import TABS, coverage_words, filter_words, none_matches, tab_words
from beantop.app.view.lines import Line, cut, rule, spread, width_of
from beantop.beanstalk import Error, Job, State, describe_error
from beantop.formatting import grouped, printable
from beantop.jobs.bodies.texts import texts
from beantop.jobs.job_cursor import JobCursor
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobList, JobRow, JobRows, ListLook
from beantop.jobs.peek import JobRecord
from beantop.jobs.scan import Scan
from beantop.monitor.snapshot import Server, Tube

REDRAWN_EVERY = 0.25
"""Seconds between two drawings while something is looked for."""

TYPING = 0.5
"""Seconds without another key after which what was typed is looked for in bodies."""

SLOW = 0.5
"""Seconds after which it is said that a job is being fetched."""

FILTER_HINT = "words in id or body, a state, or as: timeouts > 3 and age > 1h"


class JobPane(TablePane[JobRow, int]):
    """The jobs of `tube`, or of the whole server where it is None.

    It asks for them itself, once for each poll, and acts on those that are marked.
    """

    ROW = "Job "

    FOOTER: ClassVar[Sequence[str]] = ("open", "scan", "kick", "delete", "back")

    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("enter", "open", "Inspect", key_display="enter", tooltip="Open the job"),
            Binding(
                "n",
                "scan",
                "All jobs",
                tooltip="Find all jobs by walking the ids; again: stop, go on",
            ),
            Binding("o", "scan_oldest", "Find all jobs, the oldest first"),
            Binding("right,l", "tab(1)", "Look at one state"),
            Binding("left,h", "tab(-1)", "Look at one state"),
            Binding("y", "copy", "Copy the id of the job"),
            *job_bindings(),
            *scan_bindings(),
            Binding("escape", "back", "Back", key_display="esc", tooltip="Unmark all, or back"),
        ]
    )

    def __init__(
        self,
        context: ActionContext,
        act: Callable[[Coroutine[Any, Any, None]], None],
        redraw_screen: Callable[[], None],
        tube: str | None,
        *,
        columns: Callable[[int, int], list[Column[JobRow]]],
        counts: Callable[[], Tube | Server],
        below: Callable[[bool], str],
        further_below: Callable[[int], list[Line]] = lambda lines: [],
    ) -> None:
        """`act` carries out what changes something, `redraw_screen` draws all again; `columns` gives those for a width and so many digits of
        an id; `counts` tells how many jobs there are in each state, `below` what is said of those that
        are shown, or of there being none, `further_below` what stands below the list and so many
        lines of words."""
        self._columns_of = columns
        self._id_digits = 0  # of the longest id that was on the screen
        super().__init__(
            self._columns,
            job_key,
            Orders(LETTERS, ascending="id"),
            AS_THEY_COME,
            self._redraw_list,
            id="jobs",
            filter_hint=FILTER_HINT,
        )
        self.table.bring_up_to_date = self._show_all_found
        self.context = context
        self.jobs = JobList(context.connection, tube)
        self.tab: State | None = None
        """The state that is looked at alone; None: all of them."""
        self.scan_problem = ""
        self.fade = False
        """Whether the rows are drawn dim, whatever is known of the server."""
        self._act = act
        self._counts, self._below, self._further_below = counts, below, further_below
        self._refresher = Refresher(self._look, self._take, redraw_screen)
        self._only = JobFilter()
        self._keeps: Callable[[JobInfo], bool] | None = None
        self._search_problem = ""
        self._unread = 0
        self._searches = False
        """Whether the bodies are to be read for the filter: it was typed, or kept."""
        self._typing: Timer | None = None
        self._opening = 0
        """The job that is fetched to be opened."""

    def polled(self) -> bool:
        """Ask for the jobs, if the server was polled since the last time; whether that was begun. Then
        the screen is drawn again when they come."""
        view = self.context.view
        frozen = view.frozen_at is not None
        return self._refresher.polled(self.app, view.watched.polls, frozen=frozen)

    def look_now(self) -> None:
        """Ask for the jobs without waiting for the next poll."""
        self._refresher.ask_now(self.app)

    async def _look(self) -> ListLook:
        return await self.jobs.look([row.job.id for row in self.table.visible_rows])

    def _take(self, seen: ListLook) -> None:
        """Keep what was seen. Marks of jobs that a server lost when it was restarted are not for
        those that have their numbers now."""
        restarts = self.jobs.restarts
        self.jobs.take(seen)
        if self.jobs.restarts != restarts:
            self.table.marked = frozenset()
        self._search_on()

    def _show_all_found(self) -> None:
        """Show all jobs that were found: a long list is put in order only now and then."""
        self.jobs.order_anew()
        self.redraw()

    def _seen(self) -> None:
        if self.is_attached:
            self.redraw()

    # What is shown:

    def _redraw_list(self) -> None:
        """Draw the list, its words, and what stands below."""
        self._unread = self._count_unread()
        self.show_rule(self._rule_line())
        order = ORDERS.get(self.order.key)
        found: Sequence[JobRow] = self.jobs.rows(
            self.tab, self._keeps, order, descending=self.order.descending
        )
        if self._only.problem:  # which there may be just now
            found = []
        if self._has_longer_ids(found[self.table.scroll_offset.y :][: self.size.height]):
            self.table.forget_columns()
        self.table.fade(self.fade or self.context.view.stale or bool(self._refresher.problem))
        words = self._words_below(bool(found))
        below = [*words, *self._further_below(len(found) + len(words))]
        self.show_rows(found, below=below, chosen=(self.tab, self._only))
        self.post_message(Redrawn())

    def _columns(self, width: int) -> list[Column[JobRow]]:
        self._has_longer_ids(self.table.visible_rows)
        return self._columns_of(width, self._id_digits)

    def _has_longer_ids(self, rows: Sequence[JobRow]) -> bool:
        """Whether some of the rows have an id that is longer than all before."""
        digits = max((len(str(row.job.id)) for row in rows), default=0)
        longer = digits > self._id_digits
        self._id_digits = max(self._id_digits, digits)
        return longer

    def _words_below(self, found: bool) -> list[Line]:
        if problem := self._only.problem:
            return unreadable(problem, self.size.width)
        said = self._below(found)
        if self._only.text and not found and self.jobs.heads is not None:
            said = none_matches(self._only, self._counts(), self._unread, self.jobs, self.tab)
        return [[], [(f"   {said}", "dim")]]

    def _count_unread(self) -> int:
        """How many bodies must still be read to know which jobs the filter lets through."""
        return self.jobs.search.unread(self.jobs.scan.found) if self._only.wants_bodies else 0

    def _rule_line(self) -> Line:
        parts = tab_words(self._counts(), self.tab, scanned=self.jobs.scanned)
        if self._only.text:
            of = len(self.jobs.scan.found)
            parts += filter_words(self._only, self._unread, of, self._search_problem)
        elif self.size.width >= WIDE:
            parts.append(("h/l looks at one state", "dim"))
        return rule(parts, self.size.width)

    @property
    def coverage(self) -> str:
        """How far the scan is."""
        return coverage_words(self.jobs.scan, self.scan_problem)

    @property
    def why_not_looked(self) -> str:
        """Why nothing is known of the jobs yet."""
        if self._refresher.problem:
            return f"Its jobs are not known: {printable(self._refresher.problem)}."
        if self.context.view.frozen_at is not None:
            return "Frozen before its jobs were looked at.  f goes on."
        return "Looking …"

    def status(self, words: Line) -> Line:
        """The status line: where the cursor is, what is marked, these words, how far a scan is."""
        left: Line = [(" ", "")]
        if place := self.table.place:
            left = [(f" {place}", "dim"), *left]
        if marked := len(self.table.marked):
            left = [(f" {grouped(marked)} marked  ", "bold"), *left]
        is_down = self.context.view.watched.link.state == "down"
        right: Line = [(f"{self.context.why_off} ", "warn")] if is_down else []
        if not right and self.jobs.scanned and place:
            right = [(f"{self.coverage} ", "dim")]
        width = self.size.width
        if not right or width_of([*left, *words, *right]) < width:
            return spread([*left, *words], right, width)
        return spread(left, cut(right, width - width_of(left) - 1), width)

    # Acting on jobs:

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "act":
            return None if self.context.why_off else True
        return super().check_action(action, parameters)

    def action_act(self, name: str) -> None:
        """Begin an action on the marked jobs, or on the one under the cursor."""
        action, marked = ACTIONS[name], self.table.marked
        if action.on_scan:
            self._act(action.on_scan(self.context, self.jobs.scan))
        elif why_not := self.why_unseen:
            self.context.say(why_not)
        elif action.one_at_a_time and len(marked) > 1:
            self.context.say("E edits one job: unmark the others.")
        elif action.on_jobs and (rows := self._targets()):
            self._act(self._act_on(action.on_jobs, rows))
        elif marked:
            self.context.say("The marked jobs are gone. Nothing was done; esc forgets the marks.")

    def _targets(self) -> list[JobRow]:
        """The marked jobs, as far as they are known, or the one under the cursor."""
        if self.table.marked:
            return self.jobs.rows_of(self.table.marked)
        return [self.table.current] if self.table.current else []

    async def _act_on(self, action: JobAction, rows: Sequence[JobRow]) -> None:
        """Act on jobs: what was done to loses its mark; what was not keeps it."""
        if tally := await action(self.context, rows):
            self.table.marked -= tally.done_ids
            try:
                await self.jobs.scan.look_at(tally.done_ids)
            except (OSError, Error) as error:
                self._refresher.problem = describe_error(error)
            self._seen()

    # Opening one:

    def action_open(self) -> None:
        """Open the job under the cursor; one that was not seen whole is fetched for it. Where the
        filter shows none, read the bodies that were not read."""
        if not (row := self.table.current):
            self._search_now()
        elif seen := self.jobs.seen(row):
            self._opening = 0
            self._open(seen)
        elif self._opening != row.job.id:
            self._opening = row.job.id
            say = partial(self.context.say, f"Job {row.job.id} is being fetched.")
            self._run(self._open_fetched(row, self.set_timer(SLOW, say)))

    def on_live_table_opened(self) -> None:
        self.action_open()

    async def _open_fetched(self, row: JobRow, slow: Timer) -> None:
        """Open the job when it comes, if no other one was opened since."""
        id = row.job.id
        try:
            seen = await self.jobs.fetch(row)
        except (OSError, Error) as error:
            self.context.fail(f"Job {id} was not opened: {describe_error(error)}.")
        else:
            if self._opening == id and seen:
                self._open(seen)
            elif self._opening == id:
                self.context.say(is_gone(id))
        finally:
            slow.stop()
            if self._opening == id:
                self._opening = 0

    def _open(self, seen: JobRecord) -> None:
        rows, cursor = self.table.rows, None
        if isinstance(rows, JobRows) and (at := rows.place_of(seen.id)) is not None:
            cursor = JobCursor(rows, at, self.jobs.fetch, self.table.move_to_key)
        self.post_message(JobOpened(self.screen, seen, cursor))

    # Keys:

    def action_copy(self) -> None:
        if row := self.table.current:
            self.post_message(CopyWanted(str(row.job.id), f"job id {row.job.id}"))

    async def action_back(self) -> None:
        """Undo one step: first the marks go, then the filter, then the screen."""
        if not self.unmark() and not self.filter.clear():
            await self.run_action("app.leave")

    def action_tab(self, by: int) -> None:
        self.tab = TABS[(TABS.index(self.tab) + by) % len(TABS)]
        self.redraw()

    def on_live_table_moved(self) -> None:
        self.call_after_refresh(self._look_at_bodies)

    def _look_at_bodies(self) -> None:
        if any(row.body is None for row in self.table.visible_rows):
            self.look_now()

    def filtered(self, words: str) -> None:
        self._only = JobFilter(words)
        self._keeps = self._kept_by(self._only)
        self._searches = False
        self.jobs.search.end()
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(TYPING, self._search_now) if words else None
        self.redraw()

    def on_filter_line_left(self) -> None:
        self._search_now()

    def _search_now(self) -> None:
        """Read bodies: what is typed is a wish once it is kept, or no more is typed."""
        self._searches = self._only.wants_bodies
        self._search_on()

    def _search_on(self) -> None:
        """Read the bodies that were not read yet, also those of jobs that were found since."""
        if self._searches and self._count_unread() and not self.jobs.search.running:
            self._run(self._search())

    def _kept_by(self, only: JobFilter) -> Callable[[JobInfo], bool] | None:
        return (
            (lambda job: only.keeps(job, self.jobs.search.matched)) if only.text.strip() else None
        )

    # Finding:

    def action_scan(self) -> None:
        """Find all jobs; while that goes on, stop it."""
        if self.jobs.scan.running:
            self.jobs.scan.stop()
        else:
            self._run(self._scan(self.jobs.prepare_scan()))

    def action_scan_oldest(self) -> None:
        """Find all jobs again, from the lowest id on."""
        self.jobs.scan.stop()
        self._run(self._scan(self.jobs.prepare_scan(oldest_first=True)))

    async def _scan(self, scan: Scan) -> None:
        """Find all jobs, then look in all of them for the words that are kept."""
        self.scan_problem = ""
        self.scan_problem = await self._redrawn_while(scan.run())
        if not self.is_attached:
            return
        self._show_all_found()
        self.look_now()
        self._search_on()

    async def _search(self) -> None:
        """Read the bodies that were not read yet for what the filter looks for in them."""
        self._search_problem = ""
        only, found = self._only, self.jobs.scan.found

        def matches(job: Job[bytes]) -> bool:
            how = self.context.view.decoder(found[job.id].tube) if job.id in found else ""
            told = texts(job.body, how, for_words=only.words.are_plain)
            return only.words.match(str(job.id), more=told)

        self._search_problem = await self._redrawn_while(self.jobs.search.run(found, matches))
        if only == self._only:
            self._keeps = self._kept_by(only)  # so that the list is made again
            self._seen()

    async def _redrawn_while(self, work: Coroutine[Any, Any, object]) -> str:
        """Show how far the work is until it is done; return why it failed, or ""."""
        drawn = self.set_interval(REDRAWN_EVERY, self.redraw)
        try:
            await work
        except (OSError, Error) as error:
            return describe_error(error)
        except ValueError as error:  # a name that no client can ask for
            return str(error)
        finally:
            drawn.stop()
        return ""

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it to the end, even if this screen is left meanwhile: what was sent wants its reply."""
        self.app.run_worker(work)

    def on_unmount(self) -> None:
        self.jobs.scan.stop()
        self.jobs.search.end()
