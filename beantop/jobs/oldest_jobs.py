"""Samples the first jobs of tubes, to know how old their oldest jobs are: nothing else shows that.

Rule 1: nothing is sent unless a column shows these ages, a rule asks for them, or the cursor is on
a tube with buried jobs. Rule 2: a tube whose counters did not move since its last sample still has
the same first jobs, so that the clock gives their age without a command. Rule 3: tubes on the
screen come first, but leave half of the commands to those whose job may have passed the limit of a
rule; then come the others. Of each, the longest not sampled come first. Rule 4: only tubes that the
last poll asked for are sampled: `use` would create one that is gone.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from beantop.beanstalk import BeanstalkdError, Command, Error, Job, Stats, StatsJob, commands
from beantop.jobs.body import KEPT_WHOLE
from beantop.jobs.body_batches import BYTES_OF_A_COMMAND
from beantop.jobs.connection import ActingConnection, Turn
from beantop.monitor.history import History
from beantop.monitor.poller import ServerStatus
from beantop.monitor.sampled import (
    HEAD_STATES,
    FirstJob,
    HeadState,
    SampledJobs,
    jobs_of,
    moves_of,
)
from beantop.monitor.snapshot import Snapshot, Tube
from beantop.monitor.turns import Turns

if TYPE_CHECKING:
    from beantop.monitor.alerts import AlertRule

_Key: TypeAlias = tuple[str, HeadState]
_Found: TypeAlias = dict[_Key, FirstJob | None]

SHARE = 0.7
"""The part of the commands allowed beside a poll that these samples may take."""

MAX_TUBES = 64
"""Maximum number of tubes sampled after a poll, so that other work soon gets its turn."""

OF_A_JOB = 0.7
"""Cost of a peek or a `stats-job`, compared with a command that looks for a tube by its name: measured
with 1,000 and 10,000 tubes on beanstalkd 1.12."""

COST = 1 + 2 * OF_A_JOB
"""Cost of a tube with jobs in one of the states: `use`, a peek, `stats-job`."""

BATCH = 32
"""Tubes whose first bodies are peeked at together."""

AGAIN, LARGE_AGAIN = 10.0, 60.0
"""Seconds after which a tube is sampled again that is not on the screen, or whose first body is large."""

TRUSTED_ON_SCREEN, TRUSTED = 10.0, 600.0
"""Seconds for which counters that did not move are trusted: changes that cancel out are not seen, nor
that a tube disappeared and came back."""

TOO_LATE = 2.0
"""Seconds after a poll in which a tube may have disappeared."""


class AgesNeeded(NamedTuple):
    """Tubes and rules that need the ages of a server's oldest jobs."""

    is_shown: bool = False
    """Whether tubes are shown with these ages, or sorted by them."""
    on_screen: Collection[str] = ()
    """The tubes on the screen, if so."""
    cursor: str | None = None
    """The tube under the cursor."""
    rules: Sequence["AlertRule"] = ()
    """Rules that ask for them."""
    firing: Collection[str] = ()
    """Tubes with a firing alert of these rules."""
    about_to_fire: Collection[str] = ()
    """Tubes with an alert that fires at the next poll if a sample says so."""

    def states_of(self, tube: Tube) -> list[HeadState]:
        """Return the states of which the first job of a tube is needed, and that have jobs."""
        needed: set[HeadState] = {"buried"} if tube.name == self.cursor else set()
        if self.is_shown:
            needed.update(HEAD_STATES)
        for rule in self.rules:
            if rule.is_about(tube.name):
                needed |= rule.sampled_states
        return [state for state in HEAD_STATES if state in needed and jobs_of(tube, state)]


NO_AGES = AgesNeeded()


class Sample(NamedTuple):
    """Samples to take of a tube."""

    tube: Tube
    states: Sequence[HeadState]


