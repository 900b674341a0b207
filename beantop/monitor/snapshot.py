"""A server and its tubes at one moment, as frozen values, and how to take them.

The names of the protocol are translated here. A value that a server did not report is None, never 0.
"""

import math
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from types import coroutine
from typing import NamedTuple, Protocol, TypeVar, cast

from beantop.beanstalk import (
    DEFAULT_TUBE,
    BeanstalkdError,
    Command,
    NotFoundError,
    Reply,
    Stats,
    StatsTube,
    commands,
)
from beantop.beanstalk.stats import (
    LONGEST,
    LONGEST_TEXT,
    TUBE_NUMBERS,
    signed_seconds,
    usual_tube_numbers,
)
from beantop.formatting import plural
from beantop.monitor.tuber_stats import TuberStats, read_tuber_stats

T = TypeVar("T")

MAX_TUBES = 100_000
"""The number of tubes read at most: the first ones in the server's list."""


class Caller(Protocol):
    """Calls commands as an `AsyncClient` does."""

    async def call(self, command: Command[T], timeout: float) -> T: ...

    async def pipeline(
        self, commands: Iterable[Command[T]], timeout: float
    ) -> list[T | BeanstalkdError]: ...


class Tube(NamedTuple):
    """A tube. Counts of jobs are current; `total_jobs` and `deletes` only grow. It is a tuple because a
    poll creates thousands, and tuples are fast to create."""

    name: str
    taken_at: float
    """Monotonic time of the request, in seconds."""
    urgent: int | None = None
    """Ready jobs with a priority below 1024: a part of `ready`."""
    ready: int | None = None
    reserved: int | None = None
    delayed: int | None = None
    buried: int | None = None
    total_jobs: int | None = None
    """Jobs put since the tube was created in this server process."""
    deletes: int | None = None
    using: int | None = None
    watching: int | None = None
    waiting: int | None = None
    """Connections that wait in a reserve command."""
    pause: int | None = None
    """Length of the pause in seconds; 0 if it is not paused."""
    pause_time_left: int | None = None
    """Seconds left of the pause."""
    tuber_stats: TuberStats | None = None
    """Values that only tuber reports."""

    @classmethod
    def from_stats(cls, name: str, taken_at: float, stats: StatsTube, own: int = 0) -> "Tube":
        """Make a tube from `stats-tube`, without our own connections, which all use `default`."""
        numbers = cast("Mapping[str, int]", stats)  # of the keys used here
        counts = map(_possible, map(numbers.get, TUBE_NUMBERS))
        tube = cls._make((name, taken_at, *counts, read_tuber_stats(stats)))
        if (tube.pause_time_left or 0) > LONGEST:
            tube = tube._replace(pause_time_left=signed_seconds(numbers["pause-time-left"]))
        if name != DEFAULT_TUBE or not own:
            return tube
        return tube._replace(using=_less(tube.using, own), watching=_less(tube.watching, own))

    @property
    def paused(self) -> bool:
        return (self.pause_time_left or 0) > 0


