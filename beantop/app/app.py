"""The program with a screen: watches servers, and takes people from screen to screen."""

import asyncio
import math
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property, partial
from typing import ClassVar, Unpack

from rich.text import Text
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme
from textual.timer import Timer

from beantop.app import themes
from beantop.app.actions.cut_off import cut_off_news
from beantop.app.actions.table import ACTIONS
from beantop.app.crash import crash_report
from beantop.app.key_forwarding import KeyForwarding
from beantop.app.keys import key_named, keymap, named
from beantop.app.messages import Chosen, PollWanted, Resumed
from beantop.app.navigation import ALL, NavigatingApp, mode_of
from beantop.app.palette import KeyCommands, TubeCommands
from beantop.app.screens.server_screen import ERROR_SECONDS
from beantop.app.session.news import News
from beantop.app.session.options import AS_USUAL, Options
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.session import Session
from beantop.app.widgets.styled import STYLE_CLASSES
from beantop.config import ServerConfig
from beantop.ending import end_by_force
from beantop.monitor.poller import StatusSource
from beantop.preferences import PreferenceChanges

SPARE_THREADS = 8
"""For what is done beside resolving names."""

LONGEST_END = 8.0
"""Seconds for the end of all screens, whatever is being opened or closed just then."""

LONGEST_OPENING = 0.5
"""Seconds for a screen that is being opened when the program is to end."""

NEWS_SECONDS = 1.25
"""After the last news for which the screen needs no telling that time goes on."""

MIN_PAUSE = 0.5
"""Seconds between two drawings of all servers together."""

PAUSES_PER_DRAWING = 20
"""How much longer such a pause is than the drawing before it took."""


