"""Undoing an action: what it did to each job, and how the job gets back where it was.

A job that anybody has changed since is left alone: a worker may have reserved, released or buried it.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from beantop.beanstalk import Command, Error, State, commands
from beantop.jobs.bulk.move import Edit
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.put import PARKED_AT_ONCE
from beantop.jobs.bulk.runner import Act
from beantop.jobs.bulk.simple import Simple
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import JobInfo, ask_for
from beantop.jobs.records import SavedJob

MAX_JOBS = 50_000
"""The number of jobs that are remembered: each takes about 650 bytes."""


class Step(NamedTuple):
    """A job immediately before an action, and immediately after it."""

    before: JobInfo
    after: JobInfo

    def delay_left(self, now: float) -> int:
        """Return the seconds that are left of its former delay, at `now` of the monotonic clock."""
        return max(0, math.ceil(self.before.waits - (now - self.before.seen_at)))


class Noted:
    """Carries out `act`, and notes in `steps` what it did to each job.

    Jobs that a worker takes at once, that were parked before, or that cannot be read again are left
    out. If there are more than `MAX_JOBS`, all are."""

    def __init__(self, act: Act[JobInfo], there: ActingConnection | None = None) -> None:
        """`there` is the connection to the server that the act moves jobs to, if it is another one."""
        self.done = act.done
        self.steps: list[Step] = []
        self.has_too_many = False
        """Whether there were more jobs than can be remembered."""
        self.act = act
        self._there = there

    async def apply(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> int:
        if self.has_too_many:
            return await self.act.apply(turn, jobs, tally)
        jobs = jobs[:PARKED_AT_ONCE]
        answers = await turn.pipeline(ask_for(job.id for job in jobs))
        before = {job.id: job for job in answers if isinstance(job, JobInfo) and not job.is_parked}
        checked = await self.act.apply(turn, jobs, tally)
        done = [job.id for job in jobs[:checked] if job.id in before and job.id in tally.done_ids]
        became = {tally.new_ids.get(id, id): before[id] for id in done}
        with suppress(Error):  # they are done, but cannot be undone
            await self._note(turn, became)
        if len(self.steps) > MAX_JOBS:
            self.has_too_many, self.steps = True, []
        return checked

    async def _note(self, turn: Turn, became: dict[int, JobInfo]) -> None:
        """Note what the jobs with these ids are now, and were before."""
        if self._there:
            async with self._there.turn() as there:
                attempt = await there.pipeline_partial(ask_for(became))
        else:
            attempt = await turn.pipeline_partial(ask_for(became))
        for job in attempt.results:
            if isinstance(job, JobInfo) and job.state != "reserved":
                self.steps.append(Step(became[job.id], job))

    async def finish(self) -> None:
        await self.act.finish()


class AsLeft:
    """Carries out `act` on the jobs that nobody has changed since an action left them."""

    def __init__(self, act: Act[JobInfo], steps: Iterable[Step]) -> None:
        self.done = act.done
        self._act = act
        self._steps = {step.after.id: step for step in steps}

    async def apply(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> int:
        jobs = jobs[:PARKED_AT_ONCE]
        answers = await turn.pipeline(ask_for(job.id for job in jobs))
        changed = {
            now.id
            for now in answers
            if isinstance(now, JobInfo) and now.state != "reserved" and self._is_changed(now)
        }
        tally.note(Outcome.CHANGED, len(changed))
        rest = [job for job in jobs if job.id not in changed]
        while rest and not tally.ended:
            rest = rest[await self._act.apply(turn, rest, tally) :]
        return len(jobs)

    def _is_changed(self, now: JobInfo) -> bool:
        step = self._steps[now.id]
        return _changes_of(now) != _changes_of(step.after) and not _was_lost(step, now)

    async def finish(self) -> None:
        await self._act.finish()


def _changes_of(job: JobInfo) -> tuple[object, ...]:
    """Return what differs after anybody has done something to a job, whatever state it is in.

    Whoever releases or buries a job has reserved it, and only the reservations are the same after a
    restart with a binlog: buried jobs then count as buried once more, delayed ones as released once less.
    """
    return job.priority, job.reserves, job.kicks


def _was_lost(step: Step, now: JobInfo) -> bool:
    """Return whether a restart took back what was done to a job: no release without a delay is in the
    binlog. Only a restart lowers the number of reservations."""
    before, after = step
    reserves = now.reserves or 0
    return (
        (now.priority, now.kicks) == (before.priority, after.kicks)
        and reserves < (after.reserves or 0)
        and reserves <= (before.reserves or 0)
    )


class Restore(Simple):
    """Gives jobs the state, the priority and the rest of the delay that they had before an action."""

    done = "Restored"

    def __init__(self, steps: Iterable[Step], now: Callable[[], float] = time.monotonic) -> None:
        self._steps = {step.after.id: step for step in steps}
        self._now = now

    def why_not(self, job: JobInfo) -> Reason | None:
        """Return that a job is what it was already: the delay that was taken from it has passed."""
        before = self._steps[job.id].before
        waits = before.state == "buried" or self._delay(job)
        is_back = job.state == "ready" and not waits and job.priority == before.priority
        return Reason(Outcome.ALREADY, "ready") if is_back else None

    def state_after(self, job: JobInfo) -> State | None:
        before = self._steps[job.id].before
        return "ready" if before.state == "delayed" and not self._delay(job) else before.state

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        before = self._steps[job.id].before
        if before.state == "buried":
            end: Command[object] = commands.bury(job.id, before.known_priority)
        else:
            end = commands.release(job.id, before.known_priority, self._delay(job))
        return [commands.reserve_job(job.id), end]

    def _delay(self, job: JobInfo) -> int:
        return self._steps[job.id].delay_left(self._now())


def to_former_tubes(steps: Iterable[Step]) -> Edit:
    """Return an edit that gives each moved job its former tube."""
    tubes = {step.after.id: step.before.tube for step in steps}

    def edit(job: SavedJob) -> SavedJob:
        return job._replace(tube=tubes[job.id])

    return edit
