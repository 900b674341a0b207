"""The program with a screen: watches servers, and takes people from screen to screen."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Literal, Unpack
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from beantop.app import themes
from beantop.app.alarm import Alarms, sentence
from beantop.app.facts import Facts
from beantop.app.header import WIDE
from beantop.app.keys import check_keys, key_named, keymap, named
from beantop.app.messages import Chosen, FactsWanted, JobOpened, PollWanted, TubeOpened
from beantop.app.palette import KeyCommands, TubeCommands
from beantop.app.screens.alerts import AlertsScreen
from beantop.app.screens.dialog import Dialog
from beantop.app.screens.help import HelpScreen
from beantop.app.screens.job import JobScreen
from beantop.app.screens.log import MOST as MOST_SAID
from beantop.app.screens.log import Entry, LogScreen
from beantop.app.screens.tube import TubeScreen
from beantop.app.screens.tubes import TubesScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.app.start import Start
from beantop.app.terminal import end_by_force, end_on_signals, tell_desktop, terminal_is_gone
from beantop.app.widgets.drawn import AsciiScrollBar, Drawn
from beantop.beanstalk import Address, format_address
from beantop.config import NOTHING_SET, Settings
from beantop.jobs.connection import ActingConnection
from beantop.monitor.poller import Link, Poller, Watched, Watcher
from beantop.state import NOTHING_CHOSEN, Choices, State, StateFile
from beantop.text import duration, full, shown

INTERVALS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds that `+` and `-` go through."""


@dataclass(frozen=True)
class Frozen:
    """What the screen showed when it was frozen."""

    watched: Watched
    at: float


