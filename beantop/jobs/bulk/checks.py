"""Checking jobs again, immediately before an action and after an action was refused.

A job counts as the one that the user saw if all of this holds:

1. The server is the same process as when the job was seen, or keeps its jobs in a binlog: see
   `Turn.numbers_since`. One process never gives the same id twice.
2. The tube and the ttr are the same, and the job has aged by the time that passed.
3. The body is the same, if it was seen: see `SameBody`. If it was not, as for jobs selected
   by their tube and state, only rules 1 and 2 apply.
"""

import time
from collections.abc import Iterable, Mapping, Sequence

from beantop.beanstalk import BeanstalkdError, describe_error
from beantop.jobs.body import Body, BodyDigest
from beantop.jobs.body_batches import peek_some
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.runner import Act
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo, ask_for


async def still_there(
    turn: Turn, jobs: Sequence[JobInfo], tally: Tally, *, reserved_too: bool = False
) -> list[JobInfo]:
    """Return the current records of the jobs that are unchanged since they were seen. Count the
    others, including reserved ones unless `reserved_too`."""
    numbers_since = await turn.numbers_since()
    polled_at = time.monotonic()
    answers = await turn.pipeline(ask_for(job.id for job in jobs))
    unchanged = []
    for seen, now in zip(jobs, answers, strict=True):
        if isinstance(now, BeanstalkdError):
            raise now
        if now is None:
            tally.note(Outcome.GONE)
        elif seen.seen_at < numbers_since:
            tally.note(Outcome.RESTARTED)
        elif now.unknown:
            tally.note(Outcome.NOT_KNOWN, detail=now.unknown)
        elif why := _mismatch(seen, now, polled_at):
            tally.others[why] += 1
        elif now.state == "reserved" and not reserved_too:
            tally.note(Outcome.HELD)
        else:
            unchanged.append(now)
    return unchanged


async def with_bodies(
    turn: Turn, jobs: Sequence[JobInfo], tally: Tally, *, reserved_too: bool = False
) -> tuple[list[tuple[JobInfo, bytes]], int]:
    """Return the unchanged jobs with their bodies, and how many jobs were checked: the first ones,
    as many as fit into one batch. Count the checked ones that have changed."""
    peeked = await peek_some(turn, [job.id for job in jobs])
    bodies = {job: found.body for job, found in zip(jobs, peeked, strict=False) if found}
    tally.note(Outcome.GONE, len(peeked) - len(bodies))
    unchanged = await still_there(turn, list(bodies), tally, reserved_too=reserved_too)
    body_of = {job.id: body for job, body in bodies.items()}
    return [(job, body_of[job.id]) for job in unchanged], len(peeked)


async def count_refused(turn: Turn, jobs: Iterable[JobInfo], tally: Tally) -> set[int]:
    """Count jobs that got NOT_FOUND: they are gone or reserved by a worker. Return the ids of those
    that are gone."""
    ids, gone = [job.id for job in jobs], set[int]()
    attempt = await turn.pipeline_partial(ask_for(ids))
    for id, answer in zip(ids, attempt.results, strict=False):
        if answer is None:
            tally.note(Outcome.GONE)
            gone.add(id)
        elif isinstance(answer, JobInfo) and answer.state == "reserved":
            tally.note(Outcome.HELD)
        else:
            tally.note(Outcome.CHANGED)
    if attempt.error:
        tally.note(Outcome.GONE_OR_HELD, len(ids) - len(attempt.results))
        tally.ended = tally.ended or describe_error(attempt.error)
    return gone


def _mismatch(seen: JobInfo, now: JobInfo, polled_at: float) -> Reason | None:
    """Return why `now` does not match `seen`; None if it does, or if a worker reserved it."""
    if not seen.may_have_become(now, polled_at):
        return Reason(Outcome.REPLACED)
    if now.state not in (seen.state, "reserved"):
        return Reason(Outcome.OTHER_STATE, now.standing)
    return None


class SameBody:
    """Compares the bodies that were seen, then applies `act` to all jobs except those with a
    different body. A job whose body was not seen is left to the checks of `act`."""

    def __init__(
        self, act: Act[JobInfo], bodies: Mapping[int, Body] | Mapping[int, BodyDigest]
    ) -> None:
        self.done = act.done
        self._act = act
        self._bodies = bodies

    async def apply(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> int:
        seen = [job.id for job in jobs if job.id in self._bodies]
        if not seen:
            return await self._act.apply(turn, jobs, tally)
        peeked = await peek_some(turn, seen)
        if len(peeked) < len(seen):  # the bodies are large: later calls handle the other jobs
            next_id = seen[len(peeked)]
            jobs = jobs[: next(at for at, job in enumerate(jobs) if job.id == next_id)]
        replaced = {job.id for job in peeked if job and not self._bodies[job.id].is_of(job.body)}
        tally.note(Outcome.OTHER_BODY, len(replaced))
        rest = [job for job in jobs if job.id not in replaced]
        while rest and not tally.ended:
            rest = rest[await self._act.apply(turn, rest, tally) :]
        return len(jobs)

    async def finish(self) -> None:
        await self._act.finish()
