"""Moving and copying jobs to a tube of this server or of another one.

The copy is put before the source is deleted, so a job can be there twice if the program is killed,
and can never be lost. A ready source is taken first, so that no worker gets it meanwhile; a delayed
or buried one stays what it is until it is deleted.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from beantop.beanstalk import commands, describe_error
from beantop.jobs.bulk.change import as_it_was, change, count_changed, send
from beantop.jobs.bulk.checks import with_bodies
from beantop.jobs.bulk.put import count, count_failures, put_all
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import JobInfo
from beantop.jobs.records import SavedJob, saved

Edit = Callable[[SavedJob], SavedJob]


TWICE = "may be there twice now: the copy could not be taken back"


def to_tube(tube: str) -> Edit:
    """The same job, in that tube; a ValueError if no tube can have the name."""

    def edit(job: SavedJob) -> SavedJob:
        commands.check_tube(tube)
        return replace(job, tube=tube)

    return edit


class _Sending:
    """`there` is a connection to the other server, for this alone; None stays on this one."""

    def __init__(self, edit: Edit, there: ActingConnection | None = None) -> None:
        self._edit = edit
        self._there = there

    @asynccontextmanager
    async def _turn_there(self, turn: Turn) -> AsyncGenerator[Turn, None]:
        if self._there is None:
            yield turn
        else:
            async with self._there.turn() as there:
                yield there

    def finish(self) -> None:
        if self._there:
            self._there.close()


class Copy(_Sending):
    """Puts the same again elsewhere, and leaves the source alone."""

    done = "Copied"

    async def on(self, turn: Turn, things: Sequence[JobInfo], tally: Tally) -> int:
        found, looked_at = await with_bodies(turn, things, tally, reserved_too=True)
        copies = [self._edit(saved(*one)) for one in found]
        async with self._turn_there(turn) as there:
            puts = await put_all(there, copies)
        count(puts, [job.id for job, _ in found], tally)
        return looked_at


class Move(_Sending):
    """Puts the same elsewhere, then deletes the source."""

    done = "Moved"

    async def on(self, turn: Turn, things: Sequence[JobInfo], tally: Tally) -> int:
        found, looked_at = await with_bodies(turn, things, tally)
        copies = {job.id: self._edit(saved(job, body)) for job, body in found}
        async with self._turn_there(turn) as there:
            sources = await _take_ready(turn, [job for job, _ in found], tally)
            if tally.ended:
                return looked_at
            try:
                puts = await put_all(there, [copies[job.id] for job in sources])
            except BaseException:
                await _give_back(turn, sources)
                raise
            count_failures(puts, tally)
            copy_of = {sources[place].id: id for place, id in puts.new_ids.items()}
            await _delete_sources(turn, there, sources, copy_of, tally)
        await _give_back(turn, [job for job in sources if job.id not in tally.new_ids])
        return looked_at


async def _delete_sources(
    turn: Turn,
    there: Turn,
    sources: Sequence[JobInfo],
    copy_of: Mapping[int, int],
    tally: Tally,
) -> None:
    """Delete those that were put, and take back the copies of those that cannot be deleted."""
    put = [job for job in sources if job.id in copy_of]
    changed = await send(turn, put, lambda job: [commands.delete(job.id)])
    tally.note_done(job.id for job in changed.done)
    tally.new_ids |= {job.id: copy_of[job.id] for job in changed.done}
    kept = [*(job for job, _ in changed.refused), *changed.not_sent]
    answers = await there.pipeline_partial([commands.delete(copy_of[job.id]) for job in kept])
    taken_back = {
        job.id for job, answer in zip(kept, answers.results, strict=False) if answer is None
    }
    twice = {job.id for job in kept} - taken_back
    tally.half_done.update([TWICE] * len(twice))
    changed.refused = [one for one in changed.refused if one[0].id not in twice]
    await count_changed(turn, changed, tally)
    if answers.error:
        tally.ended = tally.ended or describe_error(answers.error)


async def _take_ready(turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> list[JobInfo]:
    """Reserve the ready ones; all that are not lost to a worker by that."""
    ready = [job for job in jobs if job.state == "ready"]
    changed = await change(turn, ready, lambda job: [commands.reserve_job(job.id)], tally)
    taken = {job.id for job in changed.done}
    return [job for job in jobs if job.state != "ready" or job.id in taken]


async def _give_back(turn: Turn, jobs: Sequence[JobInfo]) -> None:
    """Make those ready again that were taken for nothing. If the connection is lost, the server
    does it by itself."""
    taken = [job for job in jobs if job.state == "ready"]
    await turn.pipeline_partial([as_it_was(job) for job in taken])
