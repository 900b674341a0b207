"""What the screens that watch a server have in common: the facts, the header, what is off and why."""

import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import ClassVar, TypeAlias, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from beantop.app.drawing.lines import Line
from beantop.app.keys import CHANGING, named
from beantop.app.messages import FactsWanted, PollWanted
from beantop.app.screens.dialog import LEAST_HEIGHT, LEAST_WIDTH, Dialog
from beantop.app.session.facts import Facts
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.keys_footer import KeysFooter
from beantop.jobs.actions import Outcome
from beantop.jobs.connection import ActingConnection
from beantop.text import shown

T = TypeVar("T")

Work: TypeAlias = Coroutine[None, None, None]

RESULT_SECONDS, ERROR_SECONDS = 3.0, 8.0


class WatchingScreen(Screen[None], inherit_bindings=False):
    """A screen that shows the facts of a server as they come."""

    AUTO_FOCUS = ".main"
    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("question_mark,f1", "app.help", "Help", key_display="?"),  # first in the footer
        ]
    )

    def __init_subclass__(cls, **options: bool) -> None:
        if "BINDINGS" in vars(cls):
            cls.BINDINGS = named(cls.BINDINGS)  # so that [keys] can change them
        super().__init_subclass__(**options)

    def __init__(self, connection: ActingConnection, facts: Facts) -> None:
        super().__init__()
        self.connection = connection
        self.facts = facts
        self._acting = False

    def compose(self) -> ComposeResult:
        yield Lines(id="too-small")
        yield Lines(id="header")
        yield from self.compose_body()
        yield Lines(id="status")
        yield KeysFooter()

    # What each screen gives:

    def compose_body(self) -> Iterable[Widget]:
        """What stands between the header and the status line; the part with the focus is `.main`."""
        raise NotImplementedError

    def header(self) -> list[Line]:
        """The lines at the top."""
        raise NotImplementedError

    def status(self) -> Line:
        """The line above the footer."""
        raise NotImplementedError

    def redraw_body(self) -> None:
        """Show the facts between header and status line."""
        raise NotImplementedError

    def tubes_wanted(self, number: int) -> set[str]:
        """The tubes of the server of that number which each poll is to ask for."""
        return set()

    # What they share:

    def show(self, facts: Facts) -> None:
        """Show these facts instead of the ones before."""
        before, was_off = self.facts, self.why_off
        self.facts = facts
        if was_off != self.why_off:
            self.refresh_bindings()
        same = facts.watched is before.watched and facts.stale == before.stale
        same = same and facts.state == before.state
        self.redraw(only_time=same)

    def redraw(self, *, only_time: bool = False) -> None:
        """Show the facts, in the window as it is; nothing while the screen comes or goes.

        `only_time`: nothing was seen since the last time, but ages and the clock went on.
        """
        if not (self.is_mounted and self.app.is_running and self in self.app.screen_stack):
            return
        self.query_one("#header", Lines).show(self.header())
        if not only_time:
            self.redraw_body()
        self.query_one("#status", Lines).show([self.status()])

    @property
    def why_off(self) -> str:
        """Why nothing can be changed now; nothing if it can."""
        if self.facts.readonly:
            return self.facts.readonly
        if self.facts.watched.link.state != "up":
            return "Nothing can be changed while disconnected."
        if self.has_class("-too-small"):
            return "The window is too small to see what would be changed."
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Actions that are off stand dim in the footer; their keys then reach the app, which says
        why."""
        return None if action in CHANGING and self.why_off else True

    def act(self, work: Work) -> None:
        """Carry out an action that changes something, if nothing forbids that and the one before has
        come to its end."""
        if why_not := self.why_off:
            work.close()
            self.say(why_not)
        else:
            self.carry_out_alone(work)

    def carry_out_alone(self, work: Work) -> None:
        """Do it to the end, if the one before has come to its end."""
        if self._acting:
            work.close()
            self.say("The last action has not come to its end yet.")
        else:
            self._acting = True
            self.carry_out(self._until_done(work))

    async def _until_done(self, work: Work) -> None:
        try:
            await work
        finally:
            self._acting = False

    def carry_out(self, work: Work) -> None:
        """Do it to the end, even if this screen is left meanwhile: what was sent wants its reply."""
        self.app.run_worker(work)

    def choose(self, dialog: Dialog[T | None], take: Callable[[T], None]) -> None:
        """Let the user choose, at once: a key that follows is for the dialog."""

        def taken(choice: T | None) -> None:
            if choice is not None:
                take(choice)

        if self.is_active:
            self.app.push_screen(dialog, taken)

    async def ask(self, dialog: Dialog[T]) -> T | None:
        """The answer to a dialog; None if another screen came first, as when a key is held down."""
        if not self.is_active:
            return None
        answer: T = await self.app.push_screen_wait(dialog)
        if self._acting and self.facts.readonly:  # since it was asked
            self.say(self.facts.readonly)
            return None
        return answer

    def report(self, outcome: Outcome) -> None:
        """Tell what came of an action on a tube, and look at the server again."""
        self.tell(outcome.sentence, all_well=outcome.result == "done")
        said = {"result": outcome.result, "said": outcome.sentence}
        self.note(outcome.verb, outcome.target, said)

    def note(self, what: str, target: str, members: Mapping[str, object]) -> None:
        """Note what was done in the log of actions; that it cannot be written is told."""
        if journal := self.facts.journal:
            journal.note(self.facts.address, what, target, members)
            if journal.problem:
                self.fail(journal.problem)

    def tell(self, sentence: str, *, all_well: bool) -> None:
        """Say what came of an action, and look at the server again."""
        if all_well:
            self.say(sentence)
        else:
            self.fail(sentence)
        self.app.post_message(PollWanted())  # this screen may have been left meanwhile

    def copy(self, text: str, what: str) -> None:
        """Ask the terminal to take a text to its clipboard. It does not tell whether it did."""
        self.app.copy_to_clipboard(text)
        inside_tmux = "TMUX" in os.environ
        hint = " If paste is empty: tmux set -g set-clipboard on" if inside_tmux else ""
        self.say(f"Copied {what} (OSC 52).{hint}")

    def say(self, sentence: str) -> None:
        """Why nothing happened, or a small thing that did."""
        self.notify(shown(sentence), markup=False, timeout=RESULT_SECONDS)

    def fail(self, sentence: str) -> None:
        """Why something did not come about that was begun; shown longer, and as a warning."""
        self.notify(shown(sentence), severity="warning", markup=False, timeout=ERROR_SECONDS)

    def on_mount(self) -> None:
        self.redraw()

    def on_screen_resume(self) -> None:
        self.post_message(FactsWanted())

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < LEAST_WIDTH or height < LEAST_HEIGHT, "-too-small")
        self.refresh_bindings()
        sentence = f"beantop needs {LEAST_WIDTH}x{LEAST_HEIGHT}: this is {width}x{height}."
        self.query_one("#too-small", Lines).show([[(sentence, "warn")]])
        self.redraw()
