"""Restricting an action to jobs that still have the body that was seen."""

from collections.abc import Mapping, Sequence

from beantop.jobs.body import Body
from beantop.jobs.body_batches import peek_some
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.runner import Act
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo


class SameBody:
    """Compares the bodies that were seen, then applies `act` to all jobs except those with a
    different body. A job whose body was not seen is left to the checks of `act`."""

    def __init__(self, act: Act[JobInfo], bodies: Mapping[int, Body]) -> None:
        self.done = act.done
        self._act = act
        self._bodies = bodies

    async def on(self, turn: Turn, things: Sequence[JobInfo], tally: Tally) -> int:
        seen = [job.id for job in things if job.id in self._bodies]
        if not seen:
            return await self._act.on(turn, things, tally)
        peeked = await peek_some(turn, seen)
        if len(peeked) < len(seen):  # the bodies are large: later calls handle the other jobs
            next_id = seen[len(peeked)]
            things = things[: next(at for at, job in enumerate(things) if job.id == next_id)]
        replaced = {job.id for job in peeked if job and not self._bodies[job.id].is_of(job.body)}
        tally.note(Outcome.OTHER_BODY, len(replaced))
        rest = [job for job in things if job.id not in replaced]
        while rest and not tally.ended:
            rest = rest[await self._act.on(turn, rest, tally) :]
        return len(things)

    async def finish(self) -> None:
        await self._act.finish()
