"""Samples single jobs, to know which tubes have jobs that time out.

Nothing is sent while the server counts no time-outs.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from beantop.beanstalk import Error, StatsJob
from beantop.jobs.connection import ActingConnection
from beantop.monitor.poller import ServerStatus
from beantop.monitor.sampled import SampledJob
from beantop.monitor.snapshot import Tube
from beantop.monitor.turns import Turns

OLDER = 16
"""Ids before that of the next ready job that are looked up: a job that times out is older, and most
of the time a worker holds it, so that it cannot be peeked at."""

COST = 10 + OLDER
"""Commands that a sample costs at most, as the budget counts them."""

AT_ONCE = 4
"""Samples after each poll at most."""

SHARE = 0.5
"""The part of the commands allowed beside a poll that samples may take."""

AFTER_TIMEOUT = 60.0
"""Seconds for which tubes are sampled after the server counted a time-out."""


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

    def choose(self, status: ServerStatus) -> list[Tube]:
        """Return the tubes to sample after this poll, as many as the budget allows."""
        aside = AT_ONCE * COST / SHARE if status.aside is None else status.aside
        self._credit = min(AT_ONCE * COST, self._credit + SHARE * aside)
        if self._is_sampling or status.peer is None or status.link.state != "up":
            return []
        chosen = self._in_turn(status, int(self._credit / COST))
        self._credit -= COST * len(chosen)
        return chosen

    async def sample(self, chosen: list[Tube], status: ServerStatus) -> None:
        """Sample, and note what the jobs tell. After a lost connection nothing is noted."""
        self._is_sampling = True
        try:
            for tube in chosen:
                with suppress(ValueError):  # the name cannot be sent in a command
                    await self._note_timed_out(tube, status)
                    status.history.reconsider(tube.name)
        except Error:
            pass
        finally:
            self._is_sampling = False

    async def _note_timed_out(self, tube: Tube, status: ServerStatus) -> None:
        from beantop.jobs.peek import peek_next, stats_of_jobs  # rarely needed

        sampled = status.history.sampled
        known, head = (
            sampled.timed_out(tube),
            await peek_next(self._connection, tube.name),
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
        is_gone = tube.name not in status.history.latest.tubes
        if worst and worst.get("timeouts") and not is_gone:
            sampled.note_timed_out(tube.name, self._job(worst))

    def _job(self, stats: StatsJob) -> SampledJob:
        return SampledJob(self._now(), stats.get("id", 0), stats.get("ttr"), stats.get("timeouts"))

    def _in_turn(self, status: ServerStatus, most: int) -> list[Tube]:
        """Return the tubes whose jobs may time out, the longest not sampled first."""
        if status.history.server_rates().timeout:
            self._until = status.snapshot.taken_at + AFTER_TIMEOUT
        if status.snapshot.taken_at > self._until:
            return []
        tubes = {tube.name: tube for tube in _may_time_out(status)}
        return [tubes[name] for name in self._turns.take(tubes, most)]


def _may_time_out(status: ServerStatus) -> Iterator[Tube]:
    """Yield the tubes whose jobs workers can take, and whose next job can be peeked at."""
    tubes = status.snapshot.tubes
    for name in status.snapshot.asked:
        tube = tubes.get(name)
        if tube and tube.ready and (tube.watching or tube.reserved):
            yield tube
