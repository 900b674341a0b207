"""How long jobs wait, are worked on, and take in all, from samples of single jobs.

A few of the jobs that are put are followed until they are gone. `plan` says which ids to sample,
and the `note_` methods take the results; nothing here talks to a server.
"""

import math
import random
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from beantop.beanstalk import StatsJob
from beantop.monitor.durations import Bounds, Durations
from beantop.monitor.focus import Focus
from beantop.monitor.followed_job import FollowedJob, Times, TubeTimes
from beantop.monitor.new_ids import NewIds, Span

MAX_FOLLOWED = 256
"""Jobs that are followed at the same time."""

ROOM = 8
"""At most one part in this many of the free room is taken at once, so that some is always left."""

MIN_KEPT, SMOOTHING = 0.05, 0.1
"""Lower bound of the share of new jobs that are followed, and the weight of the last round in
it."""

MAX_DELAY = 600
"""Seconds of the longest delay of a job that is followed."""

MAX_EARLY = 4
"""Ids without a job that are sampled once more, since the job may have been put later."""

MAX_GAP = 15.0
"""Seconds without samples after which the jobs put meanwhile are left out."""

SLICE = 20.0
"""Seconds of a slice: the jobs put within it are forgotten together."""

SLICES = 180
"""Slices that are remembered."""

MEMORY = SLICES * SLICE
"""Seconds for which jobs are remembered: one hour."""

ENOUGH = 400
"""Durations with a known end that an estimate needs; older ones are left out."""

CHANCE = 2.0
"""Factor of the variance that is taken for chance, and reduces the number of quick jobs."""

MAX_TUBES = 1_000
"""Tubes in a slice."""

MAX_ENTRIES = 10_000
"""Maximum number of times and counts of tubes, in all slices together. With very many tubes, less than an
hour is remembered."""

MAX_CLASSES = 30
"""Classes of jobs of a tube."""


class IdsToSample(NamedTuple):
    """Ids to sample: of new jobs, of followed ones, and some above the newest."""

    new: list[int]
    again: list[int]
    above: list[int]
    """Ids that no job should have."""


@dataclass
class Count:
    """Jobs of a tube that were put, by its counter, and jobs that existed at their first sample."""

    polls: int = 0
    put: float = 0.0
    seen: float = 0.0
    squares: float = 0.0
    """Sum of the squares of the differences between the two, over all polls."""

    def add(self, put: float, seen: float) -> None:
        """Add the jobs that came from one poll to another."""
        self.add_all(Count(1, put, seen, (put - seen) ** 2))

    def add_all(self, other: "Count") -> None:
        self.polls += other.polls
        self.put += other.put
        self.seen += other.seen
        self.squares += other.squares

    @property
    def quick(self) -> float:
        """Number of jobs that were gone before their first sample: the difference, less what may be
        chance."""
        missed = self.put - self.seen
        if missed <= 0:
            return 0.0
        chance = self.squares - missed**2 / self.polls
        return missed * max(0.0, 1 - CHANCE * chance / missed**2)


NO_JOBS = Count()


@dataclass
class Slice:
    """Times of the jobs that were put within `SLICE` seconds."""

    since: float
    pace: float
    """Maximum seconds between two rounds of samples."""
    times: dict[str, dict[str, Times]] = field(default_factory=dict)
    """Times by tube and class; "" for all classes."""
    passed: Durations = field(default_factory=Durations)
    """Seconds from the put to the first sample, for jobs of any tube that were gone by then."""
    counts: dict[str, Count] = field(default_factory=dict)
    """Counts by tube."""

    def times_of(self, tube: str, class_name: str) -> Times:
        return self.times.setdefault(tube, {}).setdefault(class_name, Times())

    def forget(self, tube: str) -> None:
        self.times.pop(tube, None)
        self.counts.pop(tube, None)

    def known(self, tube: str) -> float:
        """Return about how many jobs of a tube have a known end."""
        times, counted = self.times.get(tube, {}).get(""), self.counts.get(tube)
        part = counted.quick / self.passed.weight if counted and self.passed.weight else 0.0
        quick = self.passed.count * min(1.0, part)
        return quick + (times.ended if times else 0)

    def count(self, tube: str, put: float, seen: float) -> None:
        """Count the jobs of a tube that came from one poll to another."""
        if tube in self.counts or len(self.counts) < MAX_TUBES:
            self.counts.setdefault(tube, Count()).add(put, seen)


