"""Measures the times of a server's jobs by sampling single jobs over a connection of its own."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from time import perf_counter

from beantop.app.session.profiled import USUAL, Wanted
from beantop.beanstalk import Error, Stats, commands, describe_error
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.id_probe import jobs_put, newest_id
from beantop.jobs.profiling import classes_of, sample_jobs
from beantop.monitor.focus import Focus
from beantop.monitor.followed_job import FollowedJob, TubeTimes
from beantop.monitor.job_percentiles import JobPercentiles, job_percentiles
from beantop.monitor.job_times import MAX_GAP, JobTimes
from beantop.monitor.new_ids import NewIds
from beantop.monitor.sample_budget import SampleBudget
from beantop.monitor.sampled import MAX_AGE, SampledJobs
from beantop.monitor.snapshot import Server, Snapshot, Tube

MAX_HEADS = 16
"""Tubes whose first jobs are peeked at to find the highest id."""

SEARCH_AGAIN = 30.0
"""Minimum seconds between searches for the highest id."""

RETRY = 10.0
"""Seconds after which a server that was slow or lost is tried again."""

MAX_PEEKS = 8
"""Bodies that are read in a round at most."""

MAX_BODY = 2**20
"""Bytes of the largest job that a server takes, above which no bodies are read."""

BODY_RATE = 2**18
"""Bytes of bodies that are read per second. If large bodies use that up, others are not read."""


IDLE = 300.0
"""Seconds without new jobs after which a tube without ready and reserved jobs is idle."""

MAX_SECONDS = 0.03
"""Seconds that estimates for rules and columns may take after a poll; the rest is done at later ones."""

MAX_POLLS = 120
"""Polls kept to compute how busy workers are."""


class Profiler:
    """Measures the times of one server's jobs while a screen or a column shows them or rules compare them."""

    def __init__(
        self, connection: ActingConnection, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.connection = connection
        self.times: JobTimes | None = None
        """The times measured so far; None before the first round."""
        self.trouble = ""
        """Why nothing is measured now, as a sentence; "" if it is."""
        self.pace = USUAL
        """Seconds from one round to the next."""
        self.spent = 0.0
        """Upper bound of the seconds of server time that all samples took, by its `rusage`."""
        self.polls: deque[Tube] = deque(maxlen=MAX_POLLS)
        """The measured tube at the last polls."""
        self._now = now
        self._wanted: Wanted | None = None
        self._is_running = False
        self._budget = SampleBudget()
        self._new_ids: NewIds | None = None
        self._before: Server | None = None
        self._searched_at = float("-inf")
        self._is_counted = True  # whether the server says how many jobs were put
        self._bytes = 0.0  # of bodies that may be read
        self._read_at = now()
        self.is_acting: Callable[[], bool] = lambda: False
        """Returns whether an action of ours is running, whose puts must not be measured."""
        self.reading_of: Callable[[str], Reading] = lambda tube: AS_RECOGNIZED
        """Returns how the bodies of a tube are read, for the class of a job."""

    def want(self, wanted: Wanted | None) -> bool:
        """Change what is measured. Return whether `run` must be started."""
        if wanted and self.times:
            self.times.refocus(wanted.focus)
        if wanted and self.polls and self.polls[-1].name != wanted.tube:
            self.polls.clear()
        self._wanted = wanted
        return wanted is not None and not self._is_running

    def tube_times(self, tube: str) -> TubeTimes | None:
        """Return the times of a tube's jobs measured so far."""
        return self.times.tube_times(tube) if self.times else None

    def note_puts(self, snapshot: Snapshot) -> None:
        """Note how many jobs were put into tubes, after a poll."""
        if self.times is None:
            return
        tubes = (snapshot.tubes.get(name) for name in snapshot.asked)
        totals = ((tube.name, tube.total_jobs) for tube in tubes if tube)
        self.times.note_puts(totals, snapshot.taken_at)
        self.times.forget_gone(snapshot.tubes)
        focus = self.times.focus.tube
        if focus in snapshot.asked and (tube := snapshot.tubes.get(focus or "")):
            self.polls.append(tube)

    def note_percentiles(
        self, snapshot: Snapshot, sampled: SampledJobs, shown: Collection[str] = ()
    ) -> None:
        """Note how long jobs take in the tubes that a poll asked for and that rules or columns need. After
        `MAX_SECONDS` the rest is left for later polls; the oldest estimates come first, but before them those of
        `shown` tubes that will soon be too old to be shown."""
        wanted, times, began = self._wanted, self.times, perf_counter()
        if not wanted or times is None or self._now() - times.until > MAX_GAP:
            return
        focus = Focus("", wanted.patterns)
        tubes = [snapshot.tubes[name] for name in snapshot.asked if name in snapshot.tubes]
        asked = [tube for tube in tubes if focus.includes(tube.name)]

        def turn(tube: Tube) -> tuple[bool, float]:
            at = sampled.percentiles_at(tube.name)
            return tube.name not in shown or tube.taken_at - at < MAX_AGE / 2, at

        for tube in sorted(asked, key=turn):
            sampled.note_percentiles(tube.name, self._percentiles(times, tube))
            if perf_counter() - began > MAX_SECONDS:
                break

    def _percentiles(self, times: JobTimes, tube: Tube) -> JobPercentiles:
        if not tube.ready and not tube.reserved and times.quiet_for(tube.name) >= IDLE:
            return JobPercentiles(tube.taken_at, is_idle=True)
        known = times.tube_times(tube.name)
        if known is None:
            return JobPercentiles(tube.taken_at)
        return job_percentiles(known, tube.taken_at)

    async def run(self) -> None:
        """Measure until nothing is wanted."""
        self._is_running = True
        try:
            while self._wanted:
                began = self._now()
                wait = await self.round(self._wanted)
                await asyncio.sleep(max(0.0, began + wait - self._now()))
        finally:
            self._is_running = False
            self.connection.close()

    async def round(self, wanted: Wanted) -> float:
        """Sample jobs once. Return the seconds until the next round."""
        try:
            async with self.connection.turn() as turn:
                await self._round(turn, wanted)
        except Error as error:
            self.trouble = f"Nothing is measured now: {describe_error(error)}."
            return RETRY
        if not self._is_counted:
            self.trouble = "Nothing is measured: the server does not say how many jobs were put."
            return RETRY
        if self._budget.is_slow:
            trip = f"{self._budget.round_trip:.1f} s"
            self.trouble = f"Nothing is measured: the server takes {trip} to answer."
            return RETRY
        self.trouble = ""
        self.pace = self._budget.pace(wanted.pace)
        return self.pace

    async def _round(self, turn: Turn, wanted: Wanted) -> None:
        began = self._now()
        stats = await turn.call(commands.stats())
        trip = self._now() - began
        at = began + trip / 2
        total = stats.get("total-jobs")
        self._is_counted = total is not None
        if total is None or self._budget.is_slow:
            self._budget.note(trip, 0, None)
            return
        times = self._times_of(Server(at, stats), wanted.focus)
        if times is None or self._is_lost(at):
            await self._search(turn, wanted.focus)
            return
        most = self._budget.samples(self._budget.pace(wanted.pace))
        times.set_pace(self.pace)
        chosen = times.plan(total, at, most, only_again=self.is_acting())
        ids = [*chosen.new, *chosen.again, *chosen.above]
        began = self._now()
        seen = await sample_jobs(turn, ids)
        at = (began + self._now()) / 2
        answers = dict(zip(ids, seen.jobs, strict=True))
        new = [times.note_new(id, answers[id], at) for id in chosen.new]
        for id in chosen.again:
            times.note_again(id, answers[id], at)
        for id in chosen.above:
            times.note_above(id, answers[id], seen.after.get("total-jobs", total))
        cpu = _cpu_between(stats, seen.after)
        self.spent += cpu or 0.0
        self._budget.note(trip, len(ids) + 1, cpu)
        if stats.get("max-job-size", 0) <= MAX_BODY:
            shown = [job for job in new if job and wanted.tube in (None, job.tube)]
            await self._note_classes(turn, times, shown)

    def _times_of(self, server: Server, focus: Focus) -> JobTimes | None:
        """Return the times measured for this process of the server; None after a restart."""
        if self._before is None or not self._before.is_same_process(server):
            self._new_ids = self.times = None
            self.polls.clear()
        self._before = server
        if self._new_ids and self.times is None:
            self.times = JobTimes(self._new_ids, focus)
        return self.times

    async def _search(self, turn: Turn, focus: Focus) -> None:
        """Search for the server's highest id, and start over."""
        highest = await newest_id(turn, focus.tube or None, MAX_HEADS)
        total = await jobs_put(turn)
        now = self._searched_at = self._now()
        self._new_ids = NewIds(max(highest, total), total, now)
        self.times = JobTimes(self._new_ids, focus)

    def _is_lost(self, now: float) -> bool:
        """Return whether to search for the highest id again."""
        ids = self._new_ids
        if ids is None or now < self._searched_at + SEARCH_AGAIN:
            return False
        return ids.is_doubtful or (ids.handed_out > 0 and not ids.is_sure)

    async def _note_classes(
        self, turn: Turn, times: JobTimes, found: Sequence[FollowedJob]
    ) -> None:
        now = self._now()
        self._bytes = min(BODY_RATE, self._bytes + BODY_RATE * (now - self._read_at))
        self._read_at = now
        jobs = found[:MAX_PEEKS] if self._bytes > 0 else []
        readings = {job.id: self.reading_of(job.tube) for job in jobs}
        classes = await classes_of(turn, readings) if jobs else []
        for job, (name, size) in zip(jobs, classes, strict=True):
            times.note_class(job, name)
            self._bytes -= size


def _cpu_between(before: Stats, after: Stats) -> float | None:
    first, last = Server(stats=before).processor_seconds, Server(stats=after).processor_seconds
    return None if first is None or last is None else last - first
