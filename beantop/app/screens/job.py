"""One job: all that the server knows of it, and its body."""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from beantop.app.actions.edit import edit_job
from beantop.app.actions.jobs import JobAction
from beantop.app.actions.pager import page
from beantop.app.drawing.header import WIDE, link_line, title_line
from beantop.app.drawing.job_lines import as_list, as_paragraph, is_gone, what_keys_do
from beantop.app.drawing.lines import Line, dimmed, rule
from beantop.app.screens.ask_text import AskTextScreen
from beantop.app.screens.filtered import FilteredScreen
from beantop.app.screens.job_keys import JobKeysScreen
from beantop.app.screens.looking import LookingScreen
from beantop.app.screens.stepping import SteppingScreen
from beantop.app.screens.trash_keys import TrashKeysScreen
from beantop.app.session.facts import Facts
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.drawn import Lines
from beantop.beanstalk import Error
from beantop.jobs.bodies.plain import SHOWN
from beantop.jobs.bodies.views import View, views
from beantop.jobs.body_seen import BodySeen
from beantop.jobs.connection import ActingConnection
from beantop.jobs.files import write_new
from beantop.jobs.job_list import JobRow
from beantop.jobs.look import JobSeen, look_at_job, look_at_job_again
from beantop.text import shown, size

FACTS_WIDTH = 38
"""Cells of the facts beside the body, as in beantop.tcss."""


