"""The program on a recording, in place of servers."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app import themes
from beantop.app.app import BeantopApp
from beantop.app.dialogs.ask import AskTextDialog
from beantop.app.messages import GroupsOpened, ProfileOpened
from beantop.app.questions import AskText
from beantop.app.run import keep_cells, run_in_terminal
from beantop.app.session.alarms import Fired, sentence
from beantop.app.session.news import News
from beantop.app.session.options import Options
from beantop.app.session.playback import Playback
from beantop.app.session.server_session import ServerSession
from beantop.beanstalk import Address
from beantop.config import ServerConfig
from beantop.formatting import printable
from beantop.monitor.poller import ServerStatus

NO_JOBS = "a recording has no jobs"

HELP = "A recording. f pauses, ( and ) step, - and + change the speed, @ goes to a time, } to a problem."


def run_replay(playback: Playback, start: Options, is_dark: bool | None) -> int:
    """Show a recording in this terminal and return the exit code. Raises `ConfigError`."""
    app = replay_app(playback, start, is_dark)
    keep_cells(sys.__stderr__)
    asyncio.run(run_in_terminal(app))
    return app.return_code or 0


def replay_app(playback: Playback, start: Options, is_dark: bool | None = None) -> "ReplayApp":
    """Create the app. Raises `ConfigError`."""
    theme = themes.chosen(start.settings.theme, start.state.theme, is_dark)
    return ReplayApp(playback, start, theme)


class ReplayApp(BeantopApp):
    """Shows what was recorded, and asks no server anything."""

    # Without ids: `[keys]` is checked by programs that do not know them.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_parenthesis", "step(1)", "Recording: next poll", show=False),
        Binding("left_parenthesis", "step(-1)", "Recording: previous poll", show=False),
        Binding("at", "go_to", "Recording: go to a time", show=False),
        Binding("right_curly_bracket", "next_problem", "Recording: next problem", show=False),
        Binding("plus,equals_sign", "change_interval(1)", "Recording: play faster", show=False),
        Binding("minus", "change_interval(-1)", "Recording: play slower", show=False),
    ]

    def __init__(self, playback: Playback, start: Options, theme: str) -> None:
        servers = playback.servers.values()
        known = [ServerConfig(one.address, one.name, one.color) for one in servers]
        self._playback = playback
        super().__init__(
            list(playback.pollers.values()),
            start,
            known=known,
            on_all=True,
            theme=theme,
            now=playback.now,
            wall=playback.wall,
        )
        self.session.timeline = lambda: playback.timeline
        playback.alarms = self.session.alarms
        playback.on_alarms, playback.on_jump = self._tell_alarms, self._take_jump
        playback.on_damage = self._tell_damage
        for server in self.session.fleet.servers:
            server.connection.refusal = NO_JOBS

    def on_mount(self) -> None:  # Textual also calls BeantopApp.on_mount
        self.run_worker(self._playback.run(), group="replay")
        self.notify(HELP, markup=False, timeout=8)
        if problem := self._playback.problem:
            self.tell(News(f"The recording is incomplete: {problem}.", "warning"))

    def _tell_alarms(self, fired: list[Fired], ended: list[Fired]) -> None:
        if ended:
            self.tell(News(sentence(ended)))
        if fired:
            self.tell(News(sentence(fired), "warning", is_alarm=True))

    def _tell_damage(self, why: str) -> None:
        self.tell(News(f"The rest of the recording cannot be read: {why}.", "warning"))

    def _take_jump(self, statuses: Mapping[Address, ServerStatus]) -> None:
        """Take the statuses of another moment without news: nothing happened in between."""
        for server in self.session.fleet.servers:
            if status := statuses.get(server.watcher.address):
                server.latest = status
        self._show_views()

    # What a recording cannot do:

    def _sample_jobs(self, server: ServerSession) -> None:
        """Sample nothing."""

    def _measure_jobs(self, server: ServerSession) -> None:
        """Measure nothing."""

    async def _report_cut_off(self, server: ServerSession) -> None:
        """Report nothing: interrupted actions are of today."""

    async def on_profile_opened(self, message: ProfileOpened) -> None:
        message.prevent_default()  # the handler of NavigatingApp
        self._say("A recording has no jobs, so it has no times of jobs.")

    def on_groups_opened(self, message: GroupsOpened) -> None:
        message.prevent_default()  # the handler of NavigatingApp
        self._say("A recording has no jobs to group.")

    def _say(self, sentence: str) -> None:
        self.notify(sentence, markup=False, timeout=3)

    def _update_ages(self) -> None:
        """Draw the whole screen: while the recording is paused, nothing else does."""
        super()._update_ages()
        if self.is_running and (screen := self.server_screen):
            screen.redraw()

    # Keys:

    def action_freeze(self) -> None:
        self._playback.pause_or_play()
        self._show_views()

    def action_change_interval(self, by: int) -> None:
        self._playback.change_speed(by)
        self._show_views()

    def action_poll(self) -> None:
        self._say("This is a recording: nothing is polled.")

    async def action_step(self, by: int) -> None:
        if not await self._playback.step(by, self.session.fleet.shown.watcher.address):
            end = "end" if by > 0 else "beginning"
            self._say(f"This is the {end} of the recording.")

    def action_next_problem(self) -> None:
        self.run_worker(self._next_problem(), group="jump", exclusive=True)

    async def _next_problem(self) -> None:
        nothing = "After this moment no tube gets a sign, no server is lost, and no alert fires."
        self._say(printable(await self._playback.go_to_problem()) or nothing)

    def action_go_to(self) -> None:
        timeline = self._playback.timeline
        lines = [[(f" {_words(timeline.begin)} to {_words(timeline.end)}", "")]]
        question = AskText(
            "Go to which time?",
            lines,
            hint="14:05, 14:05:30, +10m, -1h",
            yes="go",
            check=self._check,
        )
        self.push_screen(AskTextDialog(question), self._go_to_text)

    def _check(self, text: str) -> str:
        try:
            self._moment(text)
        except ValueError as error:
            return f"{error}."
        return ""

    def _go_to_text(self, text: str | None) -> None:
        if text:
            self.run_worker(self._playback.go_to(self._moment(text)), group="jump", exclusive=True)

    def _moment(self, text: str) -> float:
        timeline = self._playback.timeline
        return read_moment(text, timeline.at, timeline.begin, timeline.end)


def read_moment(text: str, at: float, begin: float, end: float) -> float:
    """Return the Unix time that a user means: a time of day, a date and a time, or a duration from
    `at`, with its sign. A time of day is the first one in the recording. Raises `ValueError`."""
    from beantop.formatting import parse_duration

    text = text.strip()
    if text[:1] in ("+", "-"):
        sign = 1 if text[0] == "+" else -1
        return min(max(at + sign * parse_duration(text[1:]), begin), end)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, form).timestamp()
        except ValueError:
            pass
    for form in ("%H:%M:%S", "%H:%M"):
        try:
            moment = datetime.strptime(text, form).time()
        except ValueError:
            continue
        first = datetime.combine(datetime.fromtimestamp(begin).date(), moment).timestamp()
        return first if first >= begin or first + 86_400 > end else first + 86_400
    raise ValueError(f"{text!r} is not a time such as 14:05 or +10m")


def _words(wall: float) -> str:
    return datetime.fromtimestamp(wall).strftime("%Y-%m-%d %H:%M:%S")
