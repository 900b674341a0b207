"""The program with a screen: watches servers, and takes people from screen to screen."""

import asyncio
import math
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import ClassVar, Literal, Unpack

from rich.text import Text
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from beantop.app import news, themes
from beantop.app.aims import Aims
from beantop.app.alarm import Alarms, sentence
from beantop.app.crash import crash_report
from beantop.app.facts import Facts
from beantop.app.fleet import READONLY_BY_ARGUMENT, READONLY_BY_FILE, Fleet
from beantop.app.header import WIDE
from beantop.app.keys import CHANGING, key_named, keymap, named
from beantop.app.log_file import LogFile
from beantop.app.memory import Memory
from beantop.app.messages import (
    AllTubesOpened,
    Chosen,
    FactsWanted,
    JobOpened,
    PollWanted,
    PutBackWanted,
    ServerOpened,
    TrashWanted,
    TubeOpened,
)
from beantop.app.palette import KeyCommands, TubeCommands
from beantop.app.screens.alerts import AlertsScreen
from beantop.app.screens.all_tubes import AllTubesScreen
from beantop.app.screens.dialog import Dialog
from beantop.app.screens.help import HelpScreen
from beantop.app.screens.job import JobScreen
from beantop.app.screens.log import MOST as MOST_SAID
from beantop.app.screens.log import MOST_ACTIONS, Entry, LogScreen
from beantop.app.screens.server import ServerScreen
from beantop.app.screens.servers import ServersScreen
from beantop.app.screens.tube import TubeScreen
from beantop.app.screens.tubes import TubesScreen
from beantop.app.screens.watching import WatchingScreen
from beantop.app.served import Served
from beantop.app.terminal import end_by_force, end_on_signals, tell_desktop, terminal_is_gone
from beantop.app.trash_actions import open_trash, put_back_last
from beantop.app.under_way import UnderWay
from beantop.app.widgets.drawn import STYLE_CLASSES
from beantop.config import NOTHING_SET, KnownServer, Settings
from beantop.jobs.journal import Journal
from beantop.jobs.trash import Trash
from beantop.monitor.poller import Watched, Watcher
from beantop.state import NOTHING_CHOSEN, Choices, State, StateFile
from beantop.text import shown

MOST_TOASTS = 3
"""At once: more would hide what they are about."""


WORTH_A_QUESTION = 600.0
"""Seconds after which a single `q` is no longer taken for the wish to lose the graphs."""

ALL = "all servers"
"""Textual's name for the screens of all servers together."""


SPARE_THREADS = 8
"""For what is done beside resolving names."""

QUITS_WITHIN = 3.0
"""Seconds in which the second one must come."""