class BeantopApp(NavigatingApp):
    """Watches the servers of `watchers` and shows one of them, or, `on_all`, all of them first."""

    CSS_PATH = "beantop.tcss"
    TITLE = "beantop"
    DEFAULT_MODE = mode_of(1)
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
        if on_all and len(watchers) > 1:  # before Textual takes it
            self.DEFAULT_MODE = ALL  # type: ignore[misc]
        no_color = bool(os.environ.get("NO_COLOR"))
        # Before Textual begins: it would read all styles again, and NO_COLOR would leave greys in RGB.
        self.set_reactive(App.theme, "ansi-dark" if no_color else theme)
        session = Session(watchers, start, known, now, wall)
        super().__init__(session, log=start.log, ansi_color=True if no_color else None)
        self.set_class(start.settings.ascii, "-ascii")
        self.set_class(start.settings.graphs == "blocks", "-blocks")
        self.set_keymap(keymap(start.settings))
        self.animation_level = "none"
        self._aims = KeyForwarding()
        self._has_begun = False
        self._ends_with: int | None = None
        self._telling: Timer | None = None
        self._next_telling = 0.0
        self._heard_at = -math.inf
        for server in session.fleet.servers:
            server.wanted = partial(self._wanted, server)

    @cached_property  # which Textual asks for with each line that it draws
    def available_themes(self) -> dict[str, Theme]:
        return super().available_themes | themes.OURS

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands, less those that mean nothing here."""
        unwanted = {"Maximize", "Minimize", "Keys", "Screenshot", "Quit"}
        return [
            command for command in super().get_system_commands(screen) if command[0] not in unwanted
        ]

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and self._aims.redirected(
            event, self.focused or self.screen
        ):
            return
        await super().on_event(event)

    # Watching:

    def on_mount(self) -> None:
        self._tell_problems()
        servers = self.session.fleet.servers
        # A name that no resolver answers for holds a thread: none is to wait for another's.
        names = len(servers) + len(self.session.start.settings.servers)
        threads = ThreadPoolExecutor(names + SPARE_THREADS)
        asyncio.get_running_loop().set_default_executor(threads)
        for server in servers:
            self.run_worker(self._watch(server), group="poll")
        self._look_up_guards()
        self.set_interval(1.0, self._tell_of_time)
        self.set_interval(1.0, self._tell_problems)
        self._has_begun = True
        if self._ends_with is not None:
            self.end(self._ends_with)

    async def _watch(self, server: ServerSession) -> None:
        async with aclosing(server.watcher.watch()) as looks:
            async for watched in looks:
                if watched.link.state == "up" and server.latest.link.state != "up":
                    self.run_worker(self._tell_of_cut_off(server))
                told = self.session.take(server, watched)
                for news in told:
                    self.tell(news)
                self._look_up_guards()
                if told or server in self.at_hand:  # one server may tell what another one is
                    self._heard_at = time.monotonic()
                    self._tell()

    def _tell_of_time(self) -> None:
        """Ages grow though nothing comes; as long as news comes each second, that is enough."""
        if time.monotonic() - self._heard_at > NEWS_SECONDS:
            self._tell()

    def _look_up_guards(self) -> None:
        """Have it looked up where the guarded servers are, if that is to be known."""
        guarding = self.session.fleet.guarding
        if guarding.wants_look_up:
            self.run_worker(self._tell_of_guards(guarding.look_up()), group="guards")

    async def _tell_of_guards(self, looked_up: Awaitable[list[News]]) -> None:
        for news in await looked_up:
            self.tell(news)
        self._tell()

    async def _tell_of_cut_off(self, server: ServerSession) -> None:
        """Say what was left in the middle on a server, now that it is there."""
        services = self.session.services
        if not services.parking:
            return
        name = f"Server {server.number}, {server.name}: " if self.session.fleet.several else ""
        for news in await cut_off_news(services.parking, services.trash, server.connection):
            sentence = name + news.sentence
            if all(entry.text != sentence for entry in self.said):  # it may come and go often
                self.tell(replace(news, sentence=sentence))

    def _tell(self) -> None:
        """Tell the screen how things stand; of all servers together only as often as can be drawn in
        a part of the time."""
        if self.current_mode != ALL:
            self._tell_screen()
        elif self._telling is None:
            wait = max(0.001, self._next_telling - time.monotonic())  # Textual divides by it
            self._telling = self.set_timer(wait, self._tell_of_all)

    def _tell_of_all(self) -> None:
        self._telling = None
        began = time.monotonic()
        self._tell_screen()
        now = time.monotonic()
        self._next_telling = now + max(MIN_PAUSE, PAUSES_PER_DRAWING * (now - began))

    def _wanted(self, server: ServerSession) -> list[str]:
        """The tubes of a server to ask for in every poll: first those that the user sees, then
        those that are marked or that an alert is about."""
        screen = self.server_screen
        on_screen = screen.tubes_wanted(server.number) if screen else []
        return [*on_screen, *self.session.alarms.tubes_of(server.watcher.address)]

    @property
    def view(self) -> ServerView:
        """What is known of the server on the screen."""
        return self.session.views()[self.session.fleet.shown.number - 1]

    def _tell_screen(self) -> None:
        if self.is_running and (screen := self.server_screen):
            screen.show(self.session.views())

    def on_resumed(self, message: Resumed) -> None:
        self._tell_screen()

    def on_poll_wanted(self, message: PollWanted) -> None:
        self.action_poll()

    def on_chosen(self, message: Chosen) -> None:
        self._remember(**message.choices)
        self._tell_screen()

    def watch_theme(self, theme: str) -> None:
        if self.is_running and self.screen_stack:
            self._remember(theme=theme)

    def _remember(self, **choices: Unpack[PreferenceChanges]) -> None:
        self.session.remember(**choices)

    def _tell_problems(self) -> None:
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
        """From now on nothing can be changed; there is no way back but a new start."""
        self.session.fleet.forbid_changes()
        self._tell_screen()
        self.notify("Read-only until beantop is started again.", markup=False)

    def action_freeze(self) -> None:
        frozen = any(server.frozen for server in self.at_hand)
        for server in self.at_hand:
            if bool(server.frozen) == frozen:
                server.freeze_or_go_on()
        self._tell_screen()

    def action_change_interval(self, by: int) -> None:
        for server in self.at_hand:
            server.change_interval(by)
        self._remember(interval=self.session.fleet.shown.watcher.interval)
        self._tell_screen()

    def action_explain_off(self, action: str) -> None:
        """A capital that does nothing here says why."""
        if screen := self.server_screen:
            screen.say(screen.why_off or ACTIONS[action].why_not_here)

    def action_hint(self, action: str) -> None:
        """A small twin of a capital was pressed."""
        bindings = [active.binding for active in self.active_bindings.values()]
        keys = [binding.key for binding in bindings if binding.action == f"act({action!r})"]
        here = f"{action.title()} is {key_named(keys[0])}; it asks first." if keys else ""
        self.notify(here or ACTIONS[action].why_not_here, markup=False, timeout=3)

    # The end:

    def _fatal_error(self) -> None:
        """Textual's own report has the values of variables: bodies, too, and as they are."""
        if self._exception:
            self.panic(Text(crash_report(self._exception)))

    async def action_quit(self) -> None:
        await self._leave(0)

    def end(self, code: int) -> None:
        """End the program with that exit code, as soon as it has begun: a signal came."""
        self._ends_with = code
        if self._has_begun:
            with self._context():
                self.run_worker(self._leave(code))

    async def _leave(self, code: int) -> None:
        """End the program, not in the middle of a batch."""
        await self.session.services.running_actions.end()
        await self._until_screens_are_there()
        if not self.is_headless:
            end_by_force(code, LONGEST_END)
        self.exit(return_code=code)

    async def _until_screens_are_there(self) -> None:
        """Textual trips over a screen that is being opened while the program ends."""
        deadline = time.monotonic() + LONGEST_OPENING
        while not all(screen.is_mounted for screen in self.screen_stack):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.01)

    def on_unmount(self) -> None:
        if not self.is_headless:
            end_by_force(self.return_code or 0)  # a thread that resolves a name cannot be ended
        for server in self.session.fleet.servers:
            server.connection.close()
