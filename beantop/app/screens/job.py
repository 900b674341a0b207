"""One job: all that the server knows of it, and its body."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from beantop.app.header import WIDE, HeaderFacts, link_line, title_line
from beantop.app.job_actions import ask_and_delete, ask_and_kick
from beantop.app.job_lines import as_list, as_paragraph, what_keys_do
from beantop.app.lines import Line, rule
from beantop.app.screens.looking import LookingScreen
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.drawn import Lines
from beantop.jobs.bodies import View, lines, views
from beantop.jobs.connection import ActingConnection
from beantop.jobs.look import JobSeen, look_at_job
from beantop.text import shown, size

FACTS_WIDTH = 38
"""Cells of the facts beside the body, as in beantop.tcss."""


class JobScreen(LookingScreen[JobSeen | None]):
    """The job with that id, looked at again with every poll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", "View", tooltip="Show the body in another way"),
        Binding("w", "wrap", "Wrap", tooltip="Wrap long lines, or cut them"),
        Binding("y", "copy", "Copy", tooltip="Copy the body as it is shown"),
        Binding("K", "kick", "Kick", tooltip="Make the job ready"),
        Binding("D", "delete", "Delete", tooltip="Delete the job"),
        Binding("escape", "app.leave", "Back", key_display="esc"),
    ]

    def __init__(self, connection: ActingConnection, facts: HeaderFacts, seen: JobSeen) -> None:
        super().__init__(connection, facts)
        self._seen = seen
        self._gone = False
        self._wrap = True
        self._take_body(seen.body)

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="job"):
            with Vertical(id="facts"):
                yield Lines(id="facts-rule")
                yield Lines(id="facts-lines")
            with Vertical():
                yield Lines(id="body-rule")
                yield BodyView(id="body", classes="main")

    async def look(self) -> JobSeen | None:
        return await look_at_job(self.connection, self._seen.id)

    def take(self, seen: JobSeen | None) -> None:
        self._gone = seen is None
        if seen is not None:
            if seen.body != self._seen.body:
                self._take_body(seen.body)
            self._seen = seen

    def _take_body(self, body: bytes) -> None:
        self._views = views(body)
        self._show_as(self._views[0], body)

    def _show_as(self, view: View, body: bytes) -> None:
        self._view = view
        self._body_lines = lines(body, view)

    @property
    def _outdated(self) -> bool:
        return self._gone or self.facts.stale or bool(self.why_not_seen)

    def header(self) -> list[Line]:
        crumbs = (shown(self._seen.tube), f"job {self._seen.id}")
        title = title_line(replace(self.facts, crumbs=crumbs), self.size.width)
        if self.facts.watched.link.state == "down":
            return [title, link_line(self.facts)]
        return [title]

    def redraw_body(self) -> None:
        wide = self.size.width >= WIDE
        width = FACTS_WIDTH if wide else self.size.width
        body_width = self.size.width - FACTS_WIDTH if wide else self.size.width
        self.query_one("#job").set_class(not wide, "-narrow")
        facts = as_list(self._seen, width) if wide else as_paragraph(self._seen)
        self.query_one("#facts-rule", Lines).show([rule([("Job", "bold")], width)])
        self.query_one("#facts-lines", Lines).show(facts if self.size.height >= 14 else facts[:1])
        self.query_one("#body-rule", Lines).show([self._body_rule(body_width)])
        self.query_one("#body", BodyView).show(
            self._body_lines, wrap=self._wrap, faded=self._outdated
        )

    def _body_rule(self, width: int) -> Line:
        shown_as = " ".join(f"[{view}]" if view == self._view else view for view in self._views)
        parts: Line = [
            (f"Body {size(len(self._seen.body))}", "bold"),
            (shown_as, ""),
            (f"wrap {'on' if self._wrap else 'off'}", "dim"),
        ]
        return rule(parts, width)

    def status(self) -> Line:
        if self._gone:
            gone = f" Job {self._seen.id} is gone: a worker or someone else deleted it."
            return [(gone, "warn")]
        if self.why_not_seen:
            return [(f" The job could not be looked at: {shown(self.why_not_seen)}", "warn")]
        if self.why_off:
            return [(f" {self.why_off}", "warn")]
        return [(f" {what_keys_do(self._seen)}", "")]

    # Keys:

    def action_view(self) -> None:
        following = (self._views.index(self._view) + 1) % len(self._views)
        self._show_as(self._views[following], self._seen.body)
        self.redraw()

    def action_wrap(self) -> None:
        self._wrap = not self._wrap
        self.redraw()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard("\n".join(map(shown, self._body_lines)))
        self.say(f"Copied the body as shown ({self._view}).")

    def action_kick(self) -> None:
        self.carry_out(ask_and_kick(self, self._seen))

    def action_delete(self) -> None:
        if not self._gone:
            self.carry_out(ask_and_delete(self, self._seen))
