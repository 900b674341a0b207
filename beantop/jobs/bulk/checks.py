"""Looking again at jobs, immediately before they are acted on, and after an act was refused.

A job is the one that was seen if all of this holds:

1. The server is the same process as when it was seen, or keeps its jobs in a binlog: see
   `Turn.numbers_since`. Within one process a number is never given twice.
2. Tube and ttr are the same, and it has aged by the time that passed.
3. Where its body was seen, that is the same: see `bulk.same_body`. Of a job whose body nobody saw, as of
   those that are found by their state in a tube, only 1 and 2 are known.
"""

import time
from collections.abc import Iterable, Sequence

from beantop.beanstalk import BeanstalkdError, describe_error
from beantop.jobs.body_batches import peek_some
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo, ask_for

RESTARTED = "is not what was seen any more: the server was restarted"


async def still_there(
    turn: Turn, jobs: Sequence[JobInfo], tally: Tally, *, reserved_too: bool = False
) -> list[JobInfo]:
    """Those of the jobs that still are what they were when they were seen, as they are now. The
    others are counted; so are reserved ones, unless they are wanted too."""
    numbers_since = await turn.numbers_since()
    asked_at = time.monotonic()
    answers = await turn.pipeline(ask_for(job.id for job in jobs))
    there = []
    for seen, now in zip(jobs, answers, strict=True):
        if isinstance(now, BeanstalkdError):
            raise now
        if now is None:
            tally.gone += 1
        elif seen.seen_at < numbers_since:
            tally.failed[RESTARTED] += 1
        elif why := _why_not(seen, now, asked_at):
            tally.failed[why] += 1
        elif now.state == "reserved" and not reserved_too:
            tally.held += 1
        else:
            there.append(now)
    return there


async def with_bodies(
    turn: Turn, jobs: Sequence[JobInfo], tally: Tally, *, reserved_too: bool = False
) -> tuple[list[tuple[JobInfo, bytes]], int]:
    """Those of the jobs that still are what they were, with their bodies, and how many were looked
    at: the first ones, as many as are one portion. The others of these are counted."""
    peeked = await peek_some(turn, [job.id for job in jobs])
    bodies = {job: found.body for job, found in zip(jobs, peeked, strict=False) if found}
    tally.gone += len(peeked) - len(bodies)
    there = await still_there(turn, list(bodies), tally, reserved_too=reserved_too)
    body_of = {job.id: body for job, body in bodies.items()}
    return [(job, body_of[job.id]) for job in there], len(peeked)


async def count_refused(turn: Turn, jobs: Iterable[JobInfo], tally: Tally) -> set[int]:
    """Count jobs of which the server said NOT_FOUND: they are gone, or a worker holds them. The ids
    of those that are gone."""
    ids, gone = [job.id for job in jobs], set[int]()
    attempt = await turn.pipeline_partial(ask_for(ids))
    for id, answer in zip(ids, attempt.results, strict=False):
        if answer is None:
            tally.gone += 1
            gone.add(id)
        elif isinstance(answer, JobInfo) and answer.state == "reserved":
            tally.held += 1
        else:
            tally.failed["was changed meanwhile"] += 1
    if attempt.error:
        tally.failed["is gone, or held by a worker"] += len(ids) - len(attempt.results)
        tally.ended = tally.ended or describe_error(attempt.error)
    return gone


def _why_not(seen: JobInfo, now: JobInfo, asked_at: float) -> str:
    """Why this is not what was seen; nothing if it is, or if a worker took it."""
    if not seen.may_have_become(now, asked_at):
        return "is not what was seen any more"
    if now.state not in (seen.state, "reserved"):
        return f"is {now.standing} by now"
    return ""
