"""The program with a screen: watches servers, and takes people from screen to screen."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from beantop.app import themes
from beantop.app.facts import Facts
from beantop.app.header import WIDE
from beantop.app.messages import FactsWanted, JobOpened, PollWanted, TubeOpened
from beantop.app.palette import KeyCommands, TubeCommands
from beantop.app.screens.dialog import Dialog
from beantop.app.screens.help import HelpScreen
from beantop.app.screens.job import JobScreen
from beantop.app.screens.tube import TubeScreen
from beantop.app.screens.tubes import TubesScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.app.terminal import end_by_force, end_on_signals, terminal_is_gone
from beantop.beanstalk import Address, format_address
from beantop.jobs.connection import ActingConnection
from beantop.monitor.poller import Link, Poller, Watched, Watcher
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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "freeze", "Freeze", tooltip="Freeze the screen, or go on"),
        Binding("plus,equals_sign", "change_interval(1)", "Poll less often", show=False),
        Binding("minus", "change_interval(-1)", "Poll more often", show=False),
        Binding("r", "poll", "Poll or reconnect now", show=False),
        *(
            Binding(f"{number}", f"show_server({number})", f"Server {number}", show=False)
            for number in range(1, 10)
        ),
        Binding("left_square_bracket", "step_server(-1)", "Server before", show=False),
        Binding("right_square_bracket", "step_server(1)", "Next server", show=False),
        Binding("colon,ctrl+p", "command_palette", "More", key_display=":"),
        Binding("q", "leave", "Quit", tooltip="Back, or quit from the top"),
        Binding("ctrl+q,ctrl+c", "quit", "Quit now", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "To the shell; fg comes back", show=False),
        # Keys of actions that are off come here, and so do small twins of capitals.
        Binding("K,D,P", "explain_off", show=False, system=True),
        Binding("d", "hint('delete', 'D')", show=False, system=True),
        Binding("p", "hint('pause', 'P')", show=False, system=True),
    ]

    def __init__(
        self,
        watchers: Sequence[Watcher],
        *,
        readonly: bool = False,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        no_color = bool(os.environ.get("NO_COLOR"))
        super().__init__(ansi_color=True if no_color else None)
        self.register_theme(themes.DARK)
        self.register_theme(themes.LIGHT)
        # Without an ansi theme from the first moment on, NO_COLOR would leave greys in RGB.
        self.theme = "ansi-dark" if no_color else themes.DARK.name
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
        )

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and isinstance(self.screen, Dialog):
            self.screen.key_time = event.time
        await super().on_event(event)

    def on_mount(self) -> None:
        for number in range(len(self._watchers)):
            self.run_worker(self._watch(number), group="poll")
        self.set_interval(1.0, self._tell_screen)
        if not self.is_headless:
            end_on_signals(self._end)
            self.set_interval(2.0, self._end_without_terminal)

    def _tubes_of(self, server: int) -> TubesScreen:
        self._shown = server
        return TubesScreen(self._connections[server], self.facts)

    def on_unmount(self) -> None:
        for connection in self._connections:
            connection.close()

    async def _watch(self, number: int) -> None:
        async with aclosing(self._watchers[number].watch()) as news:
            async for watched in news:
                before, self._watched[number] = self._watched[number], watched
                self._tell_of_changes(before, watched)
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

    def action_hint(self, action: str, capital: str) -> None:
        """A small twin of a capital was pressed."""
        here = any(active.binding.action == action for active in self.active_bindings.values())
        sentence = f"is {capital} (capital)" if here else "is for the screen of a job or a tube"
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


def run(addresses: Sequence[Address], interval: float, *, readonly: bool) -> int:
    """Run the program in this terminal; the result is its exit code."""
    app = BeantopApp([Poller(address, interval) for address in addresses], readonly=readonly)
    app.run()
    return app.return_code or 0
