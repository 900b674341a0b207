"""One tube: its counts, its rates, and the first job of each state."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.facts import Facts
from beantop.app.header import WIDE
from beantop.app.job_actions import ask_and_delete, ask_and_kick
from beantop.app.job_columns import job_columns, job_key
from beantop.app.lines import Line, rule, spread
from beantop.app.messages import JobOpened
from beantop.app.screens.graphing import choose_next_span, graphs_below
from beantop.app.screens.looking import LookingScreen
from beantop.app.tube_actions import pause_or_resume
from beantop.app.tube_header import sign_words, tube_header
from beantop.app.tube_rows import TubeRow
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.live_table import LiveTable
from beantop.beanstalk import State
from beantop.jobs.connection import ActingConnection
from beantop.jobs.look import Heads, JobSeen, look_at_heads
from beantop.monitor.snapshot import Tube
from beantop.text import full, shown

TABS: tuple[State | None, ...] = (None, "ready", "delayed", "buried")


class TubeScreen(LookingScreen[Heads]):
    """The tube with that name, and the jobs at the head of its queues."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Inspect", key_display="enter", tooltip="Open the job"),
        Binding("K", "kick", "Kick", tooltip="Make the job ready"),
        Binding("D", "delete", "Delete", tooltip="Delete the job"),
        Binding("P", "pause", "Pause", tooltip="Pause or resume the tube"),
        Binding("right,l", "tab(1)", "Look at one state", show=False),
        Binding("left,h", "tab(-1)", "Look at one state", show=False),
        Binding("y", "copy", "Copy the id of the job", show=False),
        Binding("t", "span", "Graphs of another time", show=False),
        Binding("escape", "app.leave", "Back", key_display="esc"),
    ]

    def __init__(self, connection: ActingConnection, facts: Facts, name: str) -> None:
        super().__init__(connection, facts)
        self._tube = facts.watched.snapshot.tubes.get(name) or Tube(name, 0.0)
        self._gone = False
        self._heads: Heads | None = None  # not looked yet
        self._tab: State | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield LiveTable(job_columns, job_key, id="jobs", classes="main")

    @property
    def tube(self) -> str:
        """The name of the tube that is shown."""
        return self._tube.name

    @property
    def table(self) -> LiveTable[JobSeen]:
        return self.query_one("#jobs", LiveTable)

    async def look(self) -> Heads:
        return await look_at_heads(self.connection, self._tube.name)

    def take(self, seen: Heads) -> None:
        self._heads = seen

    def show(self, facts: Facts) -> None:
        now = facts.watched.snapshot.tubes.get(self._tube.name)
        self._gone = now is None and facts.watched.seen
        self._tube = now or self._tube
        super().show(facts)

    def header(self) -> list[Line]:
        row = TubeRow(self._tube, self.facts.watched.history)
        return tube_header(self.facts, row, self._gone, *self.size)

    def redraw_body(self) -> None:
        self.query_one("#rule", Lines).show([self._rule()])
        heads = self._heads or Heads()
        jobs = [heads.ready, heads.delayed, heads.buried]
        found = [job for job in jobs if job and self._tab in (None, job.state)]
        self.table.fade(self.facts.stale or self._gone or bool(self.why_not_seen))
        words: list[Line] = [[], [(f"   {self._below(bool(found))}", "dim")]]
        taken = len(self.header()) + len(found) + len(words) + 4  # rules, status line, footer
        graphs = graphs_below(self, self._tube.name, taken)
        self.table.show(found, below=[*words, *graphs])

    def _rule(self) -> Line:
        tube = self._tube
        counts = {None: None, "ready": tube.ready, "delayed": tube.delayed, "buried": tube.buried}
        parts: Line = [("Next job of", "bold")]
        for tab in TABS:
            label = (tab or "each state") + ("" if tab is None else f" {full(counts[tab])}")
            parts.append((f"[{label}]", "bold") if tab == self._tab else (label, "dim"))
        if self.size.width >= WIDE:
            parts.append(("h/l looks at one state", "dim"))
        return rule(parts, self.size.width)

    def _below(self, found: bool) -> str:
        """What is to be said of the jobs that are shown, or of there being none."""
        if self._gone:
            return f"{shown(self._tube.name)} has gone (beanstalkd drops empty, unused tubes)."
        if self._heads is None:
            return self._why_not_looked()
        if found:
            return "beanstalkd shows the next job of each state, and no reserved ones."
        if self._tab:
            return f"No {self._tab} jobs.  h/l looks at other states."
        if self._tube.reserved:
            return "No ready, delayed or buried jobs; workers hold the reserved ones."
        return "No jobs."

    def _why_not_looked(self) -> str:
        if self.why_not_seen:
            return f"Its jobs are not known: {shown(self.why_not_seen)}."
        if self.facts.frozen_at is not None:
            return "Frozen before its jobs were looked at.  f goes on."
        return "Looking …"

    def status(self) -> Line:
        row = TubeRow(self._tube, self.facts.watched.history)
        left: Line = [(" ", ""), *sign_words(row)]
        down = self.facts.watched.link.state == "down"
        right = f"{self.why_off} " if down else ""
        return spread(left, [(right, "warn")], self.size.width)

    # Keys:

    def action_tab(self, by: int) -> None:
        self._tab = TABS[(TABS.index(self._tab) + by) % len(TABS)]
        self.redraw()

    def action_open(self) -> None:
        if seen := self.table.current:
            self.post_message(JobOpened(seen))

    def on_live_table_opened(self) -> None:
        self.action_open()

    def action_span(self) -> None:
        choose_next_span(self)

    def action_copy(self) -> None:
        if seen := self.table.current:
            self.copy(str(seen.id), f"job id {seen.id}")

    def action_kick(self) -> None:
        if seen := self.table.current:
            self.act(ask_and_kick(self, seen))

    def action_delete(self) -> None:
        if seen := self.table.current:
            self.act(ask_and_delete(self, seen))

    def action_pause(self) -> None:
        self.act(pause_or_resume(self, self._tube))
