"""One job: everything the server reports about it, and its body."""

import math
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from beantop.app.actions.jobs import JobAction, act_on
from beantop.app.actions.pager import page
from beantop.app.actions.table import Action
from beantop.app.dialogs.ask import AskTextDialog
from beantop.app.keys import job_bindings
from beantop.app.panes.refresher import Refresher
from beantop.app.questions import AskText
from beantop.app.screens.server_screen import TRASH_KEYS, ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.empty_states import FROZEN
from beantop.app.view.header import WIDE, link_line, title_line
from beantop.app.view.highlight import Find, nothing
from beantop.app.view.job_lines import as_list, as_paragraph, is_masked, what_keys_do
from beantop.app.view.lines import Line, dimmed, rule
from beantop.app.view.syntax import is_colored
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.filter import Filter
from beantop.app.widgets.selection import JUST_MOVED_SECONDS
from beantop.app.widgets.styled import Lines
from beantop.beanstalk import Error
from beantop.formatting import printable, size
from beantop.jobs.aside import SAVING, in_time_async
from beantop.jobs.bodies.masking import masked_views
from beantop.jobs.bodies.plain import SHOWN
from beantop.jobs.bodies.texts import shown_text
from beantop.jobs.bodies.views import View
from beantop.jobs.body import Body
from beantop.jobs.job_cursor import JobCursor
from beantop.jobs.job_info import is_gone
from beantop.jobs.listing import JobRow
from beantop.jobs.peek import JobRecord, peek_job, peek_job_again
from beantop.jobs.storage import write_new

FACTS_WIDTH = 38
"""Width in cells of the facts beside the body, as in beantop.tcss."""