class OldestJobs:
    """Chooses after each poll of a server what to sample, and notes the result in its history."""

    def __init__(
        self, connection: ActingConnection, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._now = now
        self._turns = Turns()
        self._credit = 0.0  # commands that may be sent
        self._is_sampling = False
        self._needs = NO_AGES
        self._due: dict[str, float] = {}  # when a job may have passed the next limit of a rule
        self._to_judge: set[str] = set()  # tubes with a sample that rules wait for
        self.is_behind = False
        """Whether the budget did not allow all samples after the last poll."""

    def wanted(self) -> list[str]:
        """Return the tubes to ask for in the next poll, because rules wait for them: those with a new
        sample, and those to be sampled then."""
        now = self._now()
        due = ((at, name) for name, at in self._due.items() if at <= now)
        soonest = [name for _, name in nsmallest(MAX_TUBES, due)]
        return [*self._to_judge, *self._needs.about_to_fire, *soonest]

    def choose(self, status: ServerStatus, needs: AgesNeeded) -> list[Sample]:
        """Return what to sample after this poll, as much as the budget allows."""
        self._needs = needs
        aside = MAX_TUBES * COST / SHARE if status.aside is None else status.aside
        self._credit = min(MAX_TUBES * COST, self._credit + SHARE * aside)
        if self._is_sampling or status.peer is None or status.link.state != "up":
            return []
        self._to_judge.clear()
        tubes = _with_jobs(status.snapshot)
        self._forget(status.snapshot, tubes, needs)
        most = max(0, min(MAX_TUBES, int(self._credit / COST)))
        groups = _Groups(tubes, needs, status.history.sampled, self._due_now())
        self.is_behind = most < min(MAX_TUBES, groups.count)
        return [Sample(tubes[name], groups.states[name]) for name in self._turns_of(groups, most)]

    async def sample(self, chosen: Sequence[Sample], status: ServerStatus) -> None:
        """Sample, and note the results. After a lost connection nothing is noted."""
        self._is_sampling = True
        try:
            async with self._connection.turn() as turn:
                for batch in _batches(chosen, status.snapshot.server.stats):
                    if self._now() - status.snapshot.taken_at > TOO_LATE:
                        break
                    await self._sample(turn, batch, status.history)
        except (Error, ValueError):  # ValueError: the server sent an id that no job can have
            pass
        finally:
            self._is_sampling = False

    # Whose turn it is:

    def _due_now(self) -> set[str]:
        now = self._now()
        return {name for name, at in self._due.items() if at <= now}

    def _forget(self, snapshot: Snapshot, tubes: Mapping[str, Tube], needs: AgesNeeded) -> None:
        """Forget the tubes that are gone or have no jobs now."""
        if not needs.rules:
            self._due.clear()
        gone = self._due.keys() - snapshot.tubes.keys()
        without_jobs = self._due.keys() & frozenset(snapshot.asked) - tubes.keys()
        for name in gone | without_jobs:
            del self._due[name]
        if len(self._turns) > 2 * len(snapshot.tubes):
            self._turns.keep_only(snapshot.tubes)

    def _turns_of(self, groups: "_Groups", most: int) -> list[str]:
        on_screen, for_rules, others = map(
            self._turns.order, (groups.on_screen, groups.for_rules, groups.others)
        )
        half = (most + 1) // 2
        chosen = dict.fromkeys(on_screen[: half if for_rules else most])
        chosen |= dict.fromkeys(for_rules[: most - len(chosen)])
        names = islice(dict.fromkeys([*chosen, *on_screen, *others]), most)
        chosen = dict.fromkeys(names)
        for name in chosen:
            self._turns.note(name)
        self._to_judge.update(name for name in for_rules if name in chosen)
        return [*chosen]

    # Sampling:

    async def _sample(self, turn: Turn, batch: Sequence[Sample], history: History) -> None:
        found = await self._ask_again(turn, batch, history.sampled)
        found |= await self._peek(turn, batch, found)
        for sample in batch:
            tube = sample.tube
            if tube.name not in history.latest.tubes:
                continue  # it is gone since
            jobs = [found.get((tube.name, state)) for state in sample.states]
            for state, job in zip(sample.states, jobs, strict=True):
                history.sampled.note_first(tube.name, state, job)
            if "buried" in sample.states:
                history.reconsider(tube.name)
            self._note_due(tube.name, [job for job in jobs if job])

    async def _ask_again(self, turn: Turn, batch: Sequence[Sample], sampled: SampledJobs) -> _Found:
        """Return the jobs that are still the first: known ones, for which a `stats-job` is enough. A
        buried job stays the first until it is kicked or deleted; a ready one, while nothing moves."""
        known: dict[_Key, tuple[Tube, FirstJob]] = {}
        for tube, states in batch:
            for state in states:
                job = sampled.first(tube, state)
                if job and (state == "buried" or job.has_stayed(tube)):
                    known[tube.name, state] = tube, job
        answers = await self._stats(turn, [job.id for _, job in known.values()])
        found: _Found = {}
        for (key, (tube, job)), stats in zip(known.items(), answers, strict=True):
            is_same = stats is not None and (stats.get("tube"), stats.get("state")) == key
            if stats and is_same and stats.get("buries") == job.buries:
                found[key] = self._first_job(tube, job.id, stats, job.size)
        return found

    async def _peek(self, turn: Turn, batch: Sequence[Sample], known: _Found) -> _Found:
        """Return the other first jobs."""
        tubes = {sample.tube.name: sample.tube for sample in batch}
        wanted = [
            (tube.name, state)
            for tube, states in batch
            for state in states
            if (tube.name, state) not in known
        ]
        asked: dict[str, list[Command[Job[bytes]]]] = {}
        for name, state in wanted:
            asked.setdefault(name, []).append(_PEEKS[state])
        if not asked:
            return {}
        answers = await turn.peek_in_each(asked)
        bodies = chain.from_iterable(answers.get(name, [None] * len(asked[name])) for name in asked)
        jobs = {key: job for key, job in zip(wanted, bodies, strict=True) if job}
        size = sum(len(job.body) for job in jobs.values())
        self._credit -= len(asked) + 1 + OF_A_JOB * len(wanted) + size / BYTES_OF_A_COMMAND
        stats = await self._stats(turn, [job.id for job in jobs.values()])
        return {
            key: self._first_job(tubes[key[0]], job.id, of_job, len(job.body))
            for (key, job), of_job in zip(jobs.items(), stats, strict=True)
            if of_job
        }

    async def _stats(self, turn: Turn, ids: Sequence[int]) -> list[StatsJob | None]:
        """Return the statistics of each job; None for those that are gone."""
        self._credit -= OF_A_JOB * len(ids)
        answers = await turn.pipeline(map(commands.stats_job, ids))
        return [None if isinstance(answer, BeanstalkdError) else answer for answer in answers]

    def _first_job(self, tube: Tube, id: int, stats: StatsJob, size: int) -> FirstJob | None:
        age = stats.get("age")
        if age is None:
            return None
        return FirstJob(self._now(), id, age, moves_of(tube), size, stats.get("buries"))

    def _note_due(self, name: str, jobs: Sequence[FirstJob]) -> None:
        """Note when the first jobs of a tube pass the next limit of a rule. What is put later is younger, so
        that the tube need not be sampled before."""
        self._due.pop(name, None)
        limits = [limit for rule in self._needs.rules if rule.is_about(name) for limit in rule.ages]
        ahead = [
            job.at + limit - job.age + 1  # an age has whole seconds
            for job in jobs
            for limit in limits
            if limit >= job.age
        ]
        if ahead:
            self._due[name] = min(ahead)
        has_passed = any(limit <= job.age for job in jobs for limit in limits)
        if has_passed and name not in self._needs.firing:
            self._to_judge.add(name)


class _Groups:
    """The tubes to sample now, if there is time for all of them."""

    def __init__(
        self,
        tubes: Mapping[str, Tube],
        needs: AgesNeeded,
        sampled: SampledJobs,
        due: Collection[str],
    ) -> None:
        """`tubes` are those that the last poll asked for and that have jobs."""
        self._tubes, self._sampled = tubes, sampled
        states = {name: needs.states_of(tube) for name, tube in tubes.items()}
        self.states = {name: needed for name, needed in states.items() if needed}
        """What is needed of each tube."""
        on_screen = self._of([*needs.on_screen, needs.cursor or ""])
        self.on_screen = [name for name in on_screen if self._is_due(name, 0, TRUSTED_ON_SCREEN)]
        firing = [name for name in self._of(needs.firing) if self._is_due(name, AGAIN)]
        self.for_rules = [*dict.fromkeys([*firing, *self._of([*due, *needs.about_to_fire])])]
        self.others = [name for name in self.states if self._is_due(name, AGAIN)]

    @property
    def count(self) -> int:
        return len({*self.on_screen, *self.for_rules, *self.others})

    def _of(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.states]

    def _is_due(self, name: str, seconds: float, trusted: float = TRUSTED) -> bool:
        """Return whether a first job of a tube is not known, or may be another one and was sampled more
        than `seconds` ago; `trusted` if no counter moved."""
        tube = self._tubes[name]
        first = [self._sampled.first(tube, state) for state in self.states[name]]
        return any(job is None or _is_old(job, tube, seconds, trusted) for job in first)


_PEEKS: Mapping[HeadState, Command[Job[bytes]]] = {
    "ready": commands.peek_ready(),
    "buried": commands.peek_buried(),
}


def _with_jobs(snapshot: Snapshot) -> dict[str, Tube]:
    """Return the tubes that the poll asked for, and that have ready or buried jobs."""
    tubes = (snapshot.tubes.get(name) for name in snapshot.asked)
    return {tube.name: tube for tube in tubes if tube and (tube.ready or tube.buried)}


def _is_old(job: FirstJob, tube: Tube, seconds: float, trusted: float) -> bool:
    if job.has_stayed(tube):
        seconds = trusted
    elif job.size > KEPT_WHOLE:
        seconds = LARGE_AGAIN
    return tube.taken_at - job.at > seconds


def _batches(chosen: Sequence[Sample], stats: Stats) -> Iterator[Sequence[Sample]]:
    """Yield what to sample together: where bodies may be huge, one tube at a time."""
    at_once = BATCH if stats.get("max-job-size", KEPT_WHOLE) <= KEPT_WHOLE else 1
    for start in range(0, len(chosen), at_once):
        yield chosen[start : start + at_once]
