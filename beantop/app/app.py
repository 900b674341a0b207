"""The Textual app: polls servers and updates the screens."""

import asyncio
import math
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from functools import cached_property, partial
from typing import ClassVar, Unpack

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.theme import Theme
from textual.timer import Timer
from textual.widgets import Input

from beantop.app import themes
from beantop.app.actions.table import ACTIONS
from beantop.app.crash import crash_report
from beantop.app.key_forwarding import KeyForwarding
from beantop.app.keys import key_named, keymap, named
from beantop.app.messages import Chosen, PollWanted, Resumed
from beantop.app.navigation import ALL, NavigatingApp, mode_of
from beantop.app.screens.screen_user import ERROR_SECONDS
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.session.news import News
from beantop.app.session.options import AS_USUAL, Options
from beantop.app.session.profiled import EVERY_TUBE, FOR_RULES, Wanted
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.session import Session
from beantop.config import ServerConfig
from beantop.ending import end_by_force
from beantop.formatting import printable
from beantop.jobs.aside import in_time_async
from beantop.jobs.marks import MarksFile
from beantop.jobs.oldest_jobs import AgesNeeded, Sample
from beantop.monitor.poller import ServerStatus, StatusSource
from beantop.preferences import PreferenceChanges

SPARE_THREADS = 8
"""Threads for everything except resolving names."""

MAX_END_SECONDS = 8.0
"""Seconds for all screens to close before the program is ended by force."""

MAX_OPENING_SECONDS = 0.5
"""Seconds to wait at the end for a screen that is still opening."""

FRESH_SECONDS = 1.25
"""Seconds after a poll in which the clock does not update the screen again."""

MIN_PAUSE_SECONDS = 0.5
"""Minimum seconds between redraws of the screens with all servers."""

PAUSE_RATIO = 20
"""Ratio of such a pause to the time that the redraw before it took."""


# Functions, since the palette is imported when it is first opened.


def _key_commands() -> type[Provider]:
    from beantop.app.palette import KeyCommands

    return KeyCommands


def _tube_commands() -> type[Provider]:
    from beantop.app.palette import TubeCommands

    return TubeCommands


def _job_commands() -> type[Provider]:
    from beantop.app.palette import JobCommands

    return JobCommands


