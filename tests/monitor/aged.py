"""A server on a clock of its own whose jobs grow old, watched by the program's parts without a screen."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from unittest.mock import patch

from beantop.app.session.alarms import Alarms
from beantop.beanstalk import AsyncClient, Reply
from beantop.jobs.connection import ActingConnection
from beantop.jobs.oldest_jobs import OldestJobs
from beantop.monitor.alerts import AlertRule
from beantop.monitor.poller import Poller, ServerStatus
from tests.monitor.costly import Costly

ADDRESS = ("127.0.0.1", 1)


@dataclass
class AgedTube:
    """A tube with a ready job."""

    put_at: float
    """When its next job was put, by the clock of the server."""
    id: int
    puts: int = 1
    """Jobs put so far. All but one were deleted."""
    body: bytes = b"x"


class Aged(Costly):
    """Has a ready job in each tube, and answers what is asked about it. A command costs `times` what
    beanstalkd 1.12 needs: some tubes of a slow server are like thousands."""

    def __init__(self, tubes: int, *, times: float = 1.0) -> None:
        super().__init__(tubes)
        self.costs = {command: times * cost for command, cost in self.costs.items()}
        tube = self.costs["stats-tube"]  # 1.12 was measured to need these parts of it
        self.costs |= {"use": 0.95 * tube, "peek-ready": 0.65 * tube, "stats-job": 0.7 * tube}
        self.jobs = {name: AgedTube(0.0, number) for number, name in enumerate(self.tubes, 1)}
        self.refused: set[str] = set()
        """Tubes that it has no memory to use."""
        self.sent: list[str] = []
        """The commands of the acting connection."""
        self._by_id = {tube.id: name for name, tube in self.jobs.items()}
        self._used = "default"

    def replace_job(self, name: str) -> None:
        """Put another job into a tube, and let a worker finish the one before."""
        tube = self.jobs[name]
        del self._by_id[tube.id]
        tube.put_at, tube.id, tube.puts = self.clock, tube.id + len(self.tubes), tube.puts + 1
        self._by_id[tube.id] = name

    def reply_of_tubes(self, line: str) -> Reply:
        command, _, argument = line.partition(" ")
        if command == "stats-tube":
            puts = self.jobs[argument].puts
            counts = "current-jobs-ready: 1\ncurrent-jobs-buried: 0\n"
            counts += f"total-jobs: {puts}\ncmd-delete: {puts - 1}\n"
            return Reply(b"OK", [], counts.encode())
        self.sent.append(line)
        if command == "use":
            if argument in self.refused:
                return Reply(b"OUT_OF_MEMORY", [])
            self._used = argument
            return Reply(b"USING", [argument.encode()])
        if command == "peek-ready":
            if (tube := self.jobs.get(self._used)) is None:
                return Reply(b"NOT_FOUND", [])
            return Reply(b"FOUND", [b"%d" % tube.id, b"%d" % len(tube.body)], tube.body)
        name = self._by_id.get(int(argument))
        if name is None:
            return Reply(b"NOT_FOUND", [])
        age = int(self.clock - self.jobs[name].put_at)
        stats = f"id: {argument}\ntube: {name}\nstate: ready\nage: {age}\nburies: 0\n"
        return Reply(b"OK", [], stats.encode())


@dataclass
class Watched:
    """What became known of a server."""

    polls: list[ServerStatus] = field(default_factory=list)
    fired_at: dict[str, float] = field(default_factory=dict)
    """When an alert fired, by tube."""
    ended_at: dict[str, float] = field(default_factory=dict)


def watched(
    server: Aged,
    seconds: float,
    rules: Collection[AlertRule] = (),
    *,
    on_screen: Collection[str] | None = None,
    between: Callable[[], object] = lambda: None,
) -> Watched:
    """Watch a server for so many seconds of its clock; `between` is called after each poll. A column
    shows the ages of the tubes on the screen, if there are any."""
    known = Watched()

    async def story() -> None:
        connection = ActingConnection(ADDRESS, peer=lambda: Costly.peer)
        oldest, alarms = OldestJobs(connection, lambda: server.clock), Alarms(tuple(rules))
        poller = Poller(ADDRESS, now=lambda: server.clock)
        poller.wanted = lambda: [*(on_screen or ()), *oldest.wanted(), *alarms.tubes_of(ADDRESS)]
        async with aclosing(poller.watch()) as polls:
            await anext(polls)  # it connects
            while server.clock < seconds:
                status = await anext(polls)
                known.polls.append(status)
                fired, ended = alarms.evaluate(status)
                known.fired_at |= {one.alert.tube or "": server.clock for one in fired}
                known.ended_at |= {one.alert.tube or "": server.clock for one in ended}
                needs = alarms.ages_needed(status)._replace(
                    is_shown=on_screen is not None,
                    on_screen=on_screen or (),
                )
                if chosen := oldest.choose(status, needs):
                    await oldest.sample(chosen, status)
                poller.spares = oldest.is_behind
                between()
                server.clock = max(server.clock, status.snapshot.taken_at + status.pace + 1e-6)

    with patch.object(AsyncClient, "connect", server.connect):
        asyncio.run(story())
    return known
