"""The base of all screens: server data, the header, disabled keys and why, running actions."""

import os
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from beantop.app.action_context import ActionContext, Progress
from beantop.app.actions.table import ACTIONS, Action, ServerAction
from beantop.app.actions.trash import open_trash
from beantop.app.dialogs.asking import dialog_for
from beantop.app.dialogs.dialog import MIN_HEIGHT, MIN_WIDTH, Dialog, unheard
from beantop.app.dialogs.progress import ProgressDialog, with_box
from beantop.app.keys import named, server_bindings
from beantop.app.messages import Chosen, CopyWanted, PollWanted, Resumed
from beantop.app.outside import run_outside
from beantop.app.questions import AskNumber, Confirm, Question
from beantop.app.screens.early_keys import EarlyKeys
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.textual_private import forward, place_toasts
from beantop.app.view.graph import Kind
from beantop.app.view.graphs_below import NO_ROOM
from beantop.app.view.lines import Line, in_lines
from beantop.app.view.past_graphs import next_span
from beantop.app.view.reasons import STATUS_LINES
from beantop.app.widgets.filter_line import Filter
from beantop.app.widgets.keys_footer import KeysFooter
from beantop.app.widgets.live_table import LiveTable
from beantop.app.widgets.styled import Lines
from beantop.formatting import printable

T = TypeVar("T")

Work: TypeAlias = Coroutine[Any, Any, None]

RESULT_SECONDS, ERROR_SECONDS = 3.0, 8.0
"""How long a toast about a success and one about a failure stay."""

UNASKED = "Nothing was done: another screen was shown before the question."
"""Said if an action cannot ask: a key that came during a round trip left its screen."""

MIN_HEIGHT_FOR_TWO = 14
"""Lines of the smallest window in which the status may take two."""

MIN_TOAST_LINES = 8
"""Lines that toasts may take, however short the list is: in a burst, what came of an action must not go
as soon as it comes."""

TRASH_KEYS: list[BindingType] = [
    *server_bindings(),
    Binding("u", "trash", "Browse deleted jobs"),
]
"""Keys for deleted jobs, on the screens of one server."""