class JobTimes:
    """Follows new jobs of one server process, in the tubes of a focus."""

    def __init__(
        self,
        new_ids: NewIds,
        focus: Focus,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.new_ids = new_ids
        self.focus = focus
        self._pace = 0.0  # seconds from one round to the next
        self.since: float | None = None
        """When the first round began; None before."""
        self.followed: dict[int, FollowedJob] = {}
        self._chance = chance
        self._span = Span(1, 1, 0.0, 0.0)
        self._slices: deque[Slice] = deque(maxlen=SLICES)
        self._totals: dict[str, int] = {}  # jobs put into each tube by the last poll
        self._seen: dict[str, float] = {}  # jobs of each tube at their first sample since then
        self._weight = 1.0  # of the new ids
        self._new = self._kept = 0  # new ids in the last round, and how many of them are followed
        self._kept_part = 1.0
        self._maybe_early: set[int] = set()  # ids without a job at their first sample

    def refocus(self, focus: Focus) -> None:
        """Change which tubes are measured, and forget those that no longer are."""
        if focus == self.focus:
            return
        self.focus = focus
        for id, job in list(self.followed.items()):
            if not focus.includes(job.tube):
                del self.followed[id]
        for part in self._slices:
            for tube in part.times.keys() | part.counts.keys():
                if not focus.includes(tube):
                    part.forget(tube)
        self._totals = {tube: put for tube, put in self._totals.items() if focus.includes(tube)}
        self._seen = {tube: seen for tube, seen in self._seen.items() if focus.includes(tube)}

    # What to sample:

    def set_pace(self, pace: float) -> None:
        """Note the seconds between two rounds of samples."""
        self._pace = pace
        if self._slices:
            self._slices[-1].pace = max(pace, self._slices[-1].pace)

    def plan(self, total: int, at: float, most: int, *, only_again: bool = False) -> IdsToSample:
        """Return about `most` ids to sample, when `total` jobs have been put. With `only_again`, no
        more jobs are followed."""
        span = self._span = self.new_ids.advance(total, at)
        if self.since is None:
            self.since = at
        self.followed = {id: job for id, job in self.followed.items() if job.put_at >= at - MEMORY}
        due = sorted((job.due_at, job.id) for job in self.followed.values() if job.due_at <= at)
        room = self._room()
        spare = max(most // 2, most - len(due))
        skips = only_again or at - span.since > MAX_GAP or not room
        new = [] if skips else span.spread(min(spare, room), self._chance())
        if skips:
            self._forget_puts()
        self._new = len(new)
        self._weight = (span.end - span.first) / len(new) if new else 0.0
        again = [id for _, id in islice(due, max(1, most - len(new)))]
        return IdsToSample(
            new, [*again, *self._maybe_early], [] if only_again else self.new_ids.above()
        )

    def _room(self) -> int:
        """Return how many new jobs to sample, by the room for followed jobs: some will be gone, or
        in a tube that is not measured."""
        if self._new:
            self._kept_part += SMOOTHING * (self._kept / self._new - self._kept_part)
        self._new = self._kept = 0
        room = math.ceil((MAX_FOLLOWED - len(self.followed)) / ROOM)
        return int(room / max(MIN_KEPT, self._kept_part))

    def _is_crowded_by(self, tube: str) -> bool:
        """Return whether the jobs of a tube take so much room that the rest must be left to other tubes."""
        free = MAX_FOLLOWED - len(self.followed)
        if free > MAX_FOLLOWED / 2 or self.focus == Focus(tube):
            return False
        return sum(job.tube == tube for job in self.followed.values()) >= free

    # What was found:

    def note_new(self, id: int, stats: StatsJob | None, at: float) -> FollowedJob | None:
        """Note the first sample of a job; None if it was gone. Return it if it is followed."""
        put_at = min(at, self._span.put_at(id))
        if stats is None:
            self._slice(put_at).passed.add(Bounds(0.0, at - put_at), self._weight)
            if len(self._maybe_early) < MAX_EARLY:
                self._maybe_early.add(id)
            return None
        if not self.new_ids.note_found(stats.get("age"), at - put_at):
            return None
        tube = stats.get("tube", "")
        self._seen[tube] = self._seen.get(tube, 0.0) + self._weight
        delay = 0 if stats.get("releases") or stats.get("kicks") else stats.get("delay", 0)
        if delay > MAX_DELAY or not self.focus.includes(tube) or self._is_crowded_by(tube):
            return None
        ready_at = put_at + delay
        if stats.get("state") != "delayed":
            ready_at = min(ready_at, at)
        job = FollowedJob(id, tube, put_at, ready_at, put_at, ready_at, self._weight)
        self.followed[id] = job
        self._times(job, "")  # so that it counts before the first one has ended
        self._kept += 1
        self._see(job, stats, at)
        return job

    def note_class(self, job: FollowedJob, class_name: str) -> None:
        """Note the class of a job."""
        known = {of_kind for part in self._slices for of_kind in part.times.get(job.tube, ())}
        job.class_name = class_name if class_name in known or len(known) <= MAX_CLASSES else ""

    def note_again(self, id: int, stats: StatsJob | None, at: float) -> None:
        """Note another sample of a job; None if it is gone."""
        if id in self._maybe_early:
            self._maybe_early.remove(id)
            if stats is not None:
                self.new_ids.note_early()
        elif job := self.followed.get(id):
            if stats is None:
                self._end(job).add_gone(job, at)
                if job.class_name:
                    self._times(job, job.class_name).add_gone(job, at)
            else:
                self._see(job, stats, at)

    def note_above(self, id: int, stats: StatsJob | None, total: int) -> None:
        """Note a sample of an id that no job should have, and how many jobs were put by then."""
        if stats is not None and stats.get("state"):
            self.new_ids.note_above(id, total)

    def note_puts(self, totals: Iterable[tuple[str, int | None]], at: float) -> None:
        """Note how many jobs were ever put into each tube, by a poll at that moment."""
        if at - self._span.until > MAX_GAP:
            self._forget_puts()
            return
        for tube, total in totals:
            if total is not None and self.focus.includes(tube):
                self._note_puts(tube, total)

    def forget_gone(self, tubes: Collection[str]) -> None:
        """Forget the counters of tubes that are gone, now and then."""
        if len(self._totals) + len(self._seen) > 4 * len(tubes) + MAX_TUBES:
            self._totals = {tube: put for tube, put in self._totals.items() if tube in tubes}
            self._seen = {tube: seen for tube, seen in self._seen.items() if tube in tubes}

    def _forget_puts(self) -> None:
        """Start counting again: jobs that are not sampled are not missing."""
        self._totals.clear()
        self._seen.clear()

    def _note_puts(self, tube: str, total: int) -> None:
        before, seen = self._totals.get(tube), self._seen.pop(tube, 0.0)
        self._totals[tube] = total
        if before is not None and total >= before and (total > before or seen) and self._slices:
            self._slices[-1].count(tube, total - before, seen)

    # What is known:

    @property
    def tubes(self) -> list[str]:
        """The tubes that jobs were put into."""
        names = dict.fromkeys(tube for part in self._slices for tube in part.counts)
        return [name for name in names if self.focus.includes(name)]

    @property
    def until(self) -> float:
        """When the last round began."""
        return self._span.until

    def quiet_for(self, tube: str) -> float:
        """Return for how many seconds no job was put into a tube, as far as this was measured."""
        slices = (
            part for part in reversed(self._slices) if tube in part.counts or tube in part.times
        )
        since = next((part.since + SLICE for part in slices), self.since)
        return 0.0 if since is None else max(0.0, self.until - since)

    def classes(self, tube: str) -> dict[str, float]:
        """Return the classes of the jobs of a tube that were read, with the share of each."""
        weights: dict[str, float] = {}
        for part in self._enough(tube):
            for class_name, times in part.times.get(tube, {}).items():
                if class_name:
                    weights[class_name] = weights.get(class_name, 0.0) + times.turnaround.weight
        for job in self.followed.values():
            if job.tube == tube and job.class_name:
                weights[job.class_name] = weights.get(job.class_name, 0.0) + job.weight
        total = sum(weights.values())
        return {class_name: weight / total for class_name, weight in weights.items()}

    def tube_times(self, tube: str, class_name: str = "") -> TubeTimes | None:
        """Return the times of a tube's jobs, or of one class of them: of the newest ones that are
        enough; None if nothing is known."""
        slices = self._enough(tube)
        if not slices:
            return None
        times, quick = self._sum(slices, tube, class_name), 0.0
        if not class_name:
            counted, passed = Count(), Durations()
            for part in slices:
                passed.add_all(part.passed)
                counted.add_all(part.counts.get(tube, NO_JOBS))
            if self.new_ids.is_sure and passed.weight:
                times.add_quick(passed, min(1.0, counted.quick / passed.weight))
                quick = counted.quick / max(1.0, counted.put)
        return times.estimates(slices[-1].since, quick, max(part.pace for part in slices))

    def _enough(self, tube: str) -> list[Slice]:
        """Return the slices with jobs of the tube, the newest first, as many as are enough."""
        chosen, known = [], 0.0
        for part in reversed(self._slices):
            if part.since < self.until - MEMORY:
                break
            if tube in part.counts or tube in part.times:
                chosen.append(part)
                known += part.known(tube)
                if known >= ENOUGH:
                    break
        return chosen

    def _sum(self, slices: Iterable[Slice], tube: str, class_name: str) -> Times:
        times = Times()
        for part in slices:
            if some := part.times.get(tube, {}).get(class_name):
                times.add_all(some)
            since = part.since
        for job in self.followed.values():
            if job.tube == tube and job.put_at >= since and class_name in ("", job.class_name):
                times.add_current(job)
        return times

    # Slices:

    def _slice(self, put_at: float) -> Slice:
        """Return the slice of the jobs put at that moment; one that is not kept if that is too long ago."""
        if not self._slices or put_at >= self._slices[-1].since + SLICE:
            self._forget_old()
            self._slices.append(Slice(put_at, self._pace))
        recent = (part for part in reversed(self._slices) if part.since <= put_at)
        return next(recent, Slice(put_at, self._pace))

    def _forget_old(self) -> None:
        """Forget the jobs of each tube that are older than enough others, and the oldest of too many."""
        sizes = [len(part.times) + len(part.counts) for part in self._slices]
        while sum(sizes) > MAX_ENTRIES and len(sizes) > 1:
            sizes.pop(0)
            self._slices.popleft()
        known: dict[str, float] = {}
        for part in reversed(self._slices):
            for tube in part.times.keys() | part.counts.keys():
                if known.get(tube, 0.0) >= ENOUGH:
                    part.forget(tube)
                else:
                    known[tube] = known.get(tube, 0.0) + part.known(tube)

    def _see(self, job: FollowedJob, stats: StatsJob, at: float) -> None:
        if stats.get("state") != "buried":
            job.see(stats, at)
            return
        self._end(job).add_buried(job, at)
        if job.class_name:
            self._times(job, job.class_name).add_buried(job, at)

    def _end(self, job: FollowedJob) -> Times:
        """Stop following a job. Return the times to add it to."""
        del self.followed[job.id]
        return self._times(job, "")

    def _times(self, job: FollowedJob, class_name: str) -> Times:
        return self._slice(job.put_at).times_of(job.tube, class_name)
