"""One server: its graphs, and every field of its `stats`."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from beantop.app.actions.binlog import show_binlog
from beantop.app.messages import JobsOpened, ProfileOpened
from beantop.app.panes.table_pane import FILTER_HINT
from beantop.app.screens.server_screen import TRASH_KEYS, ServerScreen
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.filter_words import filter_words, no_match
from beantop.app.view.graphs_below import NO_ROOM, graphs_of_server
from beantop.app.view.header import tubes_header
from beantop.app.view.lines import Line, dimmed, rule, spread
from beantop.app.view.server_fields import in_columns, matching, server_groups
from beantop.app.view.words import Words
from beantop.app.widgets.filter import Filter
from beantop.app.widgets.styled import Lines
from beantop.formatting import plural, printable


class ServerDetailsScreen(ServerScreen):
    """Graphs and `stats` of the server, with all fields."""

    FOOTER = ("span", "all_jobs", "binlog", "copy")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "span", "Time span", tooltip="Change the time span of the graphs"),
        Binding("down,j", "scroll(1)", "Down"),
        Binding("up,k", "scroll(-1)", "Up"),
        Binding("pagedown,space,ctrl+d", "scroll(10)", "Further down"),
        Binding("pageup,ctrl+u", "scroll(-10)", "Further up"),
        Binding("home,g", "scroll(-9999)", "To the top"),
        Binding("end,G", "scroll(9999)", "To the bottom"),
        Binding("enter", "all_jobs", "Jobs", key_display="enter", tooltip="All jobs of all tubes"),
        Binding("b", "binlog", "Binlog", tooltip="Jobs that keep the oldest binlog file"),
        Binding("y", "copy", "Copy", tooltip="Copy all fields with their protocol names"),
        Binding("slash,f3,f4", "filter", "Filter", key_display="/", tooltip="Filter the fields"),
        Binding("percent_sign", "profile", "Percentiles: how long jobs take"),
        *TRASH_KEYS,
        Binding("escape", "back", "Back", key_display="esc"),
    ]

    def __init__(
        self, server: ServerSession, services: Services, views: Sequence[ServerView]
    ) -> None:
        super().__init__(server, services, views)
        self.filter = Filter(self, FILTER_HINT, self._filtered, before="#status")
        self._words = Words("")

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        with VerticalScroll(id="fields", classes="main", can_focus=False):
            yield Lines(id="fields-lines")

    def header(self) -> list[Line]:
        return tubes_header(self.view, *self.size)

    def redraw_body(self) -> None:
        self.query_one("#rule", Lines).show([self._rule()])
        self.query_one("#fields-lines", Lines).show(self._fields())

    def _rule(self) -> Line:
        fields = len(self.view.watched.snapshot.server.stats)
        parts: Line = [("Server", "bold"), (plural(fields, "field"), "dim")]
        return rule([*parts, *filter_words(self._words)], self.size.width)

    def _fields(self) -> list[Line]:
        if not self.view.watched.seen:
            return [[], [("   The server has not answered yet.", "")]]
        width = self.size.width - 1  # the scrollbar
        groups = matching(server_groups(self.view), self._words)
        if not groups:
            return no_match(self._words, "field", self.size.width)
        lines = in_columns(groups, width)
        if self.view.stale:
            lines = [dimmed(line) for line in lines]
        if self._words.text:
            return [[], *lines]
        return [*self._graphs(), *lines]

    def _graphs(self) -> list[Line]:
        """Return the graphs; nothing if they do not fit, or if only some fields are shown."""
        width, height = self.size
        if self._words.text:
            return []
        return graphs_of_server(self.view, (width - 1, height), self.graph_kind)

    def status(self) -> Line:
        server = self.view.watched.snapshot.server
        if self.view.watched.link.state == "down" and self.view.watched.seen:
            return [(f" {self.why_off}", "warn")]
        if server.draining:
            return [(" Server takes no new jobs (drain mode).", "warn")]
        numbers: Line = [("rates over the last 5 s ", "dim")]
        where: Line = [(f" {printable(self.view.known.title)} › server", "dim")]
        return spread(where, numbers, self.size.width)

    # Keys:

    def _filtered(self, words: str) -> None:
        self._words = Words(words)
        self.redraw()

    def action_all_jobs(self) -> None:
        self.post_message(JobsOpened(self))

    def action_profile(self) -> None:
        self.post_message(ProfileOpened(self, self.server.number, None))

    def action_binlog(self) -> None:
        self.user.run_alone(show_binlog(self.context))

    @property
    def why_no_graph(self) -> str:
        return "" if self._graphs() else NO_ROOM

    def action_scroll(self, lines: int) -> None:
        self.query_one("#fields").scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        stats = self.view.watched.snapshot.server.stats
        text = "\n".join(
            f"{printable(key)}: {printable(str(value))}" for key, value in stats.items()
        )
        self.copy(text, plural(len(stats), "field"))
