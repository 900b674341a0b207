"""The part of the app that switches between screens and servers.

Each server has a stack of screens of its own, and so have all servers together. Textual calls these
modes. A screen that is not the first one is imported when it is opened: so the first table comes sooner.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import CommandPalette
from textual.screen import Screen

from beantop.app.messages import (
    AllTubesOpened,
    FleetGroupsOpened,
    FollowOpened,
    GroupOpened,
    GroupsOpened,
    JobOpened,
    JobsOpened,
    JobWanted,
    ProfileOpened,
    ServerGroupsOpened,
    ServerOpened,
    TubeOpened,
)
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.screens.tubes import TubesScreen
from beantop.app.session.log import LogFile
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.session.session import Session
from beantop.app.textual_private import Palette
from beantop.app.toasts import ToastingApp
from beantop.app.view.header import WIDE
from beantop.beanstalk import Error, describe_error
from beantop.formatting import printable

if TYPE_CHECKING:
    from beantop.app.session.problems import Problem

ALL = "all servers"
"""Name of the mode with the screens of all servers together."""

LONG_SESSION_SECONDS = 600.0
"""Seconds after which quitting takes a second `q`, since the graphs would be lost."""

QUIT_AGAIN_SECONDS = 3.0
"""Seconds within which the second `q` must follow."""


class NavigatingApp(ToastingApp):
    """An app that opens screens and knows the current one."""

    def __init__(self, session: Session, *, log: LogFile | None, ansi_color: bool | None) -> None:
        self.session = session
        super().__init__(log=log, ansi_color=ansi_color)
        self._began = session.now()
        self._quits_until = -math.inf
        for server in session.fleet.servers:
            self.add_mode(mode_of(server.number), partial(self._tubes_of, server))
        self.add_mode(ALL, self._all_servers)

    def _tubes_of(self, server: ServerSession) -> TubesScreen:
        return TubesScreen(server, self.session.services, self.session.views())

    def _all_servers(self) -> ServerScreen:
        from beantop.app.screens.servers import ServersScreen

        session = self.session
        return ServersScreen(session.fleet.shown, session.services, session.views())

    @property
    def at_hand(self) -> list[ServerSession]:
        """The servers on the screen."""
        fleet = self.session.fleet
        return fleet.servers if self.current_mode == ALL else [fleet.shown]

    @property
    def server_screen(self) -> ServerScreen | None:
        """The topmost screen below any dialogs; None if there is none."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ServerScreen):
                return screen
        return None

    @property
    def toast_room(self) -> int:
        screen = self.server_screen
        return screen.toast_room if screen else super().toast_room

    # Requests of screens:

    def _open(self, opener: Screen[Any], make: Callable[[ServerScreen], Screen[None]]) -> None:
        """Open a screen on top of `opener`, unless that is no longer on top."""
        if opener.is_active and isinstance(opener, ServerScreen):
            self.push_screen(make(opener))

    def _screen_arguments(
        self, opener: ServerScreen
    ) -> tuple[ServerSession, Services, Sequence[ServerView]]:
        """Return the arguments for another screen of the same server."""
        return opener.server, self.session.services, self.session.views()

    def on_tube_opened(self, message: TubeOpened) -> None:
        from beantop.app.screens.tube import TubeScreen

        self._open(
            message.screen, lambda opener: TubeScreen(*self._screen_arguments(opener), message.name)
        )

    def on_job_opened(self, message: JobOpened) -> None:
        from beantop.app.screens.job import JobScreen

        record, cursor, find = message.record, message.cursor, message.find
        self._open(
            message.screen,
            lambda opener: JobScreen(*self._screen_arguments(opener), record, cursor, find),
        )

    def on_job_wanted(self, message: JobWanted) -> None:
        self.run_worker(self._find_job(message))

    async def _find_job(self, message: JobWanted) -> None:
        """Peek at a job, and open it unless the user went elsewhere meanwhile."""
        from beantop.jobs.peek import peek_job

        server = self.session.fleet.server(message.number)
        try:
            record = await peek_job(server.connection, message.id)
        except Error as error:
            sentence = f"Could not find job {message.id}: {describe_error(error)}."
            self.notify(sentence, severity="warning", markup=False)
            return
        if record is None:
            sentence = f"{printable(server.name)} has no job {message.id}."
            self.notify(sentence, severity="warning", markup=False)
        elif message.screen.is_active:
            await self.action_show_server(message.number)
            self.on_job_opened(JobOpened(self.screen, record, None))

    def on_jobs_opened(self, message: JobsOpened) -> None:
        from beantop.app.screens.all_jobs import AllJobsScreen

        self._open(message.screen, lambda opener: AllJobsScreen(*self._screen_arguments(opener)))

    def on_groups_opened(self, message: GroupsOpened) -> None:
        from beantop.app.screens.groups import GroupsScreen
        from beantop.jobs.listing import JobList

        def make(opener: ServerScreen) -> GroupsScreen:
            jobs = message.jobs
            if isinstance(jobs, str):
                jobs = JobList(opener.server.connection, jobs)
            return GroupsScreen(*self._screen_arguments(opener), jobs)

        self._open(message.screen, make)

    def on_fleet_groups_opened(self, message: FleetGroupsOpened) -> None:
        from beantop.app.screens.fleet_groups import FleetGroupsScreen
        from beantop.jobs.listing import JobList

        servers = self.session.fleet.servers
        self._open(
            message.screen,
            lambda opener: FleetGroupsScreen(
                *self._screen_arguments(opener),
                [JobList(server.connection, None) for server in servers],
            ),
        )

    async def on_server_groups_opened(self, message: ServerGroupsOpened) -> None:
        from beantop.app.screens.groups import GroupsScreen

        if not message.screen.is_active:
            return
        await self.action_show_server(message.number)
        self._close_opened()
        jobs, by, key = message.jobs, message.by, message.key
        self._open(
            self.screen,
            lambda opener: GroupsScreen(*self._screen_arguments(opener), jobs, by, key),
        )

    def on_group_opened(self, message: GroupOpened) -> None:
        from beantop.app.screens.group import GroupScreen

        jobs, name, left_out = message.jobs, message.name, message.left_out
        self._open(
            message.screen,
            lambda opener: GroupScreen(*self._screen_arguments(opener), jobs, name, left_out),
        )

    def on_follow_opened(self, message: FollowOpened) -> None:
        from beantop.app.screens.follow import FollowScreen

        self._open(
            message.screen,
            lambda opener: FollowScreen(*self._screen_arguments(opener), message.tube),
        )

    def on_all_tubes_opened(self, message: AllTubesOpened) -> None:
        from beantop.app.screens.all_tubes import AllTubesScreen

        self._open(message.screen, lambda opener: AllTubesScreen(*self._screen_arguments(opener)))

    async def on_profile_opened(self, message: ProfileOpened) -> None:
        from beantop.app.screens.profile import ProfileScreen

        if message.screen.is_active:
            await self.action_show_server(message.number)
            self._open(
                self.screen,
                lambda opener: ProfileScreen(*self._screen_arguments(opener), message.tube),
            )

    async def on_server_opened(self, message: ServerOpened) -> None:
        if not message.screen.is_active:
            return
        await self.action_show_server(message.number)
        if message.tube:
            self._close_opened()
            self.on_tube_opened(TubeOpened(self.screen, message.tube))

    def _close_opened(self) -> None:
        """Close what the user left open on the server that is shown."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    # Keys:

    def action_help(self) -> None:
        from beantop.app.dialogs.help import HelpDialog

        columns = 2 if self.size.width >= WIDE else 1
        self._open(
            self.screen,
            lambda _: HelpDialog(self.active_bindings.values(), columns, self.size.width),
        )

    def action_alerts(self) -> None:
        from beantop.app.dialogs.alerts import AlertsDialog
        from beantop.app.session.problems import current_problems

        session, screen = self.session, self.screen
        if not (screen.is_active and isinstance(screen, ServerScreen)):
            return
        dialog = AlertsDialog(
            lambda most: current_problems(session.views(), session.alarms, most),
            session.alarms,
            session.now,
            session.wall,
            width=self.size.width,
            several=session.fleet.several,
        )
        self.push_screen(dialog, self._go_to)

    def _go_to(self, place: "Problem | None") -> None:
        """Show where something is wrong."""
        if place and (screen := self.server_screen):
            self.post_message(ServerOpened(screen, place.number, place.tube))

    def action_log(self) -> None:
        from beantop.app.dialogs.log import MAX_ACTIONS, LogDialog

        journal = self.session.start.journal
        read = partial(journal.last, MAX_ACTIONS) if journal else None
        self._open(self.screen, lambda _: LogDialog(self.said, read))

    def action_command_palette(self) -> None:
        """Open Textual's palette with an ASCII hint; its own ends in another character."""
        if not isinstance(self.screen, CommandPalette):
            hint = "A command, a tube, or the id of a job"
            self.push_screen(Palette(placeholder=hint, id="--command-palette"))

    async def action_server(self) -> None:
        """Show all servers, or the details of the only or selected one; go back from details."""
        from beantop.app.screens.server_details import ServerDetailsScreen
        from beantop.app.screens.servers import ServersScreen

        screen = self.screen
        if isinstance(screen, ServersScreen):
            if screen.number:
                await self.action_show_server(screen.number)
                self._open_server()
        elif not isinstance(screen, ServerScreen):
            return
        elif self.current_mode == ALL:
            while len(self.screen_stack) > 1:
                self.pop_screen()
        elif self.session.fleet.several:
            await self.switch_mode(ALL)
        elif isinstance(screen, ServerDetailsScreen):
            self.pop_screen()
        else:
            self._open_server()

    def _open_server(self) -> None:
        from beantop.app.screens.server_details import ServerDetailsScreen

        if not isinstance(self.screen, ServerDetailsScreen):
            self._open(
                self.screen, lambda opener: ServerDetailsScreen(*self._screen_arguments(opener))
            )

    async def action_show_server(self, number: int) -> None:
        """Return to the last screen of server `number`, from 1."""
        self.session.fleet.show(number)
        if self.current_mode != mode_of(number):
            await self.switch_mode(mode_of(number))

    async def action_step_server(self, by: int) -> None:
        fleet = self.session.fleet
        following = (fleet.shown.number - 1 + by) % len(fleet.servers)
        await self.action_show_server(following + 1)

    def action_back_by(self, screens: int) -> None:
        """Go back by this number of screens, at most to the first one."""
        for _ in range(min(screens, len(self.screen_stack) - 1)):
            self.pop_screen()

    async def action_leave(self) -> None:
        """Go one screen back, or quit from the first one. A long session asks for a second `q`."""
        now = self.session.now()
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self.session.fleet.several and self.current_mode != ALL:
            await self.switch_mode(ALL)
        elif now - self._began < LONG_SESSION_SECONDS or now < self._quits_until:
            await self.action_quit()
        else:
            self._quits_until = now + QUIT_AGAIN_SECONDS
            hint = "Press q again to quit; the history in the graphs will be lost."
            self.notify(hint, markup=False, timeout=QUIT_AGAIN_SECONDS)


def mode_of(number: int) -> str:
    """Return the name of the mode with the screens of a server."""
    return f"server {number}"
