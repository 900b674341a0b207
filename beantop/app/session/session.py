"""The state of the program without a screen: servers, alerts, preferences."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Unpack

from beantop.app.session import news
from beantop.app.session.alarms import Alarms, sentence
from beantop.app.session.fleet import READONLY_BY_ARGUMENT, READONLY_BY_FILE, RECORDED, Fleet
from beantop.app.session.news import News
from beantop.app.session.options import Options
from beantop.app.session.remembered import RememberedPreferences
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.session.timeline import Timeline
from beantop.config import ServerConfig
from beantop.jobs.marks import MAX_MARKS, Mark
from beantop.monitor.poller import ServerStatus, StatusSource
from beantop.preferences import PreferenceChanges


class Session:
    """One run of the program."""

    def __init__(
        self,
        watchers: Sequence[StatusSource],
        start: Options,
        known: Sequence[ServerConfig],
        now: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.start = start
        self.now = now
        """Seconds of the monotonic clock."""
        self.wall = wall
        """Unix time."""
        self._began = wall()
        by_file = READONLY_BY_FILE if start.settings.readonly and not start.writes else ""
        why_readonly = READONLY_BY_ARGUMENT if start.readonly else by_file
        if start.recorded:
            why_readonly = RECORDED
        self.fleet = Fleet(
            watchers,
            known,
            now,
            readonly=why_readonly,
            writes=start.writes,
            configured=start.settings.servers,
        )
        self.alarms = Alarms(start.settings.alerts, self.fleet.title_of)
        self.memory = RememberedPreferences(start.state, start.kept)
        self.timeline: Callable[[], Timeline | None] = lambda: None
        """Returns where a recording is played; None if this is not one."""
        self.marks: deque[Mark] = deque(maxlen=MAX_MARKS)
        """The newest marks, the oldest first."""
        self._told_twins = set[frozenset[int]]()  # the numbers of servers that are one
        self.services = Services(start.trash, start.parking, start.journal)

    def views(self) -> list[ServerView]:
        """Return the current data of each server."""
        fleet, settings = self.fleet, self.start.settings
        known, away, alerts = fleet.known, fleet.away, self.alarms.count
        identities = fleet.identities
        statuses = tuple(server.latest for server in fleet.servers)
        timeline, marks = self.timeline(), tuple(self.marks)
        return [
            ServerView(
                server.watched,
                self.now(),
                self.wall(),
                server.watcher.interval,
                server.known,
                readonly=fleet.why_readonly(server),
                guard=server.guard,
                confirm=settings.confirm,
                columns=settings.columns,
                columns_of_jobs=settings.job_columns,
                frozen_at=server.frozen.at if server.frozen else None,
                froze_stale=server.froze_stale,
                answers=server.answers,
                missed_polls=server.missed_polls,
                number=server.number,
                servers=len(fleet.servers),
                fleet=known,
                identities=identities,
                statuses=statuses,
                away=away,
                alerts=alerts,
                decoders=settings.decoders,
                class_paths=settings.class_paths,
                masks=settings.masks,
                state=self.memory.state,
                timeline=timeline,
                marks=marks,
            )
            for server in fleet.servers
        ]

    def remember(self, **choices: Unpack[PreferenceChanges]) -> None:
        """Remember the user's choices for this and later runs, as `remember(sort="-ready")`."""
        self.memory.remember(**choices)

    def new_problems(self) -> list[str]:
        """Return new problems with beantop's own files since the last call, as sentences."""
        journal = self.start.journal
        problems = [self.memory.new_problem(), journal.new_problem() if journal else ""]
        if self.start.recorder:
            problems.append(self.start.recorder.new_problem())
        if self.start.log:
            problems.append(self.start.log.new_problem())
        return [problem for problem in problems if problem]

    def take_marks(self, marks: Sequence[Mark]) -> list[News]:
        """Take new marks. Return the news of those that were made while the program runs."""
        self.marks.extend(marks)
        made = [mark for mark in marks if mark.at >= self._began]
        return [] if self.start.recorded else [News(f"Mark: {mark.text}") for mark in made]

    def settle(self, seconds: float) -> None:
        """Wait until beantop's own files are written, up to `seconds` for each."""
        self.memory.settle(seconds)
        if self.start.journal:
            self.start.journal.settle(seconds)
        if self.start.log:
            self.start.log.settle(seconds)

    def take(self, server: ServerSession, watched: ServerStatus) -> list[News]:
        """Process the result of a poll. Return news for the user."""
        before, identity = server.latest, server.identity
        server.latest = watched
        several = self.fleet.several
        name = f"Server {server.number} ({server.name})" if several else server.name
        found = [
            *news.returned(name, before, watched),
            *news.slowed(name, before, watched, server.watcher.interval),
            *news.too_much(name, before, watched),
        ]
        if news.is_lost(before, watched):
            found.append(news.lost(name, watched, on_screen=server is self.fleet.shown))
        came_back = before.link.state != "up" and watched.link.state == "up" and before.seen
        found += self.fleet.guarding.take(server, came_back=came_back)
        if server.identity != identity:
            found += self._twins_of(server)
        fired, ended = self.alarms.evaluate(watched)
        if ended:
            found.append(News(sentence(ended)))
        if fired:
            found.append(News(sentence(fired), "warning", is_alarm=True))
        return found

    def _twins_of(self, server: ServerSession) -> list[News]:
        """Return the news that a server is watched under two names, once for each pair."""
        found = []
        for other in self.fleet.servers:
            pair = frozenset({server.number, other.number})
            if other is server or pair in self._told_twins:
                continue
            are_reached = server.latest.peer and other.latest.peer
            if are_reached and server.identity.is_same(other.identity):
                self._told_twins.add(pair)
                names = f"{other.name} and {server.name} are the same server"
                sentence = f"{names}: it is polled twice, and counted twice in totals."
                found.append(News(sentence, "warning"))
        return found
