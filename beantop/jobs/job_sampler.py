"""Samples single jobs, to know which tubes have jobs that time out and how old what is buried is.

Nothing is sent while the server counts no time-outs and the cursor is on a tube without buried jobs.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Literal, NamedTuple, TypeAlias

from beantop.beanstalk import Error, StatsJob
from beantop.jobs.connection import ActingConnection
from beantop.jobs.head_ages import COMMANDS
from beantop.jobs.peek import peek_first, stats_of_jobs
from beantop.monitor.poller import ServerStatus
from beantop.monitor.sampled import SampledJob
from beantop.monitor.snapshot import Tube
from beantop.monitor.turns import Turns

OLDER = 16
"""Ids before that of the next ready job that are looked up: a job that times out is older, and most
of the time a worker holds it, so that it cannot be peeked at."""

COST = COMMANDS + OLDER
"""Commands that a sample costs at most, as the budget counts them."""

AT_ONCE = 4
"""Samples after each poll at most."""

SHARE = 0.5
"""The part of the commands allowed beside a poll that samples may take."""

AFTER_TIMEOUT = 60.0
"""Seconds for which tubes are sampled after the server counted a time-out."""

AGAIN = 10.0
"""Seconds after which the job of the same tube that was buried first is sampled again."""

Kind: TypeAlias = Literal["timed out", "buried"]


class Sample(NamedTuple):
    """What to find out about a tube."""

    tube: Tube
    kind: Kind


class JobSampler:
    """Chooses after each poll of a server what to sample, and notes the result in its history."""

    def __init__(
        self, connection: ActingConnection, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._now = now
        self._is_sampling = False
        self._credit = 0.0  # commands that may be sent
        self._until = 0.0  # time-outs are looked for until then
        self._turns = Turns()

    def choose(self, status: ServerStatus, cursor: str | None) -> list[Sample]:
        """Return what to sample after this poll, as much as the budget allows. `cursor` is the tube
        under the cursor."""
        aside = AT_ONCE * COST / SHARE if status.aside is None else status.aside
        self._credit = min(AT_ONCE * COST, self._credit + SHARE * aside)
        if self._is_sampling or status.peer is None or status.link.state != "up":
            return []
        most = int(self._credit / COST)
        oldest = self._oldest(status, cursor)[:most]
        chosen = [*oldest, *self._in_turn(status, most - len(oldest))]
        self._credit -= COST * len(chosen)
        return chosen

    async def sample(self, chosen: list[Sample], status: ServerStatus) -> None:
        """Sample, and note what the jobs tell. After a lost connection nothing is noted."""
        self._is_sampling = True
        try:
            for tube, kind in chosen:
                with suppress(ValueError):  # the name cannot be sent in a command
                    if kind == "buried":
                        await self._note_buried(tube, status)
                    else:
                        await self._note_timed_out(tube, status)
                    status.history.reconsider(tube.name)
        except Error:
            pass
        finally:
            self._is_sampling = False

    async def _note_buried(self, tube: Tube, status: ServerStatus) -> None:
        first = await peek_first(self._connection, tube.name, "buried")
        job = self._job(first.stats, tube.buried or 0) if first else None
        status.history.sampled.note_buried(tube.name, job)

    async def _note_timed_out(self, tube: Tube, status: ServerStatus) -> None:
        sampled = status.history.sampled
        known, head = (
            sampled.timed_out(tube),
            await peek_first(self._connection, tube.name, "ready"),
        )
        ids = [known.id] if known else []
        if head and tube.reserved:
            ids += range(max(1, head.id - OLDER), head.id)
        found = [head.stats] if head else []
        found += [
            stats
            for stats in await stats_of_jobs(self._connection, ids)
            if stats.get("tube") == tube.name and stats.get("state") in ("ready", "reserved")
        ]
        worst = max(found, key=lambda stats: stats.get("timeouts", 0), default=None)
        has_timed_out = worst is not None and worst.get("timeouts")
        sampled.note_timed_out(tube.name, self._job(worst) if worst and has_timed_out else None)

    def _job(self, stats: StatsJob, count: int = 0) -> SampledJob:
        return SampledJob(
            self._now(),
            stats.get("id", 0),
            stats.get("age"),
            stats.get("ttr"),
            stats.get("timeouts"),
            count,
        )

    def _oldest(self, status: ServerStatus, cursor: str | None) -> list[Sample]:
        tube = status.snapshot.tubes.get(cursor or "")
        if tube is None or not tube.buried:
            return []
        known = status.history.sampled.buried(tube)
        is_due = known is None or tube.taken_at - known.at > AGAIN
        return [Sample(tube, "buried")] if is_due else []

    def _in_turn(self, status: ServerStatus, most: int) -> list[Sample]:
        """Return the tubes whose jobs may time out, the longest not sampled first."""
        if status.history.server_rates().timeout:
            self._until = status.snapshot.taken_at + AFTER_TIMEOUT
        if status.snapshot.taken_at > self._until:
            return []
        tubes = {tube.name: tube for tube in _may_time_out(status)}
        return [Sample(tubes[name], "timed out") for name in self._turns.take(tubes, most)]


def _may_time_out(status: ServerStatus) -> Iterator[Tube]:
    """Yield the tubes whose jobs workers can take, and whose next job can be peeked at."""
    tubes = status.snapshot.tubes
    for name in status.snapshot.asked:
        tube = tubes.get(name)
        if tube and tube.ready and (tube.watching or tube.reserved):
            yield tube