class BeantopApp(App[None]):
    """Watches the servers of `watchers` and shows one of them."""

    CSS_PATH = "beantop.tcss"
    TITLE = "beantop"
    DEFAULT_MODE = "server 0"
    COMMANDS = App.COMMANDS | {KeyCommands, TubeCommands}
    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("f", "freeze", "Freeze", tooltip="Freeze the screen, or go on"),
            Binding("x", "alerts", "Alerts: what fires, since when", show=False),
            Binding("plus,equals_sign", "change_interval(1)", "Poll less often", show=False),
            Binding("minus", "change_interval(-1)", "Poll more often", show=False),
            Binding("r", "poll", "Poll or reconnect now", show=False),
            *(
                Binding(f"{number}", f"show_server({number})", f"Server {number}", show=False)
                for number in range(1, 10)
            ),
            Binding("left_square_bracket", "step_server(-1)", "Previous server", show=False),
            Binding("right_square_bracket", "step_server(1)", "Next server", show=False),
            Binding("colon,ctrl+p", "command_palette", "More", key_display=":", id="commands"),
            Binding("q", "leave", "Quit", tooltip="Back, or quit from the top"),
            Binding("ctrl+q,ctrl+c", "quit", "Quit now", show=False, priority=True),
            Binding("ctrl+z", "suspend_process", "To the shell; fg comes back", show=False),
            # Keys of actions that are off come here, and so do small twins of capitals.
            *(
                Binding(key, "explain_off", show=False, system=True, id=action)
                for key, action in (("K", "kick"), ("D", "delete"), ("P", "pause"))
            ),
            Binding("d", "hint('delete')", show=False, system=True),
            Binding("p", "hint('pause')", show=False, system=True),
        ]
    )

    def __init__(
        self,
        watchers: Sequence[Watcher],
        *,
        readonly: bool = False,
        settings: Settings = NOTHING_SET,
        state: State = NOTHING_CHOSEN,
        kept: StateFile | None = None,
        theme: str = themes.DARK.name,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        no_color = bool(os.environ.get("NO_COLOR"))
        super().__init__(ansi_color=True if no_color else None)
        self.register_theme(themes.DARK)
        self.register_theme(themes.LIGHT)
        # Without an ansi theme from the first moment on, NO_COLOR would leave greys in RGB.
        self.theme = "ansi-dark" if no_color else theme
        self.set_class(settings.ascii, "-ascii")
        self.set_keymap(keymap(settings))
        self.state = state
        """What the user chose; change it with `remember`."""
        self._kept = kept
        self._settings = settings
        self._alarms = Alarms(settings.alerts)
        self._aims: WeakKeyDictionary[events.Key, Widget | None] = WeakKeyDictionary()
        self._said: deque[Entry] = deque(maxlen=MOST_SAID)
        self.animation_level = "none"
        self._watchers = list(watchers)
        self._connections = [ActingConnection(watcher.address) for watcher in watchers]
        self._shown = 0
        self._watched = [
            Watched(watcher.address, Link("connecting", now())) for watcher in self._watchers
        ]
        for watcher, connection in zip(self._watchers, self._connections, strict=True):
            watcher.own_connections = partial(_connections_with, connection)
        self._frozen: Frozen | None = None
        self._readonly = readonly
        self._now = now
        self._wall = wall
        for server in range(len(self._watchers)):  # each has screens of its own, one on the other
            self.add_mode(_mode(server), partial(self._tubes_of, server))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands, less those that mean nothing here."""
        unwanted = {"Maximize", "Minimize", "Keys", "Screenshot"}
        return [
            command for command in super().get_system_commands(screen) if command[0] not in unwanted
        ]

    # What is known:

    @property
    def facts(self) -> Facts:
        """How things stand with the server on the screen."""
        latest = self._watched[self._shown]
        frozen = self._frozen
        # The numbers are frozen; that the server is away, or back, is told all the same.
        watched = replace(frozen.watched, link=latest.link) if frozen else latest
        return Facts(
            watched,
            self._now(),
            self._wall(),
            self._watchers[self._shown].interval,
            self._readonly,
            frozen.at if frozen else None,
            latest.polls - frozen.watched.polls if frozen else 0,
            self._shown + 1,
            len(self._watchers),
            len(self._alarms.firing),
            self.state,
        )

    # What is kept from one run to the next:

    def remember(self, **choices: Unpack[Choices]) -> None:
        """Note what the user chose, as `remember(sort="-ready")`, for now and for the next time.

        Screens say it with the message `Chosen`, and find it in `facts.state`.
        """
        state = replace(self.state, **choices)
        if state != self.state:
            self.state = state
            if self._kept:
                told = self._kept.problem
                self._kept.save(state)
                if self._kept.problem != told:
                    self._tell_problem()

    def _tell_problem(self) -> None:
        if self._kept and self._kept.problem:
            self.notify(shown(self._kept.problem), severity="warning", markup=False)

    def on_chosen(self, message: Chosen) -> None:
        self.remember(**message.choices)

    def watch_theme(self, theme: str) -> None:
        if self.is_running and self.screen_stack:
            self.remember(theme=theme)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a toast, and note in the log what it says."""
        self._said.append(Entry(self._wall(), severity, shown(message)))
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            if isinstance(self.screen, Dialog):
                self.screen.key_time = event.time
            if self._aim_again(event):
                return
        await super().on_event(event)

    def _aim_again(self, key: events.Key) -> bool:
        """Whether a key comes back unused while the focus has moved since it was sent out.

        Textual sends a key to what has the focus when it arrives, which is too early for keys that
        come faster than the one before them is handled: `/push` in one piece, say.
        """
        focused = self.focused
        if not key.is_forwarded:
            self._aims[key] = focused
        elif self._aims.pop(key, focused) is not focused and focused is not None:
            again = events.Key(key.key, key.character)
            again.time = key.time
            self._aims[again] = focused
            again._set_forwarded()
            focused.post_message(again)
            return True
        return False

    def on_mount(self) -> None:
        self._tell_problem()
        for number in range(len(self._watchers)):
            self.run_worker(self._watch(number), group="poll")
        self.set_interval(1.0, self._tell_screen)
        if not self.is_headless:
            end_on_signals(self._end)
            self.set_interval(2.0, self._end_without_terminal)

    def _tubes_of(self, server: int) -> TubesScreen:
        return TubesScreen(self._connections[server], self.facts)

    def on_unmount(self) -> None:
        for connection in self._connections:
            connection.close()

    async def _watch(self, number: int) -> None:
        async with aclosing(self._watchers[number].watch()) as news:
            async for watched in news:
                before, self._watched[number] = self._watched[number], watched
                self._tell_of_changes(before, watched)
                self._tell_of_alerts(watched)
                if number == self._shown:
                    self._tell_screen()

    def _tell_of_changes(self, before: Watched, now: Watched) -> None:
        """Say that a server is back, and that it is a new process: its jobs may be gone."""
        if not before.seen or now.link.state != "up":
            return
        name = shown(format_address(now.address))
        if before.link.state == "down":
            away = duration(now.link.since - before.link.since)
            self.notify(f"{name} is back after {away}.", markup=False)
        old, new = before.snapshot.server, now.snapshot.server
        if not old.is_same_process(new):
            jobs = f"{full(old.ready)} ready jobs before, {full(new.ready)} now"
            self.notify(f"{name} was restarted: {jobs}.", severity="warning", markup=False)

    def _tell_of_alerts(self, watched: Watched) -> None:
        fired, ended = self._alarms.look(watched)
        if ended:
            self.notify(sentence(ended), markup=False)
        if fired:
            self.notify(sentence(fired), severity="warning", markup=False, timeout=8)
            if self._settings.bell:
                self.bell()
            if self._settings.desktop and not self.is_headless:
                tell_desktop(self, sentence(fired))

    def _tell_screen(self) -> None:
        if not self.is_running:
            return
        for screen in reversed(self.screen_stack):
            if isinstance(screen, WatchingScreen):
                screen.show(self.facts)
                return

    # What screens wish for:

    def on_facts_wanted(self, message: FactsWanted) -> None:
        self._tell_screen()

    def on_poll_wanted(self, message: PollWanted) -> None:
        self.action_poll()

    def on_tube_opened(self, message: TubeOpened) -> None:
        if isinstance(self.screen, TubeScreen) and self.screen.tube == message.name:
            return  # the key was held down
        self.push_screen(TubeScreen(self._connections[self._shown], self.facts, message.name))

    def on_job_opened(self, message: JobOpened) -> None:
        if isinstance(self.screen, JobScreen):
            return  # the key was held down
        self.push_screen(JobScreen(self._connections[self._shown], self.facts, message.seen))

    # Keys:

    def action_help(self) -> None:
        if isinstance(self.screen, WatchingScreen):
            columns = 2 if self.size.width >= WIDE else 1
            self.push_screen(HelpScreen(self.active_bindings.values(), columns))

    def action_alerts(self) -> None:
        if isinstance(self.screen, WatchingScreen):
            self.push_screen(AlertsScreen(self._alarms, self._now, self._wall))

    def action_log(self) -> None:
        if isinstance(self.screen, WatchingScreen):
            self.push_screen(LogScreen(self._said))

    def action_poll(self) -> None:
        self._watchers[self._shown].poke()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        several = len(self._watchers) > 1
        match action, parameters:
            case "show_server", (int(number),):
                return several and number <= len(self._watchers)
            case "step_server", _:
                return several
        return super().check_action(action, parameters)

    async def action_show_server(self, number: int) -> None:
        """Go to where the user was on that server; 1 is the first."""
        if number - 1 == self._shown:
            return
        self._shown = number - 1
        self._frozen = None
        await self.switch_mode(_mode(self._shown))

    async def action_step_server(self, by: int) -> None:
        await self.action_show_server((self._shown + by) % len(self._watchers) + 1)

    def action_freeze(self) -> None:
        if self._frozen:
            self._frozen = None
        else:
            watched = self._watched[self._shown]
            self._frozen = Frozen(watched.frozen(), self._now())
        self._tell_screen()

    def action_change_interval(self, by: int) -> None:
        watcher = self._watchers[self._shown]
        longer = [seconds for seconds in INTERVALS if seconds > watcher.interval]
        shorter = [seconds for seconds in INTERVALS if seconds < watcher.interval]
        if choice := longer[:1] if by > 0 else shorter[-1:]:
            watcher.interval = choice[0]
            watcher.poke()
            self.remember(interval=watcher.interval)
            self._tell_screen()

    def action_leave(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.exit()

    def action_explain_off(self) -> None:
        screen = self.screen
        if isinstance(screen, WatchingScreen) and screen.why_off:
            screen.say(screen.why_off)

    def action_hint(self, action: str) -> None:
        """A small twin of a capital was pressed."""
        bindings = [active.binding for active in self.active_bindings.values()]
        keys = [binding.key for binding in bindings if binding.action == action]
        sentence = f"is {key_named(keys[0])}" if keys else "is for the screen of a job or a tube"
        self.notify(f"{action.title()} {sentence}. Nothing was changed.", markup=False, timeout=3)

    # The end:

    def _end(self, code: int) -> None:
        end_by_force(code)
        self.exit(return_code=code)

    def _end_without_terminal(self) -> None:
        if terminal_is_gone():
            self._end(128 + signal.SIGHUP)


def _mode(server: int) -> str:
    """Textual's name for the screens of a server."""
    return f"server {server}"


def _connections_with(acting: ActingConnection) -> int:
    """How many connections to a server are ours: the one that watches, and this one."""
    return 2 if acting.is_open else 1


def run(addresses: Sequence[Address], start: Start, is_dark: bool | None = None) -> int:
    """Run the program in this terminal; the result is its exit code. Raises `ConfigError`.

    `is_dark` tells of the terminal's background, if that is known.
    """
    app = start_app([Poller(address, start.interval) for address in addresses], start, is_dark)
    app.run()
    return app.return_code or 0


def start_app(watchers: Sequence[Watcher], start: Start, is_dark: bool | None = None) -> BeantopApp:
    """The program, as it was asked for. Raises `ConfigError`."""
    check_keys(start.settings, (BeantopApp, WatchingScreen, Drawn))
    app = BeantopApp(
        watchers,
        readonly=start.readonly,
        settings=start.settings,
        state=start.state,
        kept=start.kept,
        theme=themes.chosen(start.settings.theme, start.state.theme, is_dark),
    )
    if start.settings.ascii:
        ScrollBar.renderer = AsciiScrollBar
    return app
