"""A list of jobs, of one tube or of a whole server: scanning, filtering, searching in bodies."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, get_args

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from beantop.app.action_context import ActionContext
from beantop.app.actions.jobs import JobAction, act_on
from beantop.app.actions.table import ACTIONS
from beantop.app.keys import job_bindings, named, scan_bindings
from beantop.app.messages import Chosen, CopyWanted, JobOpened, Redrawn
from beantop.app.panes.refresher import Refresher
from beantop.app.panes.table_pane import Orders, TablePane
from beantop.app.view.column import AS_THEY_COME, Column
from beantop.app.view.filter_words import unreadable
from beantop.app.view.header import WIDE
from beantop.app.view.highlight import nothing
from beantop.app.view.job_columns import LETTERS, MIN_BODY, ORDERS, Look, job_key
from beantop.app.view.job_filter import JobFilter
from beantop.app.view.job_lines import is_gone
from beantop.app.view.jobs_words import (
    TABS,
    coverage_words,
    filter_words,
    none_matches,
    tab_words,
    undecided_in,
)
from beantop.app.view.lines import Line, cut, rule, rule_width, spread, width_of, wrapped
from beantop.app.view.preview_lines import MIN_HEIGHT, preview_height
from beantop.app.widgets.job_preview import JobPreview
from beantop.beanstalk import Error, Job, State, describe_error
from beantop.formatting import grouped, printable
from beantop.jobs.bodies.texts import PIECE, Texts, beginning
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_cursor import JobCursor
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobList, JobRow, JobRows, ListPeek
from beantop.jobs.peek import JobRecord
from beantop.jobs.scan import Scan
from beantop.monitor.snapshot import Server, Tube

REDRAW_SECONDS = 0.25
"""Seconds between redraws during a scan or a search."""

TYPING_SECONDS = 0.5
"""Seconds after the last key until the search in bodies starts."""

CHEAP_IDS = 20_000
"""Ids that are scanned when a tube is opened, from its first jobs on. If there are more, `n` finds them."""

CHEAP_RATE, MIN_RATE = 5_000.0, 200.0
"""Ids per second: where nothing limits them, some 3 % of the server's time; and where polling leaves
little."""

SLOW_SECONDS = 0.5
"""Seconds after which the user is told that a job is still loading."""

STATE_KEYS = "look_at_one_state"
"""The name in `[keys]` of the keys that show one state: configurations have it."""

BODY_STEP = 10
"""Characters by which a key scrolls the column of bodies."""

FILTER_HINT = "words in id or body, a state, or e.g. timeouts > 3 and age > 1h"


class JobPane(TablePane[JobRow, int]):
    """The jobs of `tube`, or of the whole server if that is None.

    The pane peeks at the jobs itself, once per poll, and acts on the marked ones.
    """

    ROW = "job "

    FOOTER: ClassVar[Sequence[str]] = ("open", "scan", "kick", "delete")

    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("enter", "open", "Inspect", key_display="enter", tooltip="Open the job"),
            Binding(
                "n",
                "scan",
                "All jobs",
                tooltip="Find all jobs, or the rest of them",
            ),
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
    ) -> None:
        """Callbacks of the screen:

        `act` runs an action that changes something; `redraw_screen` redraws the whole screen;
        `columns` returns the columns for a width;
        `counts` returns the tube or server with the number of jobs in each state;
        `below` returns the sentence below the list, given whether the list has any rows;
        `further_below` returns the lines below that, given the number of lines already in use.
        """
        self._columns_of = columns
        self._look = Look()
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
        """The only state to show; None for all states."""
        self.scan_problem = ""
        self._is_automatic = False
        """Whether the last scan was not started by a key."""
        self._resumes = False
        """Whether a scan that no key started was interrupted."""
        self._shown: object = None
        """What the user chose to see when the list was drawn last."""
        self._scanning: Scan | None = None
        """The scan that was started last, until it ends."""
        self._is_untouched = True
        """Whether the list stays at its top while jobs are found, since no key was for a row yet."""
        self._first_poll_after_scan = 0
        """The number of the first poll that began after the last scan ended."""
        self.fade = False
        """Whether rows are always dim, even if the server's data is current."""
        self._act = act
        self._counts, self._below, self._further_below = counts, below, further_below
        self._preview = JobPreview()
        self._refresher = Refresher(self._peek, self._take, redraw_screen)
        self._job_filter = JobFilter()
        self._keeps: Callable[[JobInfo], bool] | None = None
        self._search_problem = ""
        self._unread = 0
        self._searches = False
        """Whether bodies are read for the filter: the user stopped typing it, or confirmed it."""
        self._typing: Timer | None = None
        self._requested: set[int] = set()
        """Ids of the jobs whose bodies were requested last."""
        self._opening = 0
        """Id of the job being fetched for opening; 0 for none."""
        self._preview_height = 0

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self._preview

    def polled(self) -> bool:
        """Fetch the jobs if the server was polled since the last call. Return whether a fetch was
        started; the screen is redrawn when it ends."""
        if self._scanning and self._is_frozen:
            self._scanning.stop()
        polls = self.context.view.watched.polls
        return self._refresher.polled(self.app, polls, frozen=self._is_frozen)

    @property
    def _is_frozen(self) -> bool:
        return self.context.view.frozen_at is not None

    def poll_now(self) -> None:
        """Fetch the jobs without waiting for the next poll."""
        self._refresher.ask_now(self.app)

    async def _peek(self) -> ListPeek:
        visible = [row.job.id for row in self.table.visible_rows]
        aside = self.context.view.watched.aside
        return await self.jobs.peek(visible, None if aside is None else aside // 2)

    def _take(self, peeked: ListPeek) -> None:
        """Store the result of `_peek`.

        Drop all marks if the server lost its jobs in a restart: other jobs may have their ids now.
        """
        restarts = self.jobs.restarts
        self.jobs.take(peeked)
        if self.jobs.restarts != restarts:
            self.table.marked = frozenset()
        if self._resumes and self.jobs.scanned:
            self._resumes = False
            self._start_scan(self.jobs.scan, by_key=False)
        elif not self.jobs.scanned and CHEAP_IDS:
            now = self._counts()
            counts: dict[State, int] = {
                state: getattr(now, state) or 0 for state in get_args(State)
            }
            self._start_scan(self.jobs.prepare_first_scan(counts), by_key=False)
        self._search_unread()

    def _show_all_found(self) -> None:
        """Show all jobs found so far. Long lists are otherwise sorted only now and then."""
        self.jobs.sort_again()
        self.redraw()

    def _redraw_if_attached(self) -> None:
        if self.is_attached:
            self.redraw()

    # What is shown:

    def _redraw_list(self) -> None:
        """Redraw the rule, the list and the lines below it."""
        self._unread = self._count_unread()
        self.show_rule(self._rule_line())
        order = ORDERS.get(self.order.key)
        found: Sequence[JobRow] = self.jobs.rows(
            self.tab, self._keeps, order, descending=self.order.descending
        )
        chosen = (self.tab, self._job_filter, self.order)
        if self._is_frozen and chosen == self._shown and self.table.rows:
            found = self.table.rows
        self._shown = chosen
        if self._job_filter.problem:  # it may have appeared while filtering
            found = []
        top = self.table.scroll_offset.y
        if self._note_look(found[top : top + self.size.height]):
            self.table.forget_columns()
        self.table.fade(self._is_outdated)
        below = self._words_below(bool(found))
        self._preview_height = self._room_of_preview(len(found) + len(below)) if found else 0
        if self._further_below:
            below += self._further_below(len(found) + len(below) + self._preview_height)
        self.show_rows(found, below=below, chosen=chosen[:2], at_top=self._is_untouched)
        self._show_preview()
        self._fetch_missing_bodies()
        self.post_message(Redrawn())

    @property
    def _is_outdated(self) -> bool:
        return self.fade or self.context.view.stale or bool(self._refresher.problem)

    def _room_of_preview(self, list_lines: int) -> int:
        """Return the height of the preview beside a list of `list_lines` lines without its head."""
        if self.context.view.state.hide_preview:
            return 0
        room = self.size.height - 1  # without the rule above the list
        graphs = self._further_below is not None
        return preview_height(room, list_lines + 1, self._preview.needed, graphs=graphs)

    def _show_preview(self) -> None:
        row, needed = self.table.current if self.table.rows else None, self._preview.needed
        decoder = self.context.view.decoder(row.job.tube) if row else ""
        self._preview.show(
            row,
            decoder,
            self.size.width,
            self._preview_height,
            faded=self._is_outdated,
            find=self._look.find,
        )
        if self._preview.needed > needed and self._preview_height:
            self.call_later(self._redraw_if_attached)

    def _columns(self, width: int) -> list[Column[JobRow]]:
        self._note_look(self.table.visible_rows)
        return self._columns_of(width, self._look)

    def _note_look(self, rows: Sequence[JobRow]) -> bool:
        """Return whether these rows need other columns than the rows before."""
        before, self._look = self._look, self._look.after(rows)
        return self._look != before

    def _words_below(self, found: bool) -> list[Line]:
        if problem := self._job_filter.problem:
            return unreadable(problem, self.size.width)
        sentence = self._below(found)
        if self._job_filter.text and not found and self.jobs.heads is not None:
            sentence = none_matches(
                self._job_filter, self._counts(), self._unread, self.jobs, self.tab
            )
        return [[], *wrapped([(f"   {sentence}", "dim")], self.size.width)]

    def _count_unread(self) -> int:
        """Return the number of bodies that must still be read to apply the filter."""
        return self.jobs.search.unread(self.jobs.scan.found) if self._job_filter.wants_bodies else 0

    def _rule_line(self) -> Line:
        parts = tab_words(self._counts(), self.tab, scanned=self.jobs.scanned)
        if self._job_filter.text:
            total = len(self.jobs.scan.found)
            undecided = undecided_in(self.jobs, self.tab)
            only = filter_words(
                self._job_filter, self._unread, total, self._search_problem, undecided
            )
            if rule_width([*parts, *only]) > self.size.width:  # the filter matters more
                parts = [part for part in parts if part[1].startswith("bold")]
            parts += only
        elif self.size.width >= WIDE:
            parts.append(("h/l shows one state", "dim"))
        return rule(parts, self.size.width)

    @property
    def coverage(self) -> str:
        """How much the scan has covered, as a sentence."""
        is_later = not self.jobs.scan.running and self._polls >= self._first_poll_after_scan
        later = self._counts() if is_later else None
        return coverage_words(
            self.jobs.scan,
            later,
            self.scan_problem,
            self.jobs.skipped,
            by_key=not self._is_automatic,
        )

    @property
    def _polls(self) -> int:
        """The number of polls of the server so far."""
        return self.context.view.watched.polls

    @property
    def why_unknown(self) -> str:
        """Why the jobs are not known yet, as a sentence."""
        if self._refresher.problem:
            return f"Could not list the jobs: {printable(self._refresher.problem)}."
        if self.context.view.frozen_at is not None:
            return "Frozen before the jobs were listed.  f resumes."
        return "Loading …"

    def status(self, words: Line) -> Line:
        """Return the status line: marks, cursor position, `words`, and the progress of a scan."""
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
        if not right:
            return [*left, *words]
        if width_of([*left, *words, *right]) < width:
            return spread([*left, *words], right, width)
        return spread(left, cut(right, width - width_of(left) - 1), width)

    # Acting on jobs:

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "act":
            return None if self.context.why_off else True
        return super().check_action(action, parameters)

    def action_act(self, name: str) -> None:
        """Start an action on the marked jobs, or on the one under the cursor."""
        action, marked = ACTIONS[name], self.table.marked
        self._is_untouched = False
        if action.on_scan:
            self._act(action.on_scan(self.context, self.jobs.scan))
        elif why_not := self.why_just_moved:
            self.context.say(why_not)
        elif action.one_at_a_time and len(marked) > 1:
            self.context.say(f"{action.key} ({action.label}) works on one job: unmark the others.")
        elif action.on_jobs and (rows := self._targets()):
            self._act(self._act_on(action.on_jobs, rows))
        elif marked:
            self.context.say("The marked jobs are gone. Nothing was done; esc clears the marks.")
        else:
            why = (
                "No job is listed yet" if self.jobs.heads is None else "No job is under the cursor"
            )
            self.context.say(f"{why}. Nothing was done.")

    def _targets(self) -> list[JobRow]:
        """Return the marked jobs that are still known, or the one under the cursor."""
        if self.table.marked:
            return self.jobs.rows_of(self.table.marked)
        return [self.table.current] if self.table.current else []

    async def _act_on(self, action: JobAction, rows: Sequence[JobRow]) -> None:
        """Act on jobs. Unmark those on which the action succeeded; the others stay marked. If none is
        marked, the cursor goes on to the next job."""
        if tally := await act_on(self.context, action, rows):
            self.table.marked -= tally.done_ids
            if rows[0].job.id in tally.done_ids:
                self.table.move_on_from(rows[0].job.id)
            self._run(self._show_changes(tally))  # the next action need not wait for that

    async def _show_changes(self, tally: Tally) -> None:
        await self._poll_jobs(tally.done_ids)
        await self.add_jobs(tally.new_ids.values())

    async def add_jobs(self, ids: Iterable[int]) -> None:
        """Add jobs that were put just now to a list of found jobs, as far as they belong there."""
        if self.jobs.scanned:
            await self._poll_jobs(ids)
            self.jobs.sort_again()

    async def _poll_jobs(self, ids: Iterable[int]) -> None:
        """Poll jobs, and redraw the list."""
        try:
            await self.jobs.scan.poll_jobs(ids)
        except Error as error:
            self._refresher.problem = describe_error(error)
        self._redraw_if_attached()

    # Opening one:

    def action_open(self) -> None:
        """Open the job under the cursor, fetching it first if it is not known completely.

        If the filter shows no jobs, search the bodies that were not read yet.
        """
        self._is_untouched = False
        if not (row := self.table.current):
            self._search_now()
        elif record := self.jobs.seen(row):
            self._opening = 0
            self._open(record)
        elif self._opening != row.job.id:
            self._opening = row.job.id
            say = partial(self.context.say, f"Job {row.job.id} is still loading.")
            self._run(self._fetch_and_open(row, self.set_timer(SLOW_SECONDS, say)))

    def on_live_table_opened(self) -> None:
        self.action_open()

    async def _fetch_and_open(self, row: JobRow, slow: Timer) -> None:
        """Fetch a job and open it, unless another one was opened meanwhile."""
        id = row.job.id
        try:
            record = await self.jobs.fetch(row)
        except Error as error:
            self.context.fail(f"Could not open job {id}: {describe_error(error)}.")
        else:
            if self._opening == id and record:
                self._open(record)
            elif self._opening == id:
                self.context.say(is_gone(id))
        finally:
            slow.stop()
            if self._opening == id:
                self._opening = 0

    def _open(self, record: JobRecord) -> None:
        rows, cursor = self.table.rows, None
        if isinstance(rows, JobRows) and (at := rows.place_of(record.id)) is not None:
            cursor = JobCursor(rows, at, self.jobs.fetch, self.table.move_to_key)
        self.post_message(JobOpened(self.screen, record, cursor, self._look.find))

    # Keys:

    def action_copy(self) -> None:
        if row := self.table.current:
            self.post_message(CopyWanted(str(row.job.id), f"job id {row.job.id}"))

    async def action_back(self) -> None:
        """Go one step back: stop a scan that a key started, or else remove the marks, or else the filter,
        or else leave the screen."""
        if self._scanning and not self._is_automatic:
            self.jobs.scan.stop()
        elif not self.unmark() and not self.filter.clear():
            await self.run_action("app.leave")

    def action_tab(self, by: int) -> None:
        self.action_show_state(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    def action_show_state(self, state: State | None) -> None:
        self.tab = state
        self.redraw()

    def action_sideways(self, by: int) -> None:
        """Show what is further right, or left, in the column of bodies."""
        bodies = [row.body.beginning for row in self.table.visible_rows if row.body]
        longest = max((len(beginning(body, PIECE)) for body in bodies), default=0)
        if all(column.key != "body" for column in self._columns(self.size.width)):
            self.context.say("The window is too narrow for the BODY column.")
            return
        shift = max(0, min(self._look.shift + by * BODY_STEP, longest - MIN_BODY))
        self._look = replace(self._look, shift=shift)
        self.table.forget_columns()
        self.redraw()

    def action_preview(self) -> None:
        """Show or hide the preview."""
        hidden = not self.context.view.state.hide_preview
        self.post_message(Chosen(hide_preview=hidden))
        if not hidden and self.table.rows and self.size.height - 1 < 3 * MIN_HEIGHT:
            self.context.say("The window is too short for a preview.")

    def on_live_table_highlighted(self) -> None:
        self._show_preview()

    def on_live_table_marked(self) -> None:  # Textual also calls the one of TablePane
        self._is_untouched = False

    def on_live_table_moved(self) -> None:
        self._is_untouched = False
        self.call_after_refresh(self._fetch_missing_bodies)

    def _fetch_missing_bodies(self) -> None:
        """Fetch the bodies of visible rows, each once: if that fails, the next polls try again."""
        missing = {row.job.id for row in self.table.visible_rows if row.body is None}
        if self.jobs.scanned and missing - self._requested and self._refresher.ask_now(self.app):
            self._requested = missing

    def filtered(self, words: str) -> None:
        self._job_filter = JobFilter(words)
        wanted = self._job_filter.words
        self._look = replace(self._look, find=wanted.find if wanted.text else nothing)
        self.table.forget_columns()
        self._keeps = self._kept_by(self._job_filter)
        self._searches = False
        self.jobs.search.end()
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_SECONDS, self._search_now) if words else None
        self.redraw()

    def on_filter_line_left(self) -> None:
        self._search_now()

    def _search_now(self) -> None:
        """Search in bodies, now that the filter is confirmed or the user stopped typing."""
        self._searches = self._job_filter.wants_bodies
        self._search_unread()

    def _search_unread(self) -> None:
        """Read bodies that were not read yet, also those of jobs found since the last search."""
        if self._searches and self._count_unread() and not self.jobs.search.running:
            self._run(self._search())

    def _kept_by(self, only: JobFilter) -> Callable[[JobInfo], bool] | None:
        return (
            (lambda job: only.keeps(job, self.jobs.search.matched)) if only.text.strip() else None
        )

    # Finding:

    def action_scan(self) -> None:
        """Find all jobs, or the rest of them."""
        if self._is_frozen:
            self.context.say("The screen is frozen.  f resumes.")
        elif not self._scanning:
            self._start_scan(self.jobs.prepare_scan())
        elif self._is_automatic:
            self._is_automatic = False
            self.jobs.scan.hurry()
            self.redraw()
        else:
            self.context.say("A scan is already running.  esc stops it.")

    def action_scan_oldest(self) -> None:
        """Scan for all jobs again, starting at the lowest id."""
        self.jobs.scan.stop()
        self._start_scan(self.jobs.prepare_scan(oldest_first=True))

    def _start_scan(self, scan: Scan, *, by_key: bool = True) -> None:
        """Scan for all jobs; or, if no key asked for that, at little cost for those near the first ones."""
        self._is_automatic, self._scanning = not by_key, scan
        self._run(self._scan(scan, scan.run() if by_key else scan.run(CHEAP_IDS, rate=self._rate)))

    @property
    def _rate(self) -> float:
        """The ids per second of a scan that no key started: what polling leaves."""
        watched = self.context.view.watched
        if not watched.aside or not watched.pace:
            return CHEAP_RATE
        return max(MIN_RATE, min(CHEAP_RATE, watched.aside / watched.pace))

    async def _scan(self, scan: Scan, run: Coroutine[Any, Any, object]) -> None:
        """Scan, then search the bodies that were found for the filter."""
        self.scan_problem = ""
        problem = await self._await_redrawing(run)
        if scan is not self._scanning:  # another one was started meanwhile
            return
        self.scan_problem, self._scanning = problem, None
        self._resumes = self._is_automatic and (bool(problem) or self._is_frozen)
        if self._is_frozen:
            return
        self._first_poll_after_scan = self._polls + 2  # one poll may be under way
        if not self.is_attached:
            return
        self._show_all_found()
        self.poll_now()
        self._search_unread()

    async def _search(self) -> None:
        """Read unread bodies and match them against the filter."""
        self._search_problem = ""
        only, found = self._job_filter, self.jobs.scan.found

        def matches(job: Job[bytes]) -> bool | None:
            decoder = self.context.view.decoder(found[job.id].tube) if job.id in found else ""
            texts = Texts(job.body, decoder, only.words.parts)
            result = only.words.match(str(job.id), more=texts)
            is_sure = not texts.is_cut or (result and not only.words.excludes)
            return result if is_sure else None

        self._search_problem = await self._await_redrawing(self.jobs.search.run(found, matches))
        if only == self._job_filter:
            self._keeps = self._kept_by(only)  # a new function, so that the list is filtered again
            self._redraw_if_attached()

    async def _await_redrawing(self, work: Coroutine[Any, Any, object]) -> str:
        """Await the work, redrawing its progress. Return why it failed, or ""."""
        timer = self.set_interval(REDRAW_SECONDS, self.redraw)
        try:
            await work
        except Error as error:
            return describe_error(error)
        except ValueError as error:  # the name cannot be sent in a command
            return str(error)
        finally:
            timer.stop()
        return ""

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run to completion even if the screen is left: replies to commands must still be read."""
        self.app.run_worker(work)

    def on_unmount(self) -> None:
        self.jobs.scan.stop()
        self.jobs.search.end()
