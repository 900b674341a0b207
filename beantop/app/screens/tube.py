"""One tube: its counts, its rates, and the first job of each state."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.header import WIDE, HeaderFacts
from beantop.app.job_actions import ask_and_delete, ask_and_kick
from beantop.app.job_columns import job_columns, job_key
from beantop.app.lines import Line, rule, spread
from beantop.app.messages import JobOpened
from beantop.app.screens.looking import LookingScreen
from beantop.app.tube_actions import kick_tube, pause_or_resume
from beantop.app.tube_header import tube_header
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
        Binding("right,l", "tab(1)", "Next state", show=False),
        Binding("left,h", "tab(-1)", "Previous state", show=False),
        Binding("y", "copy", "Copy the id of the job", show=False),
        Binding("escape", "app.leave", "Back", key_display="esc"),
    ]

    def __init__(self, connection: ActingConnection, facts: HeaderFacts, name: str) -> None:
        super().__init__(connection, facts)
        self._tube = facts.watched.snapshot.tubes.get(name) or Tube(name, 0.0)
        self._gone = False
        self._heads = Heads()
        self._tab: State | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield LiveTable(job_columns, job_key, id="jobs", classes="main")

    @property
    def table(self) -> LiveTable[JobSeen]:
        return self.query_one("#jobs", LiveTable)

    async def look(self) -> Heads:
        return await look_at_heads(self.connection, self._tube.name)

    def take(self, seen: Heads) -> None:
        self._heads = seen

    def show(self, facts: HeaderFacts) -> None:
        now = facts.watched.snapshot.tubes.get(self._tube.name)
        self._gone = now is None and facts.watched.seen
        self._tube = now or self._tube
        super().show(facts)

    def header(self) -> list[Line]:
        row = TubeRow(self._tube, self.facts.watched.history)
        return tube_header(self.facts, row, *self.size)

    def redraw_body(self) -> None:
        self.query_one("#rule", Lines).show([self._rule()])
        heads = [self._heads.ready, self._heads.delayed, self._heads.buried]
        found = [head for head in heads if head and self._tab in (None, head.state)]
        self.table.fade(self.facts.stale or self._gone or bool(self.why_not_seen))
        self.table.show(found, below=[] if found else self._nothing())

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

    def _nothing(self) -> list[Line]:
        if self._gone:
            name = shown(self._tube.name)
            sentence = f"{name} has gone (beanstalkd drops empty, unused tubes)."
        elif self._tab:
            sentence = f"No {self._tab} jobs.  h/l looks at other states."
        elif self._tube.reserved:
            sentence = "No ready, delayed or buried jobs; workers hold the reserved ones."
        else:
            sentence = "No jobs."
        return [[], [(f"   {sentence}", "")]]

    def status(self) -> Line:
        row = TubeRow(self._tube, self.facts.watched.history)
        left: Line = [(" ", "")]
        for sign in row.signs:
            left += [(f"{sign.letter} {sign.sentence}   ", "warn")]
        if self.why_not_seen:
            left += [(f"The jobs could not be looked at: {shown(self.why_not_seen)}", "warn")]
        right = f"{self.why_off} " if self.why_off else ""
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

    def action_copy(self) -> None:
        if seen := self.table.current:
            self.app.copy_to_clipboard(str(seen.id))
            self.say(f"Copied {seen.id}.")

    def action_kick(self) -> None:
        """The job under the cursor, or how many of the state that the tab shows."""
        if self._tab:
            self.carry_out(kick_tube(self, self._tube, self._tab))
        elif seen := self.table.current:
            self.carry_out(ask_and_kick(self, seen))

    def action_delete(self) -> None:
        if seen := self.table.current:
            self.carry_out(ask_and_delete(self, seen))

    def action_pause(self) -> None:
        self.carry_out(pause_or_resume(self, self._tube))