class Server(NamedTuple):
    """A server process, by its `stats`. Counters are 0 when it starts."""

    taken_at: float = 0.0
    stats: Stats = Stats()
    """The whole reply, under the protocol's keys."""
    own: int = 0
    """Our own connections among those it counts."""

    @property
    def id(self) -> str | None:
        """Random id of the process: another one means that the server was restarted."""
        return self.stats.get("id")

    @property
    def version(self) -> str | None:
        return self.stats.get("version")

    @property
    def uptime(self) -> int | None:
        """Seconds since the process started."""
        return self.stats.get("uptime")

    @property
    def processor_seconds(self) -> float | None:
        """Processor time since the start in seconds, user and system."""
        try:
            return float(self.stats["rusage-utime"]) + float(self.stats["rusage-stime"])
        except (KeyError, ValueError):
            return None

    @property
    def draining(self) -> bool | None:
        """Whether it refuses new jobs."""
        draining = self.stats.get("draining")
        return None if draining is None else draining == "true"

    @property
    def ready(self) -> int | None:
        return self.stats.get("current-jobs-ready")

    @property
    def reserved(self) -> int | None:
        return self.stats.get("current-jobs-reserved")

    @property
    def delayed(self) -> int | None:
        return self.stats.get("current-jobs-delayed")

    @property
    def buried(self) -> int | None:
        return self.stats.get("current-jobs-buried")

    @property
    def total_jobs(self) -> int | None:
        return self.stats.get("total-jobs")

    @property
    def delete_commands(self) -> int | None:
        """Includes reserves that found no job."""
        return self.stats.get("cmd-delete")

    @property
    def timeouts(self) -> int | None:
        return self.stats.get("job-timeouts")

    @property
    def connections(self) -> int | None:
        """Open connections, without ours."""
        return _less(self.stats.get("current-connections"), self.own)

    @property
    def waiting(self) -> int | None:
        """Connections that wait in a reserve command."""
        return self.stats.get("current-waiting")

    def is_same_process(self, later: "Server") -> bool:
        """Return whether `later` is from the same process, so that counters can be compared."""
        if self.id is not None and later.id is not None:
            return self.id == later.id
        counters = ((self.uptime, later.uptime), (self.total_jobs, later.total_jobs))
        return all((before or 0) <= (after or 0) for before, after in counters)


def jobs_in(counts: Tube | Server) -> int:
    """Return the number of jobs in all states that have a count."""
    states = (counts.ready, counts.reserved, counts.delayed, counts.buried)
    return sum(count or 0 for count in states)


class Snapshot(NamedTuple):
    """A server and its tubes at one poll. If there are very many tubes, those that this poll did not
    ask for are as they were before."""

    taken_at: float
    """Monotonic time in seconds."""
    wall_time: float
    """The same moment as Unix time, for display."""
    server: Server
    tubes: Mapping[str, Tube]
    took: float = 0.0
    """Seconds from the first command to the last reply."""
    round_trip: float = 0.0
    """Seconds of the quicker of two commands and their replies."""
    asked: Sequence[str] = ()
    """The tubes that were asked for."""
    cpu: float | None = None
    """Processor time in seconds that the server used meanwhile, for all its clients; None if it does
    not report that, or too coarsely."""
    left_out: int = 0
    """Tubes that the server lists after the first `MAX_TUBES`; nothing is known of them."""
    shortened: int = 0
    """Tubes whose names are longer than beanstalkd allows."""

    @property
    def listed(self) -> str:
        """The number of tubes, in words."""
        known = plural(len(self.tubes), "tube")
        if not self.left_out:
            return known
        return f"the first {known} of {len(self.tubes) + self.left_out:,}"


NOTHING_SEEN = Snapshot(0.0, 0.0, Server(), {})
"""The snapshot before the first poll."""


async def take_snapshot(
    client: Caller,
    timeout: float,
    *,
    now: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
    own: int = 1,
    before: Snapshot = NOTHING_SEEN,
    choose: Callable[[list[str]], list[str]] = list,
    weigh: bool = False,
) -> Snapshot:
    """Poll a server, each of the three steps within `timeout` seconds. Raises as `AsyncClient`.

    `own` is the number of our connections, with this one; they are not counted. `choose` returns the
    tubes to ask for, given all their names; the others are taken from `before`. With `weigh` the server
    is asked at the end how much processor time it used, if it reports that.
    """
    started, wall_time = now(), wall()
    server = Server(started, await client.call(commands.stats(), timeout), own)
    told_at = now()
    names, left_out = await client.call(commands.first_tubes(MAX_TUBES), timeout)
    round_trip = min(told_at - started, now() - told_at)
    known = before.tubes if before.server.is_same_process(server) else {}
    chosen = choose(names)
    asked_at = now()
    again = weigh and server.processor_seconds not in (None, before.server.processor_seconds)
    tubes, after = await _poll_tubes(client, chosen, asked_at, timeout, server, again=again)
    took = now() - started
    if len(chosen) < len(names):
        await _next_turn()  # with very many tubes each step is slow, and keys come first
        tubes = _with_unasked(names, frozenset(chosen), tubes, known, asked_at)
        await _next_turn()
    cpu = _cpu_between(server, after)
    cut = sum(len(name) > LONGEST_TEXT for name in names)
    snapshot = Snapshot(started, wall_time, server, tubes, took, round_trip, chosen, cpu)
    return snapshot._replace(left_out=left_out, shortened=cut)


