"""Moving and copying jobs to a tube of this server or of another one.

The copy is put before the source is deleted, so a job can never be lost. Until then no worker sees
the copy: a ready or buried one is parked, and a delayed one waits for its delay. If beantop is
killed in between, the record of the move says which copies to delete and which to give their final
state. A ready source is reserved first, so that no worker gets it meanwhile; a delayed or buried
one keeps its state until it is deleted.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from beantop.beanstalk import commands, describe_error
from beantop.jobs.bulk.change import as_it_was, change, count_changed, send
from beantop.jobs.bulk.checks import with_bodies
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.put import PARKED_AT_ONCE, Puts, Putter, count, count_failures
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import JobInfo
from beantop.jobs.parking import Record
from beantop.jobs.records import SavedJob, saved

Edit = Callable[[SavedJob], SavedJob]


def to_tube(tube: str) -> Edit:
    """Return an edit that changes the tube. The edit raises ValueError if the name is invalid."""

    def edit(job: SavedJob) -> SavedJob:
        commands.check_tube(tube)
        return job._replace(tube=tube)

    return edit


class _Sending:
    """The common part of copying and moving.

    `there` is a connection to the target server; None means the same server. It is closed in the end if
    this action `owns` it.
    """

    def __init__(
        self,
        edit: Edit,
        there: ActingConnection | None = None,
        record: Record | None = None,
        *,
        owns: bool = True,
    ) -> None:
        self._edit = edit
        self._there = there
        self._owns = owns
        self._putter = Putter(record)

    @asynccontextmanager
    async def _turn_there(self, turn: Turn) -> AsyncGenerator[Turn, None]:
        if self._there is None:
            yield turn
        else:
            async with self._there.turn() as there:
                yield there

    async def finish(self) -> None:
        if self._there and self._owns:
            self._there.close()
        await self._putter.close()


class Copy(_Sending):
    """Puts copies of jobs, and leaves the sources unchanged."""

    done = "Copied"

    async def apply(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> int:
        found, checked = await with_bodies(turn, jobs, tally, reserved_too=True)
        copies = [self._edit(saved(job, body)) for job, body in found]
        async with self._turn_there(turn) as there:
            puts = await self._putter.put_all(there, copies)
        count(puts, [job.id for job, _ in found], tally)
        return checked


class Move(_Sending):
    """Puts copies of jobs, then deletes the sources."""

    done = "Moved"

    async def apply(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> int:
        if any(job.state != "delayed" for job in jobs):
            jobs = jobs[:PARKED_AT_ONCE]
        found, checked = await with_bodies(turn, jobs, tally)
        originals = {job.id: saved(job, body) for job, body in found}
        copies = {id: self._edit(job) for id, job in originals.items()}
        async with self._turn_there(turn) as there:
            sources = await _take_ready(turn, [job for job, _ in found], tally)
            if tally.ended:
                return checked
            moving = [copies[job.id] for job in sources]
            noted = [originals[job.id] for job in sources]
            try:
                puts = await self._putter.park_all(there, moving, noted)
                await self._putter.commit(there, puts)
            except BaseException:
                await _give_back(turn, sources)
                raise
            count_failures(puts, tally)
            await _delete_sources(turn, there, sources, puts, tally)
            await self._putter.note_deleted(sorted(puts.new_ids))
            await self._putter.free(there, moving, puts)
            moved = {sources[at].id for at in puts.new_ids}
            _count_moved(sources, puts, tally)
            await self._putter.settle(puts)
        await _give_back(turn, [job for job in sources if job.id not in moved])
        return checked


async def _delete_sources(
    turn: Turn, there: Turn, sources: Sequence[JobInfo], puts: Puts, tally: Tally
) -> None:
    """Delete the sources of the copies that were put, and delete the copies whose sources cannot be
    deleted. Leaves in `puts.new_ids` only copies of deleted sources."""
    places = {sources[at].id: at for at in puts.new_ids}
    copy_of = {id: puts.new_ids[at] for id, at in places.items()}
    put = [sources[at] for at in puts.new_ids]
    changed = await send(turn, put, lambda job: [commands.delete(job.id)])
    kept = [*(job for job, _ in changed.refused), *changed.not_sent]
    answers = await there.pipeline_partial([commands.delete(copy_of[job.id]) for job in kept])
    taken_back = {
        job.id for job, answer in zip(kept, answers.results, strict=False) if answer is None
    }
    duplicated = {job.id for job in kept} - taken_back
    tally.note(Outcome.TWICE, len(duplicated))
    changed.refused = [(job, error) for job, error in changed.refused if job.id not in duplicated]
    await count_changed(turn, changed, tally)
    if answers.error:
        tally.ended = tally.ended or describe_error(answers.error)
    puts.unknown |= {places[id] for id in (*duplicated, *(job.id for job in changed.unknown))}
    puts.new_ids = {places[job.id]: copy_of[job.id] for job in changed.done}


def _count_moved(sources: Sequence[JobInfo], puts: Puts, tally: Tally) -> None:
    new_ids = {sources[at].id: id for at, id in puts.new_ids.items() if at not in puts.parked}
    tally.note_done(new_ids)
    tally.new_ids |= new_ids
    tally.note(Outcome.PARKED, len(puts.parked))
    tally.ended = tally.ended or puts.error


async def _take_ready(turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> list[JobInfo]:
    """Reserve the ready jobs. Return all jobs except those that a worker got first."""
    ready = [job for job in jobs if job.state == "ready"]
    changed = await change(turn, ready, lambda job: [commands.reserve_job(job.id)], tally)
    taken = {job.id for job in changed.done}
    return [job for job in jobs if job.state != "ready" or job.id in taken]


async def _give_back(turn: Turn, jobs: Sequence[JobInfo]) -> None:
    """Release the ready jobs that were reserved in vain. If the connection is lost, the server
    releases them itself."""
    taken = [job for job in jobs if job.state == "ready"]
    await turn.pipeline_partial([as_it_was(job) for job in taken])