class BeantopApp(NavigatingApp):
    """Shows one of the servers of `watchers` first, or all of them with `on_all`."""

    CSS_PATH = "beantop.tcss"
    TITLE = "beantop"
    DEFAULT_MODE = mode_of(1)
    COMMANDS: ClassVar = {_key_commands, _tube_commands, _job_commands}
    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("f", "freeze", "Freeze", tooltip="Freeze or resume the screen"),
            Binding("0", "server", "All servers, or one in detail", show=False),
            Binding("x", "alerts", "Show all problems and alerts", show=False),
            Binding("plus,equals_sign", "change_interval(1)", "Poll less often", show=False),
            Binding("minus", "change_interval(-1)", "Poll more often", show=False),
            Binding("r,f5", "poll", "Poll or reconnect now", show=False),
            *(
                Binding(f"{number}", f"show_server({number})", f"Server {number}", show=False)
                for number in range(1, 10)
            ),
            Binding("left_square_bracket", "step_server(-1)", "Previous server", show=False),
            Binding("right_square_bracket", "step_server(1)", "Next server", show=False),
            Binding(
                "colon,ctrl+p",
                "command_palette",
                "More",
                tooltip="Commands, tubes, job ids",
                key_display=":",
                id="commands",
            ),
            Binding("q,f10", "leave", "Quit", tooltip="Back, or quit on the first screen"),
            Binding("ctrl+q,ctrl+c", "quit", "Quit now", show=False, priority=True),
            Binding("ctrl+z", "suspend_process", "Suspend to the shell; fg returns", show=False),
            # Keys of disabled actions get here, and so do the lower-case letters of capital keys.
            *(
                Binding(action.key, f"explain_off({name!r})", show=False, system=True, id=name)
                for name, action in ACTIONS.items()
            ),
            Binding("d", "hint('delete')", show=False, system=True),
            Binding("p", "hint('pause')", show=False, system=True),
        ]
    )

    def __init__(
        self,
        watchers: Sequence[StatusSource],
        start: Options = AS_USUAL,
        *,
        known: Sequence[ServerConfig] = (),
        on_all: bool = False,
        theme: str = themes.DARK.name,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if on_all and len(watchers) > 1:  # before Textual reads it
            self.DEFAULT_MODE = ALL  # type: ignore[misc]  # Textual declares it for the class
        no_color = bool(os.environ.get("NO_COLOR"))
        # Set early: later, Textual would parse all styles again, and NO_COLOR would keep RGB grays.
        self.set_reactive(App.theme, "ansi-dark" if no_color else theme)
        session = Session(watchers, start, known, now, wall)
        super().__init__(session, log=start.log, ansi_color=True if no_color else None)
        self.set_class(start.settings.ascii, "-ascii")
        self.set_class(start.settings.graphs == "blocks", "-blocks")
        self.set_keymap(keymap(start.settings))
        self.animation_level = "none"
        self._key_forwarding = KeyForwarding()
        self._has_started = False
        self._requested_code: int | None = None
        self._pending_update: Timer | None = None
        self._next_update_at = 0.0
        self._polled_at = -math.inf
        self._is_reading_marks = False
        for server in session.fleet.servers:
            server.watcher.wanted = partial(self._tubes_wanted, server)

    @cached_property  # Textual reads it for each line that it draws
    def available_themes(self) -> dict[str, Theme]:
        return super().available_themes | themes.OURS

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.syntax_colors(self.current_theme)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            if event.is_forwarded and self._is_early(event):
                return
            if self._key_forwarding.redirected(event, self.focused or self.screen):
                return
            if event.is_forwarded:
                self._explain_unused(event)
        await super().on_event(event)

    def _is_early(self, key: events.Key) -> bool:
        """Return whether to keep this key from the screen, since it was meant for a question."""
        return isinstance(self.screen, ServerScreen) and self.screen.user.early_keys.takes(key)

    def _explain_unused(self, key: events.Key) -> None:
        """Say so if a key that came back unused means nothing here. Dialogs show the keys they take."""
        if not (key.is_printable and isinstance(self.screen, ServerScreen)):
            return
        if key.key not in self.active_bindings and not isinstance(self.focused, Input):
            name = printable(key.character or key.key)
            self.notify(f"{name} does nothing here; ? shows all keys.", markup=False, timeout=3)

    # Polling:

    def on_mount(self) -> None:
        self._report_problems()
        servers = self.session.fleet.servers
        # A name that does not resolve blocks a thread, so every name gets one.
        names = len(servers) + len(self.session.start.settings.servers)
        threads = ThreadPoolExecutor(names + SPARE_THREADS)
        asyncio.get_running_loop().set_default_executor(threads)
        for server in servers:
            self.run_worker(self._watch(server), group="poll")
        self._look_up_guards()
        self.set_interval(1.0, self._update_ages)
        self.set_interval(1.0, self._report_problems)
        self._read_marks()
        self.set_interval(1.0, self._read_marks)
        self._has_started = True
        if self._requested_code is not None:
            self.end(self._requested_code)

    async def _watch(self, server: ServerSession) -> None:
        async with aclosing(server.watcher.watch()) as statuses:
            async for watched in statuses:
                self._note_times(server, watched)
                is_reached = watched.link.state == "up" and server.latest.link.state != "up"
                all_news = self.session.take(server, watched)
                if is_reached:  # by now it is known which server this is
                    # After the redraw, since it imports much.
                    self.call_after_refresh(lambda: self.run_worker(self._report_cut_off(server)))
                for news in all_news:
                    self.tell(news)
                self._sample_jobs(server)
                self._measure_jobs(server)
                self._look_up_guards()
                if all_news or server in self.at_hand:  # one server may reveal what another one is
                    if watched.link.state == "up":
                        self._polled_at = time.monotonic()
                    self._update_screen()

    def _sample_jobs(self, server: ServerSession) -> None:
        """Sample jobs for facts that polls do not have."""
        status = server.latest
        if timing_out := server.sampler.choose(status):
            self.run_worker(server.sampler.sample(timing_out, status))
        needs = self._ages_needed(server)
        if chosen := server.oldest.choose(status, needs):
            self.run_worker(self._sample_ages(server, status, chosen, is_shown=needs.is_shown))
        server.watcher.spares = server.oldest.is_behind

    def _ages_needed(self, server: ServerSession) -> AgesNeeded:
        """Return for which tubes the ages of the oldest jobs of a server are needed."""
        needs, screen = self.session.alarms.ages_needed(server.latest), self.server_screen
        if screen is None:
            return needs
        number = server.number
        shown = screen.ages_wanted(number)
        cursor = screen.tube_under_cursor(number)
        return needs._replace(is_shown=shown is not None, on_screen=shown or (), cursor=cursor)

    async def _sample_ages(
        self,
        server: ServerSession,
        status: ServerStatus,
        chosen: Sequence[Sample],
        *,
        is_shown: bool,
    ) -> None:
        await server.oldest.sample(chosen, status)
        if is_shown:
            self._update_screen()

    def _note_times(self, server: ServerSession, polled: ServerStatus) -> None:
        """Note what rules compare and columns show of the times of jobs, before the rules are evaluated."""
        if server.has_profiler:
            screen = self.server_screen
            shown = frozenset(screen.tubes_wanted(server.number) if screen else ())
            server.profiler.note_percentiles(polled.snapshot, polled.history.sampled, shown)

    def _measure_jobs(self, server: ServerSession) -> None:
        """Measure the times of jobs that the screen or its columns show or that rules compare, and no others."""
        screen = self.server_screen
        is_shown = screen is not None and screen.server is server and self.current_mode != ALL
        is_up = server.latest.link.state == "up" and server.latest.peer is not None
        wanted = screen.profiled if screen and is_shown and is_up else None
        has_table = server.latest.polls > 1  # it comes before what is imported for this
        if is_up and has_table and (patterns := self._timed_tubes(server)):
            wanted = (wanted or Wanted("", FOR_RULES))._replace(patterns=patterns)
        if not (wanted or server.has_profiler):
            return
        actions = self.session.services.running_actions
        server.profiler.is_acting = lambda: actions.are_there
        if screen and is_shown:
            server.profiler.reading_of = screen.view.reading
        server.profiler.note_puts(server.latest.snapshot)
        if server.profiler.want(wanted):
            self.run_worker(server.profiler.run(), group="profile")

    def _timed_tubes(self, server: ServerSession) -> tuple[str, ...]:
        """Return the patterns of the tubes whose jobs are measured for columns, also while another screen is
        on top of them, or for rules."""
        screens = (screen for screen in self.screen_stack if isinstance(screen, ServerScreen))
        if any(screen.times_wanted(server.number) for screen in screens):
            return EVERY_TUBE
        return self.session.alarms.timed_tubes

    def _update_ages(self) -> None:
        """Update ages on the screen, unless polls have just updated it."""
        if time.monotonic() - self._polled_at > FRESH_SECONDS:
            self._update_screen()

    def _read_marks(self) -> None:
        marks = self.session.start.marks
        if marks and not self._is_reading_marks:
            self._is_reading_marks = True
            self.run_worker(self._take_marks(marks), group="marks")

    async def _take_marks(self, file: MarksFile) -> None:
        try:
            marks = await in_time_async(file.read_new)
        except TimeoutError:  # the disk is dead; the thread is abandoned
            return
        self._is_reading_marks = False
        for news in self.session.take_marks(marks):
            self.tell(news)
        if marks:
            self._update_screen()

    def _look_up_guards(self) -> None:
        """Resolve the addresses of the guarded servers, if that is needed."""
        guarding = self.session.fleet.guarding
        if guarding.wants_look_up:
            self.run_worker(self._report_guards(guarding.look_up()), group="guards")

    async def _report_guards(self, looked_up: Awaitable[list[News]]) -> None:
        for news in await looked_up:
            self.tell(news)
        self._update_screen()

    async def _report_cut_off(self, server: ServerSession) -> None:
        """Report interrupted actions on a server that has just connected."""
        services = self.session.services
        if not services.parking:
            return
        with suppress(OSError):  # which is reported below
            if await in_time_async(services.parking.is_empty):
                return  # the usual case, without a large import
        from beantop.app.actions.cut_off import cut_off_news

        name = f"Server {server.number} ({server.name}): " if self.session.fleet.several else ""
        for news in await cut_off_news(services.parking, services.trash, server.connection):
            sentence = name + news.sentence
            # Once, however often it reconnects.
            if all(entry.text != sentence for entry in self.said):
                self.tell(news._replace(sentence=sentence))

    def _update_screen(self) -> None:
        """Update the screen; one with all servers less often the longer it takes to draw."""
        if self.current_mode != ALL:
            self._show_views()
        elif self._pending_update is None:
            wait = max(0.001, self._next_update_at - time.monotonic())  # Textual divides by it
            self._pending_update = self.set_timer(wait, self._update_all_servers)

    def _update_all_servers(self) -> None:
        self._pending_update = None
        began = time.monotonic()
        self._show_views()
        now = time.monotonic()
        self._next_update_at = now + max(MIN_PAUSE_SECONDS, PAUSE_RATIO * (now - began))

    def _tubes_wanted(self, server: ServerSession) -> list[str]:
        """Return the tubes that each poll of a server must include: visible ones first, then marked
        ones, those with a sample that rules wait for, and those with a firing alert."""
        screen = self.server_screen
        on_screen = screen.tubes_wanted(server.number) if screen else []
        alarms = self.session.alarms.tubes_of(server.watcher.address)
        return [*on_screen, *server.oldest.wanted(), *alarms]

    @property
    def view(self) -> ServerView:
        """The current data of the server on the screen."""
        return self.session.views()[self.session.fleet.shown.number - 1]

    def _show_views(self) -> None:
        if self.is_running and (screen := self.server_screen):
            screen.show(self.session.views())

    def on_resumed(self, message: Resumed) -> None:
        for server in self.session.fleet.servers:
            self._measure_jobs(server)
        self._show_views()
        self.show_held_toasts()

    def on_poll_wanted(self, message: PollWanted) -> None:
        self.action_poll()

    def on_chosen(self, message: Chosen) -> None:
        self._remember(**message.choices)
        self._show_views()

    def watch_theme(self, theme: str) -> None:
        if self.is_running and self.screen_stack:
            self._remember(theme=theme)

    def _remember(self, **choices: Unpack[PreferenceChanges]) -> None:
        self.session.remember(**choices)

    def _report_problems(self) -> None:
        for problem in self.session.new_problems():
            self.notify(problem, severity="warning", markup=False, timeout=ERROR_SECONDS)

    # Keys:

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        fleet = self.session.fleet
        match action, parameters:
            case "show_server", (int(number),):
                return fleet.several and number <= len(fleet.servers)
            case "step_server", _:
                return fleet.several
        return super().check_action(action, parameters)

    def action_poll(self) -> None:
        for server in self.at_hand:
            server.watcher.poke()

    def action_read_only(self) -> None:
        """Make all servers read-only until the program is restarted."""
        self.session.fleet.forbid_changes()
        self._show_views()
        self.notify("Read-only until beantop is restarted.", markup=False)

    def action_freeze(self) -> None:
        frozen = any(server.frozen for server in self.at_hand)
        for server in self.at_hand:
            if bool(server.frozen) == frozen:
                server.freeze_or_go_on()
        self._show_views()

    def action_change_interval(self, by: int) -> None:
        for server in self.at_hand:
            server.change_interval(by)
        self._remember(interval=self.session.fleet.shown.watcher.interval)
        self._show_views()

    def action_explain_off(self, action: str) -> None:
        """Explain why the key of an action does nothing here."""
        if screen := self.server_screen:
            screen.say(screen.why_off or self._why_not_here(action))

    def _why_not_here(self, action: str) -> str:
        keys = self.session.start.settings.keys
        return ACTIONS[action].why_not_here(keys.get(action))

    def action_hint(self, action: str) -> None:
        """Point to the capital key after its lower-case letter was pressed."""
        bindings = [active.binding for active in self.active_bindings.values()]
        keys = [binding.key for binding in bindings if binding.action == f"act({action!r})"]
        here = f"{action.title()} is {key_named(keys[0])}; it asks first." if keys else ""
        self.notify(here or self._why_not_here(action), markup=False, timeout=3)

    # Quitting:

    def crash_report(self, error: BaseException) -> str:
        return crash_report(error)

    async def action_quit(self) -> None:
        await self._leave(0)

    def end(self, code: int) -> None:
        """End the program with an exit code after a signal, or as soon as it has started."""
        self._requested_code = code
        if self._has_started:
            self.call_as_app(lambda: self.run_worker(self._leave(code)))

    async def _leave(self, code: int) -> None:
        """End the program after the current batches of running actions."""
        await self.session.services.running_actions.end()
        await self._wait_for_screens()
        if not self.is_headless:
            end_by_force(code, MAX_END_SECONDS)
        self.exit(return_code=code)

    async def _wait_for_screens(self) -> None:
        """Wait for screens that are opening: Textual fails if the app ends in between."""
        deadline = time.monotonic() + MAX_OPENING_SECONDS
        while not all(screen.is_mounted for screen in self.screen_stack):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.01)  # Textual says nothing when a screen has opened

    def on_unmount(self) -> None:
        if not self.is_headless:
            end_by_force(self.return_code or 0)  # a thread that resolves a name cannot be stopped
        for server in self.session.fleet.servers:
            server.connection.close()
            if server.has_profiler:
                server.profiler.connection.close()