@coroutine
def _next_turn() -> Generator[None, None, None]:
    """Let other tasks run, as `asyncio.sleep(0)` does; those who poll once need not import asyncio."""
    yield


def _cpu_between(before: Server, after: Server) -> float | None:
    """Return the processor time in seconds between two `stats`; None if the difference is not plausible."""
    first, last = before.processor_seconds, after.processor_seconds
    spent = (last - first) if first is not None and last is not None else 0.0
    return spent if 0 < spent < math.inf else None


def _with_unasked(
    names: Iterable[str],
    asked: Collection[str],
    seen: Mapping[str, Tube],
    known: Mapping[str, Tube],
    at: float,
) -> dict[str, Tube]:
    """Return all tubes in the server's order; those that were not asked for are as before. A tube that was
    asked for and did not answer is gone."""
    tubes = {}
    for name in names:
        if name in seen:
            tubes[name] = seen[name]
        elif name not in asked:
            tubes[name] = known.get(name) or Tube(name, at)
    return tubes


async def _poll_tubes(
    client: Caller, names: Iterable[str], at: float, timeout: float, server: Server, *, again: bool
) -> tuple[dict[str, Tube], Server]:
    """Return these tubes, and the server, polled `again` after them. A tube that vanished since it was
    listed is missing from the result, which is not an error."""
    tubes: dict[str, Tube] = {}
    questions: Iterable[Command[Tube | Server]] = _questions(names, at, server.own, tubes)
    if again:
        questions = chain(questions, [_server_command(at, server.own)])
    for answer in await client.pipeline(questions, timeout):
        if isinstance(answer, Tube):
            tubes[answer.name] = answer
        elif isinstance(answer, Server):
            server = answer
        elif not isinstance(answer, NotFoundError):
            raise answer
    return tubes, server


def _questions(
    names: Iterable[str], at: float, own: int, found: dict[str, Tube]
) -> Iterator[Command[Tube]]:
    """Yield the commands, while replies arrive. A tube whose name no client can send is added to the
    result at once, with all its numbers unknown."""
    for name in names:
        try:
            yield _tube_command(name, at, own)
        except ValueError:
            found[name] = Tube(name, at)


def _server_command(at: float, own: int) -> Command[Server]:
    """Return the command `stats`, with a `Server` as its result."""
    wire, success, read = commands.stats()
    return Command(wire, success, lambda reply: Server(at, read(reply), own))


def _tube_command(name: str, at: float, own: int) -> Command[Tube]:
    """Return the command `stats-tube`, with a `Tube` as its result."""
    wire, success, read = _stats_tube(name)
    return Command(wire, success, partial(_read_tube, name, at, own, read))


_stats_tube = lru_cache(maxsize=2**14)(commands.stats_tube)
"""`commands.stats_tube`; a poll needs thousands, each time the same."""


def _read_tube(
    name: str, at: float, own: int, read: Callable[[Reply], StatsTube], reply: Reply
) -> Tube:
    numbers = usual_tube_numbers(reply.body, name)
    if numbers is None or name == DEFAULT_TUBE or numbers[-1] > LONGEST:
        return Tube.from_stats(name, at, read(reply), own)
    return Tube._make((name, at, *numbers, None))


def _possible(count: int | None) -> int | None:
    """Return a count; None for one below zero, which a server that lies may report."""
    return None if count is None or count < 0 else count


def _less(count: int | None, ours: int) -> int | None:
    return None if count is None else max(0, count - ours)