class BeantopApp(App[None]):
    """Watches the servers of `watchers` and shows one of them."""

    CSS_PATH = "beantop.tcss"
    TITLE = "beantop"
    DEFAULT_MODE = "server 1"
    COMPONENT_CLASSES = STYLE_CLASSES
    COMMANDS = App.COMMANDS | {KeyCommands, TubeCommands}
    BINDINGS: ClassVar[list[BindingType]] = named(
        [
            Binding("f", "freeze", "Freeze", tooltip="Freeze the screen, or go on"),
            Binding("0", "server", "All servers, or all of one", show=False),
            Binding("x", "alerts", "Alerts: what fires, since when", show=False),
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
                tooltip="Commands, and any tube by name",
                key_display=":",
                id="commands",
            ),
            Binding("q,f10", "leave", "Quit", tooltip="Back, or quit from the top"),
            Binding("ctrl+q,ctrl+c", "quit", "Quit now", show=False, priority=True),
            Binding("ctrl+z", "suspend_process", "To the shell; fg comes back", show=False),
            # Keys of actions that are off come here, and so do small twins of capitals.
            *(
                Binding(key, "explain_off", show=False, system=True, id=action)
                for action, key in CHANGING.items()
            ),
            Binding("d", "hint('delete')", show=False, system=True),
            Binding("p", "hint('pause')", show=False, system=True),
        ]
    )

    def __init__(
        self,
        watchers: Sequence[Watcher],
        *,
        known: Sequence[KnownServer] = (),
        readonly: bool = False,
        writes: bool = False,
        on_all: bool = False,
        log: LogFile | None = None,
        settings: Settings = NOTHING_SET,
        state: State = NOTHING_CHOSEN,
        kept: StateFile | None = None,
        trash: Trash | None = None,
        journal: Journal | None = None,
        theme: str = themes.DARK.name,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if on_all and len(watchers) > 1:  # before Textual takes it
            self.DEFAULT_MODE = ALL  # type: ignore[misc]
        no_color = bool(os.environ.get("NO_COLOR"))
        super().__init__(ansi_color=True if no_color else None)
        self.register_theme(themes.DARK)
        self.register_theme(themes.LIGHT)
        # Without an ansi theme from the first moment on, NO_COLOR would leave greys in RGB.
        self.theme = "ansi-dark" if no_color else theme
        self.set_class(settings.ascii, "-ascii")
        self.set_class(settings.graphs == "blocks", "-blocks")
        self.set_keymap(keymap(settings))
        self.animation_level = "none"
        self._settings = settings
        self._memory = Memory(state, kept)
        self._trash = trash
        self._journal = journal
        self._under_way = UnderWay()
        self._alarms = Alarms(settings.alerts)
        self._aims = Aims()
        self._said: deque[Entry] = deque(maxlen=MOST_SAID)
        by_file = READONLY_BY_FILE if settings.readonly and not writes else ""
        why = READONLY_BY_ARGUMENT if readonly else by_file
        self._fleet = Fleet(watchers, known, now, readonly=why, writes=writes)
        self._log_file = log
        self._now = now
        self._wall = wall
        self._began = now()
        self._quits_until = -math.inf
        for server in self._fleet.servers:
            server.wanted = partial(self._wanted, server)
        for server in self._fleet.servers:  # each has screens of its own, one on the other
            self.add_mode(_mode(server.number), partial(self._tubes_of, server))
        self.add_mode(ALL, self._all_servers)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands, less those that mean nothing here."""
        unwanted = {"Maximize", "Minimize", "Keys", "Screenshot", "Quit"}
        return [
            command for command in super().get_system_commands(screen) if command[0] not in unwanted
        ]

    # What is known:

    @property
    def facts(self) -> Facts:
        """How things stand with the server on the screen."""
        return self._facts_of(self._fleet.shown)

    def _facts_of_all(self) -> list[Facts]:
        return [self._facts_of(server) for server in self._fleet.servers]

    @property
    def _at_hand(self) -> list[Served]:
        """The servers that the screen shows."""
        return self._fleet.servers if self.current_mode == ALL else [self._fleet.shown]

    def _facts_of(self, server: Served) -> Facts:
        return Facts(
            server.watched,
            self._now(),
            self._wall(),
            server.watcher.interval,
            readonly=self._fleet.why_readonly(server),
            known=server.known,
            confirm=self._settings.confirm,
            columns=self._settings.columns,
            frozen_at=server.frozen.at if server.frozen else None,
            missed_polls=server.missed_polls,
            number=server.number,
            servers=len(self._fleet.servers),
            fleet=self._fleet.known,
            away=self._fleet.away,
            alerts=len(self._alarms.firing),
            decoders=self._settings.decoders,
            trash=self._trash,
            journal=self._journal,
            under_way=self._under_way,
            state=self._memory.state,
        )

    def _wanted(self, server: Served) -> set[str]:
        """The tubes of a server that are to be looked at each time: what the user sees or has
        marked, and what an alert tells of."""
        alerting = self._alarms.tubes_of(server.watcher.address)
        for screen in reversed(self.screen_stack):
            if isinstance(screen, WatchingScreen):
                return alerting | screen.tubes_wanted(server.number)
        return alerting

    def remember(self, **choices: Unpack[Choices]) -> None:
        """Note what the user chose, as `remember(sort="-ready")`, for now and for the next time.

        Screens say it with the message `Chosen`, and find it in `facts.state`.
        """
        told = self._memory.problem
        self._memory.remember(**choices)
        if self._memory.problem != told:
            self._tell_problem()

    def _tell_problem(self) -> None:
        if problem := self._memory.problem:
            self.notify(problem, severity="warning", markup=False)

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
        """Show a toast, instead of the oldest of `MOST_TOASTS`, and note in the log what it says."""
        while len(self._notifications) >= MOST_TOASTS:
            self._unnotify(next(iter(self._notifications)))
        self._said.append(Entry(self._wall(), severity, shown(message)))
        if self._log_file:
            self._log_file.note(self._wall(), severity, shown(message))
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            if isinstance(self.screen, Dialog):
                self.screen.key_time = event.time
            if self._aims.redirected(event, self.focused or self.screen):
                return
        await super().on_event(event)

    def on_mount(self) -> None:
        self._tell_problem()
        # A name that no resolver answers for holds a thread: none is to wait for another's.
        threads = ThreadPoolExecutor(len(self._fleet.servers) + SPARE_THREADS)
        asyncio.get_running_loop().set_default_executor(threads)
        for server in self._fleet.servers:
            self.run_worker(self._watch(server), group="poll")
        self.set_interval(1.0, self._tell_screen)
        if not self.is_headless:
            end_on_signals(self._end)
            self.set_interval(2.0, self._end_without_terminal)

    def _tubes_of(self, server: Served) -> TubesScreen:
        return TubesScreen(server.connection, self._facts_of(server))

    def _all_servers(self) -> ServersScreen:
        return ServersScreen(self._fleet.shown.connection, self.facts, self._facts_of_all)

    def on_unmount(self) -> None:
        if not self.is_headless:
            end_by_force(self.return_code or 0)  # such a thread cannot be ended
        for server in self._fleet.servers:
            server.connection.close()

    async def _watch(self, server: Served) -> None:
        async with aclosing(server.watcher.watch()) as looks:
            async for watched in looks:
                before, server.latest = server.latest, watched
                self._tell_of_changes(server, before)
                self._tell_of_alerts(watched)
                if server is self._fleet.shown or self.current_mode == ALL:
                    self._tell_screen()

    def _tell_of_changes(self, server: Served, before: Watched) -> None:
        several = self._fleet.several
        name = f"Server {server.number}, {server.name}," if several else server.name
        now = server.latest
        told = [*news.returned(name, before, now), *news.slowed(name, before, now)]
        if server is not self._fleet.shown and news.is_lost(before, now):
            told.append(news.lost(name, now))
        for one in told:
            self.notify(one.sentence, severity=one.severity, markup=False)

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
                server = self._fleet.server(screen.facts.number)  # whose screen it is stays
                screen.show(self._facts_of(server))
                return

    # What screens wish for:

    def on_facts_wanted(self, message: FactsWanted) -> None:
        self._tell_screen()

    def on_poll_wanted(self, message: PollWanted) -> None:
        self.action_poll()

    async def on_tube_opened(self, message: TubeOpened) -> None:
        if self.current_mode == ALL:
            await self.action_show_server(self._fleet.shown.number)
        if isinstance(self.screen, TubeScreen) and self.screen.tube == message.name:
            return  # the key was held down
        self.push_screen(TubeScreen(self._fleet.shown.connection, self.facts, message.name))

    async def on_server_opened(self, message: ServerOpened) -> None:
        await self.action_show_server(message.number)
        if message.tube:
            while len(self.screen_stack) > 1:  # where the user was on that server is left
                self.pop_screen()
            await self.on_tube_opened(TubeOpened(message.tube))

    def on_all_tubes_opened(self, message: AllTubesOpened) -> None:
        if isinstance(self.screen, ServersScreen):
            screen = AllTubesScreen(self._fleet.shown.connection, self.facts, self._facts_of_all)
            self.push_screen(screen)

    def on_job_opened(self, message: JobOpened) -> None:
        if isinstance(self.screen, JobScreen):
            return  # the key was held down
        self.push_screen(JobScreen(self._fleet.shown.connection, self.facts, message.seen))

    def on_put_back_wanted(self, message: PutBackWanted) -> None:
        if isinstance(screen := self.screen, WatchingScreen):
            screen.act(put_back_last(screen))

    def on_trash_wanted(self, message: TrashWanted) -> None:
        if isinstance(screen := self.screen, WatchingScreen):
            screen.act(open_trash(screen))

    # Keys:

    def action_help(self) -> None:
        if isinstance(self.screen, WatchingScreen):
            columns = 2 if self.size.width >= WIDE else 1
            self.push_screen(HelpScreen(self.active_bindings.values(), columns))

    def action_command_palette(self) -> None:
        """As Textual's, whose hint ends in a sign that is not ASCII."""
        if not isinstance(self.screen, CommandPalette):
            hint = "Search for commands and tubes"
            self.push_screen(CommandPalette(placeholder=hint, id="--command-palette"))

    async def action_server(self) -> None:
        """Show the server, or, of several, all of them first; from there, go back."""
        screen = self.screen
        if isinstance(screen, ServersScreen):
            if screen.number:
                await self.action_show_server(screen.number)
                self.push_screen(ServerScreen(self._fleet.shown.connection, self.facts))
        elif not isinstance(screen, WatchingScreen):
            return
        elif self._fleet.several:
            await self.switch_mode(ALL)
        elif isinstance(screen, ServerScreen):
            self.pop_screen()
        else:
            self.push_screen(ServerScreen(self._fleet.shown.connection, self.facts))

    def action_alerts(self) -> None:
        if isinstance(self.screen, WatchingScreen):
            self.push_screen(AlertsScreen(self._alarms, self._now, self._wall))

    def action_log(self) -> None:
        if isinstance(self.screen, WatchingScreen):
            actions = self._journal.last(MOST_ACTIONS) if self._journal else []
            self.push_screen(LogScreen(self._said, actions))

    def action_poll(self) -> None:
        for server in self._at_hand:
            server.watcher.poke()

    def action_read_only(self) -> None:
        """From now on nothing can be changed; there is no way back but a new start."""
        self._fleet.forbid_changes()
        self._tell_screen()
        self.notify("Read-only until beantop is started again.", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        several = self._fleet.several
        match action, parameters:
            case "show_server", (int(number),):
                return several and number <= len(self._fleet.servers)
            case "step_server", _:
                return several
        return super().check_action(action, parameters)

    async def action_show_server(self, number: int) -> None:
        """Go to where the user was on that server; 1 is the first."""
        self._fleet.show(number)
        if self.current_mode != _mode(number):
            await self.switch_mode(_mode(number))

    async def action_step_server(self, by: int) -> None:
        following = (self._fleet.shown.number - 1 + by) % len(self._fleet.servers)
        await self.action_show_server(following + 1)

    def action_freeze(self) -> None:
        frozen = any(server.frozen for server in self._at_hand)
        for server in self._at_hand:
            if bool(server.frozen) == frozen:
                server.freeze_or_go_on()
        self._tell_screen()

    def action_change_interval(self, by: int) -> None:
        for server in self._at_hand:
            server.change_interval(by)
        self.remember(interval=self._fleet.shown.watcher.interval)
        self._tell_screen()

    async def action_leave(self) -> None:
        """One screen back. At the top it quits; at once only as long as little is lost by that."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self._fleet.several and self.current_mode != ALL:
            await self.switch_mode(ALL)
        elif self._now() - self._began < WORTH_A_QUESTION or self._now() < self._quits_until:
            await self.action_quit()
        else:
            self._quits_until = self._now() + QUITS_WITHIN
            hint = "q again quits; what the graphs know of the past is lost then."
            self.notify(hint, markup=False, timeout=QUITS_WITHIN)

    def action_explain_off(self) -> None:
        screen = self.screen
        if isinstance(screen, WatchingScreen) and screen.why_off:
            screen.say(screen.why_off)

    def action_hint(self, action: str) -> None:
        """A small twin of a capital was pressed."""
        bindings = [active.binding for active in self.active_bindings.values()]
        keys = [binding.key for binding in bindings if binding.action == action]
        sentence = f"is {key_named(keys[0])}" if keys else "is for the screen of a job or a tube"
        self.notify(f"{action.title()} {sentence}; it asks first.", markup=False, timeout=3)

    # The end:

    def _fatal_error(self) -> None:
        """Textual's own report has the values of variables: bodies, too, and as they are."""
        if self._exception:
            self.panic(Text(crash_report(self._exception)))

    async def action_quit(self) -> None:
        await self._leave(0)

    def _end(self, code: int) -> None:
        end_by_force(code)
        self.run_worker(self._leave(code))

    async def _leave(self, code: int) -> None:
        """End the program, not in the middle of a batch."""
        await self._under_way.end()
        self.exit(return_code=code)

    def _end_without_terminal(self) -> None:
        if terminal_is_gone():
            self._end(128 + signal.SIGHUP)


def _mode(number: int) -> str:
    """Textual's name for the screens of a server."""
    return f"server {number}"