class ServerScreen(Screen[None], inherit_bindings=False):
    """A screen of one server, or of all; actions talk to the user through it."""

    AUTO_FOCUS = ".main"
    BINDINGS: ClassVar[list[BindingType]] = named(
        [Binding("question_mark,f1", "app.help", "Help", key_display="?")]
    )

    FOOTER: ClassVar[Sequence[str]] = ()
    """Names of the screen's own keys that the footer shows, in order."""

    has_graphs = False
    """Whether graphs are below the rows of the table."""

    IS_OF_ALL: ClassVar[bool] = False
    """Whether the screen shows all servers instead of one."""

    def __init_subclass__(cls, **options: bool) -> None:
        if "BINDINGS" in vars(cls):
            cls.BINDINGS = named(cls.BINDINGS)  # so that [keys] can change them
        super().__init_subclass__(**options)

    def __init__(
        self, server: ServerSession, services: Services, views: Sequence[ServerView]
    ) -> None:
        """`views` has the current data of each server, in the order of their numbers."""
        super().__init__()
        self.server = server
        self.services = services
        self.views = views
        self.context = ActionContext(self, server.connection, services, lambda: self.view)
        self._acting = False
        self._unasked = False
        """Whether the running action could not ask."""
        self.early_keys = EarlyKeys()
        self.filter: Filter | None = None
        """The filter of what the screen shows; tables have one of their own."""
        self.toast_room = MIN_TOAST_LINES
        """The number of lines for toasts."""

    @property
    def view(self) -> ServerView:
        """The current data of this screen's server."""
        return self.views[self.server.number - 1]

    def compose(self) -> ComposeResult:
        yield Lines(id="too-small")
        yield Lines(id="header")
        yield from self.compose_body()
        yield Lines(id="status")
        yield KeysFooter(self.FOOTER, self._goes_back)

    # What each screen implements:

    def compose_body(self) -> Iterable[Widget]:
        """Yield the widgets between header and status line; the class `main` gets the focus."""
        raise NotImplementedError

    def header(self) -> list[Line]:
        """Return the lines at the top."""
        raise NotImplementedError

    def status(self) -> Line:
        """Return the words above the footer, as one line of any length."""
        raise NotImplementedError

    def redraw_body(self) -> None:
        """Redraw everything between header and status line."""
        raise NotImplementedError

    def tubes_wanted(self, number: int) -> list[str]:
        """Return the tubes that each poll of server `number` must include, visible ones first."""
        return []

    def tube_under_cursor(self, number: int) -> str | None:
        """Return the tube of server `number` that the user looks at."""
        return None

    def begin(self, action: Action) -> None:
        """Start an action on the selected tubes or jobs."""

    # What they share:

    def _goes_back(self) -> bool:
        """Return whether another screen is shown when this one is left."""
        is_first = self.app.screen_stack[0] is self
        return not is_first or (len(self.views) > 1 and not self.IS_OF_ALL)

    def show(self, views: Sequence[ServerView]) -> None:
        """Show new data in place of the old."""
        before, was_off = self.view, self.why_off
        self.views = views
        if was_off != self.why_off:
            self.refresh_bindings()
        now = self.view
        unchanged = now.watched is before.watched and now.stale == before.stale
        unchanged = unchanged and now.state == before.state and not self.IS_OF_ALL
        if not self.asks_first():
            self.redraw(only_time=unchanged)

    def asks_first(self) -> bool:
        """Request jobs after a poll. Return whether the screen is redrawn when they arrive."""
        return False

    def redraw(self, *, only_time: bool = False) -> None:
        """Redraw at the current window size. Do nothing while the screen is opening or closing.

        `only_time`: only ages and the clock have changed since the last redraw.
        """
        if not (self.is_mounted and self.app.is_running and self in self.app.screen_stack):
            return
        self.query_one("#header", Lines).show(self.header())
        if not only_time:
            self.redraw_body()
        self.redraw_status()
        self.call_after_refresh(self._place_toasts)

    def _place_toasts(self) -> None:
        """Let toasts lie over the main widget, above its graphs: not over status line and footer."""
        main = self.query_one(".main")
        height = main.region.height
        if self.has_graphs and isinstance(main, LiveTable):
            height = main.lines_above_rule
        below = self.size.height - main.region.y - height
        self.toast_room = max(MIN_TOAST_LINES, height)
        place_toasts(self, below)

    def redraw_status(self) -> None:
        self.query_one("#status", Lines).show(self.status_lines())
        marked = sum(len(table.marked) for table in self.query(LiveTable))
        self.query_one(KeysFooter).show_marked(marked)

    def status_lines(self) -> list[Line]:
        """Return the status as it is shown: in two lines where one is too short."""
        return in_lines(self.status(), self.size.width, self.most_lines)

    @property
    def most_lines(self) -> int:
        """How many lines the status may take."""
        return STATUS_LINES if self.size.height >= MIN_HEIGHT_FOR_TWO else 1

    @property
    def graph_kind(self) -> Kind:
        """The characters to draw graphs with, according to the classes of the app."""
        if self.app.has_class("-ascii"):
            return "ascii"
        return "blocks" if self.app.has_class("-blocks") else "braille"

    # Actions:

    @property
    def why_off(self) -> str:
        """Why nothing can be changed now, as a sentence; "" if it can."""
        if self.view.readonly:
            return self.view.readonly
        if self.view.watched.link.state != "up":
            return "Nothing can be changed while disconnected."
        if self.has_class("-too-small"):
            return "The window is too small to see what would be changed."
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim disabled actions in the footer. Their keys then reach the app, which explains why."""
        return None if action == "act" and self.why_off else True

    def action_act(self, name: str) -> None:
        """Start the action with that name."""
        action = ACTIONS[name]
        if action.on_server:
            self.act(self._run_on_server(action.on_server))
        else:
            self.begin(action)

    def action_trash(self) -> None:
        self.carry_out_alone(self._run_on_server(open_trash))

    async def _run_on_server(self, action: ServerAction) -> None:
        """Run an action on the whole server, and show the jobs that it put."""
        if tally := await action(self.context):
            self.carry_out(self.show_new_jobs(tally.new_ids.values()))

    async def show_new_jobs(self, ids: Iterable[int]) -> None:
        """Add jobs that were put just now to the list on the screen, if there is one."""

    def act(self, work: Work) -> None:
        """Run an action that changes something, if changes are allowed and no other action is
        running."""
        if why_not := self.why_off:
            work.close()
            self.say(why_not)
        else:
            self.carry_out_alone(work)

    def carry_out_alone(self, work: Work) -> None:
        """Run to completion, unless another action is running."""
        if self._acting:
            work.close()
            self.say("The previous action is still running.")
        else:
            self._acting, self._unasked = True, False
            self.early_keys.hold(time.monotonic())
            self.carry_out(self._until_done(work))

    async def _until_done(self, work: Work) -> None:
        try:
            await work
        finally:
            self._acting = False
            self._drop_early_keys()

    def _drop_early_keys(self) -> None:
        """Say so if keys were held for a question that did not come."""
        for key in self.early_keys.release()[-1:]:
            self.say(unheard(key))

    def carry_out(self, work: Work) -> None:
        """Run to completion even if this screen is left: replies to commands must still be read."""
        self.app.run_worker(work)

    # The user of actions:

    async def ask(self, question: Question[T]) -> T | None:
        """Return the answer to a question, or None.

        The answer is also None if another screen is on top by now. That is said once, though an action may
        ask again for what it was not answered.
        """
        if not self.is_active:
            if self._acting and not self._unasked:
                self.fail(UNASKED)
            self._unasked = True
            return None
        before, dialog = self.view, dialog_for(question)
        dialog.take_early_keys = self.early_keys.release
        answer: T | None = await self.app.push_screen_wait(dialog)
        if answer is not None and not isinstance(question, Confirm | AskNumber):
            self.early_keys.hold(time.monotonic())  # another question may follow
        if self._acting and (why_not := _stricter(before, self.view)):
            self.say(why_not)
            return None
        return answer

    async def wait_for(self, work: Coroutine[Any, Any, T], progress: Progress) -> T:
        for key in self.early_keys.release():  # there was no question
            forward(key, self.app)
        return await with_box(self.app, work, ProgressDialog(progress))

    def run_program(
        self,
        variables: Sequence[str],
        usual: str,
        file: str,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        self._drop_early_keys()
        return run_outside(self.app, variables, usual, file, environment)

    def poll_now(self) -> None:
        self.app.post_message(PollWanted())  # to the app, since this screen may be closed by now

    def choose(self, dialog: Dialog[T | None], take: Callable[[T], None]) -> None:
        """Open a dialog at once, so that the next key reaches it. Pass its result to `take`."""

        def on_result(choice: T | None) -> None:
            if choice is not None:
                take(choice)

        if self.is_active:
            self.app.push_screen(dialog, on_result)

    def copy(self, text: str, what: str) -> None:
        """Send a text to the terminal's clipboard. Terminals do not confirm that they take it."""
        self.app.copy_to_clipboard(text)
        inside_tmux = "TMUX" in os.environ
        hint = " If paste is empty: tmux set -g set-clipboard on" if inside_tmux else ""
        self.say(f"Copied {what} (OSC 52).{hint}")

    def say(self, sentence: str) -> None:
        self.notify(printable(sentence), markup=False, timeout=RESULT_SECONDS)

    def fail(self, sentence: str) -> None:
        """Show a warning, for longer than `say` does."""
        self.notify(printable(sentence), severity="warning", markup=False, timeout=ERROR_SECONDS)

    # Keys that change nothing:

    def action_filter(self) -> None:
        if self.filter:
            self.filter.open()

    async def action_back(self) -> None:
        """Clear the filter, or leave the screen if there is none."""
        if not (self.filter and self.filter.clear()):
            await self.run_action("app.leave")

    @property
    def why_no_graph(self) -> str:
        """Why no graph is on the screen, as a sentence; "" if there is one."""
        return "" if self.has_graphs else NO_ROOM

    def action_span(self) -> None:
        """Switch graphs to the next longer time span, or from the longest to the shortest."""
        if why := self.why_no_graph:
            self.say(why)
        else:
            self.post_message(Chosen(span=next_span(self.view.state.span)))

    # Events:

    def on_mount(self) -> None:
        self.redraw()

    def on_screen_resume(self) -> None:
        self.post_message(Resumed())

    def on_redrawn(self) -> None:
        self.redraw_status()
        self.call_after_refresh(self._place_toasts)

    def on_live_table_highlighted(self) -> None:
        self.redraw_status()

    def on_copy_wanted(self, message: CopyWanted) -> None:
        self.copy(message.text, message.what)

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-too-small")
        self.refresh_bindings()
        sentence = f"beantop needs {MIN_WIDTH}x{MIN_HEIGHT}; this is {width}x{height}."
        self.query_one("#too-small", Lines).show([[(sentence, "warn")]])
        self.redraw()


def _stricter(before: ServerView, now: ServerView) -> str:
    """Return why an answer no longer counts: a stricter rule for the server became known meanwhile."""
    if now.readonly:
        return now.readonly
    if now.production and not before.production:
        return f"Nothing was done: this server is {now.guard} in the configuration, a production server."
    return ""