class JobScreen(ServerScreen):
    """A job, peeked again with each poll; steps to its neighbors in the list it was opened from."""

    FOOTER = ("kick", "delete", "view", "wrap", "copy")

    BINDINGS: ClassVar[list[BindingType]] = [
        *job_bindings(),
        *TRASH_KEYS,
        Binding("v", "view", "View", tooltip="Show the next view of the body"),
        Binding("w", "wrap", "Wrap", tooltip="Wrap or cut long lines"),
        Binding("y", "copy", "Copy", tooltip="Copy the body as shown"),
        Binding("o", "pager", "Pager", tooltip="Open the body in $PAGER"),
        Binding("slash,f3,f4", "filter", "Search in the body"),
        Binding("e", "save", "Save the body to a file"),
        Binding(
            "left_parenthesis",
            "step(-1)",
            "Job before in the list",  # its name in [keys] comes from this
            tooltip="Previous job in the list",
        ),
        Binding("right_parenthesis", "step(1)", "Next job in the list"),
        Binding("escape", "back", "Back", key_display="esc"),
    ]

    def __init__(
        self,
        server: ServerSession,
        services: Services,
        views: Sequence[ServerView],
        record: JobRecord,
        cursor: JobCursor | None = None,
        find: Find = nothing,
    ) -> None:
        """`cursor` is the position of the job in the list it was opened from; `find` finds what that
        list is filtered by."""
        super().__init__(server, services, views)
        self._wrap = True
        self.filter: Filter = Filter(self, "words in the body", self._search, before="#status")
        self._cursor = cursor
        self._find = find
        self._refresher = Refresher(self._peek, self._take, self.redraw)
        self._shown_at, self._pressed_at = -math.inf, 0.0
        self._chosen_name = ""
        """Name of the view that the user chose; "" for the best one."""
        self._set_record(record)
        self._show_as(self._views[0])

    def _set_record(self, record: JobRecord) -> None:
        self._record = record
        self._gone = False
        reading = self.view.reading(record.tube)
        self._views = masked_views(record.body, reading)
        self._is_masked = bool(reading.shown(record.body).note)

    def _show_job(self, record: JobRecord) -> None:
        """Show another job, in the view that the user chose if its body has that view."""
        self._set_record(record)
        self._refresher.problem = ""
        chosen = (view for view in self._views if view.name == self._chosen_name)
        self._show_as(next(chosen, self._views[0]))
        self._body.scroll_home(animate=False)
        self.redraw()

    def on_mount(self) -> None:  # Textual also calls the one of ServerScreen, first
        if self._find is not nothing:
            self.call_after_refresh(self._body.scroll_to_found)

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="job"):
            with Vertical(id="facts"):
                yield Lines(id="facts-rule")
                yield Lines(id="facts-lines")
            with Vertical():
                yield Lines(id="body-rule")
                yield BodyView(id="body", classes="main")

    def asks_first(self) -> bool:
        frozen = self.view.is_frozen
        return self._refresher.polled(self.app, self.view.watched.polls, frozen=frozen)

    async def _peek(self) -> tuple[int, JobRecord | None]:
        before = self._record
        return before.id, await peek_job_again(self.server.connection, before)

    def _take(self, peeked: tuple[int, JobRecord | None]) -> None:
        id, record = peeked
        if id != self._record.id:  # the screen has moved to another job meanwhile
            return
        self._gone = record is None
        if record is not None:
            self._record = record

    def _show_as(self, view: View) -> None:
        self._shown_as = view
        self._body_lines = view.lines()

    @property
    def _outdated(self) -> bool:
        return self._gone or self.view.stale or bool(self._refresher.problem)

    # What is shown:

    def header(self) -> list[Line]:
        tube, job = printable(self._record.tube), f"job {self._record.id}"
        title = title_line(self.view, self.size.width, tube, job)
        if self.view.watched.link.state == "down":
            return [title, link_line(self.view)]
        return [title]

    def redraw_body(self) -> None:
        wide = self.size.width >= WIDE
        width = FACTS_WIDTH if wide else self.size.width
        self.query_one("#job").set_class(not wide, "-narrow")
        facts = as_list(self._record, width) if wide else as_paragraph(self._record)
        self.query_one("#facts-rule", Lines).show([rule([("Job", "bold")], width)])
        if self._outdated:
            facts = [dimmed(line) for line in facts]
        self.query_one("#facts-lines", Lines).show(facts if self.size.height >= 14 else facts[:1])
        self._body.show(
            self._body_lines,
            wrap=self._wrap,
            faded=self._outdated,
            numbered=not self._shown_as.name.endswith("hex"),
            colored=is_colored(self._shown_as.name),
            find=self._find,
        )
        self._redraw_rule()

    def _redraw_rule(self) -> None:
        self.query_one("#body-rule", Lines).show([self._body_rule(self._body_width)])

    @property
    def _body(self) -> BodyView:
        return self.query_one("#body", BodyView)

    @property
    def _body_width(self) -> int:
        wide = self.size.width >= WIDE
        return self.size.width - FACTS_WIDTH if wide else self.size.width

    def _body_rule(self, width: int) -> Line:
        shown_as = self._shown_as
        names = (f"[{view.name}]" if view is shown_as else view.name for view in self._views)
        parts: Line = [
            (f"Body {size(len(self._record.body))}", "bold"),
            (" ".join(names), ""),
            (f"wrap {'on' if self._wrap else 'off'}", "dim"),
        ]
        if words := self.filter.words.strip():
            parts.append((f"{printable(words)}: {self._body.found}, n next", "accent"))
        if shown_as.problem:
            parts.append((shown_as.problem, "warn"))
        if shown_as.misfit:
            parts.append((printable(shown_as.misfit), "dim"))
        return rule(parts, width)

    def status(self) -> Line:
        place = self._cursor.place if self._cursor else ""
        if self._gone:
            return [(f" {place}{is_gone(self._record.id)}", "warn")]
        if problem := self._refresher.problem:
            return [(f" Could not refresh the job: {printable(problem)}", "warn")]
        return [(f" {place}{what_keys_do(self._record)}", "")]

    # Keys that change nothing:

    def on_key(self, event: events.Key) -> None:
        """Note when the key was pressed, since a busy program handles it much later."""
        self._pressed_at = event.time

    def on_screen_resume(self) -> None:  # Textual also calls the one of ServerScreen
        self._pressed_at = time.monotonic()  # palette commands come without a key

    def action_view(self) -> None:
        following = (self._views.index(self._shown_as) + 1) % len(self._views)
        self._show_as(self._views[following])
        self._chosen_name = self._shown_as.name if following else ""
        self.redraw()

    def action_wrap(self) -> None:
        self._wrap = not self._wrap
        self.redraw()

    def action_copy(self) -> None:
        text = shown_text(self._body_lines)
        total, name = len(self._shown_as.inner), self._shown_as.name
        if total > SHOWN:
            what = f"the first {size(SHOWN)} of {size(total)} as {name}; e saves all"
        else:
            what = f"{size(len(text.encode()))}: the body as {name}"
        self.copy(text, what)

    def action_pager(self) -> None:
        if problem := page(self.user, shown_text(self._body_lines) + "\n"):
            self.fail(problem)

    def _search(self, words: str) -> None:
        self._body.search(words.strip())
        self._redraw_rule()

    def action_save(self) -> None:
        """Ask for a new file and write the raw body to it."""
        if self._is_masked:
            self.say(is_masked(self._record.id, "save its body"))
            return
        if self.app.is_web:
            self.say("Nothing is saved from a browser: files would be on another machine.")
            return
        question = AskText(
            f"Save the body of job {self._record.id}?",
            [[(f" {size(len(self._record.body))}, raw bytes", "")]],
            hint="path of a new file",
            yes="save",
        )
        body = self._record.body
        self.choose(AskTextDialog(question), lambda path: self.carry_out(self._save(path, body)))

    async def _save(self, path: str, body: bytes) -> None:
        def write() -> None:
            write_new(os.path.expanduser(path), body)

        try:
            await in_time_async(write, SAVING)
        except (OSError, ValueError) as error:
            self.fail(f"Not saved to {path}: {getattr(error, 'strerror', None) or error}.")
        else:
            self.say(f"Saved {size(len(body))} to {path}.")

    def action_step(self, by: int) -> None:
        if self.view.is_frozen:
            self.say(FROZEN)
        elif self._cursor and self._cursor.can_step(by):
            self.carry_out(self._step(self._cursor, by))
        else:
            self.say(f"There is no {'next' if by > 0 else 'previous'} job in the list.")

    async def _step(self, cursor: JobCursor, by: int) -> None:
        """Show the job `by` places away, unless a dialog opens or `f` freezes the screen first."""
        record = await cursor.step(by, lambda: self.is_active and self.view.frozen_at is None)
        if record:
            self._shown_at = time.monotonic()
            self._show_job(record)
        elif cursor.problem:
            self.say(cursor.problem)

    # Keys that change something:

    @property
    def _why_blocked(self) -> str:
        """Why no key may act on the job: it is gone, or the user may mean another job; else ""."""
        if self._cursor and self._cursor.fetching:
            return f"{self._cursor.fetching} is still loading. Nothing was done."
        if self._pressed_at - self._shown_at < JUST_MOVED_SECONDS:
            return "Another job was just opened. Nothing was done."
        return is_gone(self._record.id) if self._gone else ""

    def begin(self, action: Action) -> None:
        if why_blocked := self._why_blocked:
            self.say(why_blocked)
        elif action.on_jobs:
            replaces = action.name == "edit"
            self.user.act(self._act_on_job(action.on_jobs, replaces=replaces))

    async def _act_on_job(self, action: JobAction, *, replaces: bool) -> None:
        """Act on the job; one that `replaces` it puts another job, which is then shown."""
        record = self._record
        body = Body(len(record.body), record.body)
        tally = await act_on(self.context, action, [JobRow(record.listed, body)])
        if tally and replaces and record.id in tally.new_ids:
            await self._show_replacement(tally.new_ids[record.id])
        elif tally:
            self._refresher.ask_now(self.app)

    async def _show_replacement(self, id: int) -> None:
        """Show the job that replaced this one, unless it is gone or cannot be peeked."""
        with suppress(Error):
            if record := await peek_job(self.server.connection, id):
                self._show_job(record)
                return
        self._refresher.ask_now(self.app)
