"""Moving and copying jobs to a tube of this server or of another one.

The copy is put before the source is deleted, so a job can be there twice if the program is killed,
and can never be lost. A ready source is taken first, so that no worker gets it meanwhile; a delayed
or buried one stays what it is until it is deleted.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from beantop.beanstalk import BeanstalkdError, commands
from beantop.jobs.bulk.change import change
from beantop.jobs.bulk.checks import still_there, with_bodies
from beantop.jobs.bulk.put import Puts, count, count_failures, put_all
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.listed import ListedJob
from beantop.jobs.saved import SavedJob, saved

Edit = Callable[[SavedJob], SavedJob]


def to_tube(tube: str) -> Edit:
    """The same job, in that tube."""
    return lambda job: replace(job, tube=tube)


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

    async def on(self, turn: Turn, things: Sequence[ListedJob], tally: Tally) -> None:
        jobs = await still_there(turn, things, tally, reserved_too=True)
        found = await with_bodies(turn, jobs, tally)
        async with self._turn_there(turn) as there:
            puts = await put_all(there, [self._edit(saved(*one)) for one in found])
        count(puts, [job.id for job, _ in found], tally)


class Move(_Sending):
    """Puts the same elsewhere, then deletes the source."""

    done = "Moved"

    async def on(self, turn: Turn, things: Sequence[ListedJob], tally: Tally) -> None:
        jobs = await still_there(turn, things, tally)
        found = await with_bodies(turn, jobs, tally)
        copies = [self._edit(saved(*one)) for one in found]
        async with self._turn_there(turn) as there:
            taken = await _take_ready(turn, [job for job, _ in found], tally)
            places = [place for place, (job, _) in enumerate(found) if job.id in taken]
            if tally.ended:
                return
            sources = [found[place][0] for place in places]
            try:
                puts = await put_all(there, [copies[place] for place in places])
            except BaseException:
                await _give_back(turn, sources)
                raise
            count_failures(puts, tally)
            await self._delete_sources(turn, there, sources, puts, tally)
        kept = [job for place, job in enumerate(sources) if place not in puts.new_ids]
        await _give_back(turn, kept)

    async def _delete_sources(
        self,
        turn: Turn,
        there: Turn,
        sources: Sequence[ListedJob],
        puts: Puts,
        tally: Tally,
    ) -> None:
        copy_of = {sources[place].id: id for place, id in puts.new_ids.items()}
        put = [job for job in sources if job.id in copy_of]
        changed = await change(turn, put, lambda job: [commands.delete(job.id)], tally)
        tally.note_done(job.id for job in changed.done)
        tally.new_ids |= {job.id: copy_of[job.id] for job in changed.done}
        settled = {job.id for job in (*changed.done, *changed.unknown)}
        doubled = [copy_of[job.id] for job in put if job.id not in settled]
        answers = await there.attempt([commands.delete(id) for id in doubled])
        gone = [one for one in answers.results if not isinstance(one, BeanstalkdError)]
        if len(gone) < len(doubled):
            twice = len(doubled) - len(gone)
            tally.ended = tally.ended or (
                f"{twice} of the jobs that could not be moved are there twice now: "
                "a worker took the copy, or the connection was lost"
            )


async def _take_ready(turn: Turn, jobs: Sequence[ListedJob], tally: Tally) -> set[int]:
    """Reserve the ready ones; the ids of all that are not lost to a worker by that."""
    ready = [job for job in jobs if job.state == "ready"]
    changed = await change(turn, ready, lambda job: [commands.reserve_job(job.id)], tally)
    return {job.id for job in jobs if job.state != "ready"} | {job.id for job in changed.done}


async def _give_back(turn: Turn, jobs: Sequence[ListedJob]) -> None:
    """Make those ready again that were taken for nothing. If the connection is lost, the server
    does it by itself."""
    taken = [job for job in jobs if job.state == "ready"]
    await turn.attempt([commands.release(job.id, job.known_priority, 0) for job in taken])
