"""The base of all screens: server data, the header, disabled keys and why, starting actions."""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from beantop.app.action_context import ActionContext
from beantop.app.actions.table import ACTIONS, Action, ServerAction
from beantop.app.keys import named, server_bindings
from beantop.app.messages import Chosen, CopyWanted, Resumed
from beantop.app.screens.screen_user import ScreenUser, Work
from beantop.app.session.profiled import Wanted
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.terminal import MIN_HEIGHT, MIN_WIDTH
from beantop.app.textual_private import place_toasts
from beantop.app.view.graph import Kind
from beantop.app.view.graphs_below import NO_ROOM
from beantop.app.view.lines import Line, in_lines
from beantop.app.view.past_graphs import next_span
from beantop.app.view.reasons import STATUS_LINES
from beantop.app.view.timeline_line import timeline_line
from beantop.app.widgets.filter import Filter
from beantop.app.widgets.keys_footer import KeysFooter
from beantop.app.widgets.live_table import LiveTable
from beantop.app.widgets.styled import Lines

if TYPE_CHECKING:
    from beantop.app.dialogs.dialog import Dialog

T = TypeVar("T")

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
    """A screen of one server, or of all; its actions talk to its `user`."""

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
        self.user = ScreenUser(self, lambda: self.view, lambda: self.why_off)
        self.context = ActionContext(self.user, server.connection, services, lambda: self.view)
        self.filter: Filter | None = None
        """The filter of what the screen shows; tables have one of their own."""
        self.toast_room = MIN_TOAST_LINES
        """The number of lines for toasts."""
        self._last_size: Size | None = None
        self.only_tube: str | None = None
        """The name of the tube if the screen is about a single one."""

    @property
    def view(self) -> ServerView:
        """The current data of this screen's server."""
        return self.views[self.server.number - 1]

    def compose(self) -> ComposeResult:
        yield Lines(id="too-small")
        yield Lines(id="header")
        yield from self.compose_body()
        yield Lines(id="status")
        if self.view.timeline:
            yield Lines(id="timeline")
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
        return [self.only_tube] if self.only_tube and number == self.server.number else []

    def ages_wanted(self, number: int) -> list[str] | None:
        """Return the visible tubes of server `number` if ages of jobs are shown or sorted by, else None."""
        return None

    def times_wanted(self, number: int) -> bool:
        """Return whether columns show how long the jobs of server `number` take, in any of its tubes."""
        return False

    def tube_under_cursor(self, number: int) -> str | None:
        """Return the tube of server `number` that the user looks at."""
        return None

    @property
    def profiled(self) -> Wanted | None:
        """Times of jobs to measure while this screen is shown; None for none."""
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
        unchanged = unchanged and now.marks == before.marks
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
        main = next(iter(self.query(".main")), None)
        if main is None:  # the screen is opening or closing
            return
        height = main.region.height
        if self.has_graphs and isinstance(main, LiveTable):
            height = main.lines_above_rule
        below = self.size.height - main.region.y - height
        self.toast_room = max(MIN_TOAST_LINES, height)
        place_toasts(self, below)

    def redraw_status(self) -> None:
        self.query_one("#status", Lines).show(self.status_lines())
        if self.view.timeline:
            line = timeline_line(self.view.timeline, self.size.width)
            self.query_one("#timeline", Lines).show([line])
        marked = sum(len(table.marked) for table in self.query(LiveTable))
        self.query_one(KeysFooter).show_marked(marked)

    def status_lines(self) -> list[Line]:
        """Return the status as it is shown: in two lines where one is too short."""
        return in_lines(self.status(), self.size.width, self.most_lines)

    @property
    def height(self) -> int:
        """The number of lines for all but the line of a recording."""
        return self.size.height - (self.view.timeline is not None)

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
            self.user.act(self._run_on_server(action.on_server))
        else:
            self.begin(action)

    def action_trash(self) -> None:
        from beantop.app.actions.trash import open_trash

        self.user.run_alone(self._run_on_server(open_trash))

    async def _run_on_server(self, action: ServerAction) -> None:
        """Run an action on the whole server, and show the jobs that it put."""
        if tally := await action(self.context):
            self.carry_out(self.show_new_jobs(tally.new_ids.values()))

    async def show_new_jobs(self, ids: Iterable[int]) -> None:
        """Add jobs that were put just now to the list on the screen, if there is one."""

    def carry_out(self, work: Work) -> None:
        """Run to completion even if this screen is left: replies to commands must still be read."""
        self.app.run_worker(work)

    def say(self, sentence: str) -> None:
        self.user.say(sentence)

    def fail(self, sentence: str) -> None:
        self.user.fail(sentence)

    def choose(self, dialog: "Dialog[T | None]", take: Callable[[T], None]) -> None:
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
        if event.size == self._last_size:  # Textual tells the first size three times
            return
        self._last_size = event.size
        width, height = event.size
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-too-small")
        self.refresh_bindings()
        sentence = f"beantop needs {MIN_WIDTH}x{MIN_HEIGHT}; this is {width}x{height}."
        self.query_one("#too-small", Lines).show([[(sentence, "warn")]])
        self.redraw()