class JobScreen(
    TrashKeysScreen,
    JobKeysScreen,
    SteppingScreen,
    FilteredScreen,
    LookingScreen[tuple[int, JobSeen | None]],
):
    """The job with that id, looked at again with every poll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", "View", tooltip="Show the body in another way"),
        Binding("w", "wrap", "Wrap", tooltip="Wrap long lines, or cut them"),
        Binding("y", "copy", "Copy", tooltip="Copy the body as it is shown"),
        Binding("o", "pager", "Pager", tooltip="The body in $PAGER", show=False),
        Binding("slash,f3,f4", "filter", "Search in the body", show=False),
        Binding("e", "save", "Save the body to a file", show=False),
        Binding("escape", "back", "Back", key_display="esc"),
    ]

    FILTER_HINT = "words in the body"

    def __init__(self, connection: ActingConnection, facts: Facts, seen: JobSeen) -> None:
        super().__init__(connection, facts)
        self._wrap = True
        self._take_anew(seen)
        self._show_as(self._views[0])

    def on_mount(self) -> None:  # after the one of WatchingScreen: Textual calls both
        self.find_list(self._seen.id)
        self.redraw()

    def _take_anew(self, seen: JobSeen) -> None:
        self._seen = seen
        self._gone = False
        self._views = views(seen.body, self.facts.decoder(seen.tube))

    def show_job(self, seen: JobSeen) -> None:
        """Another one, in the same view if it has that."""
        self._take_anew(seen)
        self.why_not_seen = ""
        alike = (view for view in self._views if view.name == self._view.name)
        self._show_as(next(alike, self._views[0]))
        self._body.scroll_home(animate=False)
        self.redraw()

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="job"):
            with Vertical(id="facts"):
                yield Lines(id="facts-rule")
                yield Lines(id="facts-lines")
            with Vertical():
                yield Lines(id="body-rule")
                yield BodyView(id="body", classes="main")

    async def look(self) -> tuple[int, JobSeen | None]:
        before = self._seen
        return before.id, await look_at_job_again(self.connection, before)

    def take(self, look: tuple[int, JobSeen | None]) -> None:
        id, seen = look
        if id != self._seen.id:  # another one is shown by now
            return
        self._gone = seen is None
        if seen is not None:
            self._seen = seen

    def _show_as(self, view: View) -> None:
        self._view = view
        self._body_lines = view.lines()

    @property
    def _outdated(self) -> bool:
        return self._gone or self.facts.stale or bool(self.why_not_seen)

    def header(self) -> list[Line]:
        tube, job = shown(self._seen.tube), f"job {self._seen.id}"
        title = title_line(self.facts, self.size.width, tube, job)
        if self.facts.watched.link.state == "down":
            return [title, link_line(self.facts)]
        return [title]

    def redraw_body(self) -> None:
        wide = self.size.width >= WIDE
        width = FACTS_WIDTH if wide else self.size.width
        self.query_one("#job").set_class(not wide, "-narrow")
        facts = as_list(self._seen, width) if wide else as_paragraph(self._seen)
        self.query_one("#facts-rule", Lines).show([rule([("Job", "bold")], width)])
        if self._outdated:
            facts = [dimmed(line) for line in facts]
        self.query_one("#facts-lines", Lines).show(facts if self.size.height >= 14 else facts[:1])
        self._body.show(
            self._body_lines,
            wrap=self._wrap,
            faded=self._outdated,
            numbered=not self._view.name.endswith("hex"),
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
        names = (f"[{view.name}]" if view is self._view else view.name for view in self._views)
        shown_as = " ".join(names)
        parts: Line = [
            (f"Body {size(len(self._seen.body))}", "bold"),
            (shown_as, ""),
            (f"wrap {'on' if self._wrap else 'off'}", "dim"),
        ]
        if words := self.filter_words.strip():
            parts.append((f"{shown(words)}: {self._body.found}, n next", "accent"))
        if self._view.misfit:
            parts.append((shown(self._view.misfit), "dim"))
        return rule(parts, width)

    def status(self) -> Line:
        if self._gone:
            return [(f" {self.place}{is_gone(self._seen.id)}", "warn")]
        if self.why_not_seen:
            return [(f" The job could not be looked at: {shown(self.why_not_seen)}", "warn")]
        return [(f" {self.place}{what_keys_do(self._seen)}", "")]

    # Keys:

    def action_view(self) -> None:
        following = (self._views.index(self._view) + 1) % len(self._views)
        self._show_as(self._views[following])
        self.redraw()

    def action_wrap(self) -> None:
        self._wrap = not self._wrap
        self.redraw()

    def action_copy(self) -> None:
        text = "\n".join(map(shown, self._body_lines))
        all_of_it, name = len(self._view.inner), self._view.name
        if all_of_it > SHOWN:
            what = f"the first {size(SHOWN)} of {size(all_of_it)} as {name}; e saves all"
        else:
            what = f"{size(len(text.encode()))}: the body as {name}"
        self.copy(text, what)

    def action_pager(self) -> None:
        text = "".join(f"{shown(line)}\n" for line in self._body_lines)
        if problem := page(self.app, text):
            self.fail(problem)

    def filtered(self, words: str) -> None:
        self._body.search(words.strip())
        self._redraw_rule()

    def action_save(self) -> None:
        """Ask for a file, and write the body as it is into it."""
        ask = AskTextScreen(
            f"Save the body of job {self._seen.id}?",
            [[(f" {size(len(self._seen.body))}, as it is", "")]],
            hint="path of a new file",
            yes="save",
        )
        self.choose(ask, self._save)

    def _save(self, path: str) -> None:
        try:
            write_new(os.path.expanduser(path), self._seen.body)
        except (OSError, ValueError) as error:
            self.fail(f"Not saved: {path}: {getattr(error, 'strerror', None) or error}.")
        else:
            self.say(f"Saved {size(len(self._seen.body))} to {path}.")

    def on_jobs(self, action: JobAction) -> None:
        if why_not := self.why_unseen or (is_gone(self._seen.id) if self._gone else ""):
            self.say(why_not)
        else:
            self.act(self._on_job(action))

    async def _on_job(self, action: JobAction) -> None:
        seen = self._seen
        tally = await action(self, [JobRow(seen.listed, BodySeen(len(seen.body), seen.body))])
        if tally and action is edit_job and seen.id in tally.new_ids:
            await self._show_replacement(tally.new_ids[seen.id])
        elif tally:
            self.look_now()

    async def _show_replacement(self, id: int) -> None:
        """Go on with the job that was put for this one, unless it is gone or cannot be seen."""
        with suppress(OSError, Error):
            if seen := await look_at_job(self.connection, id):
                self.show_job(seen)
                return
        self.look_now()
