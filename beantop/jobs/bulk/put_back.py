"""Putting jobs from a file onto a server: those of a deletion, or those of an import."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from beantop.beanstalk import BeanstalkdError
from beantop.jobs.body_batches import MAX_BYTES, fitting, peek_some
from beantop.jobs.bulk.put import PARKED_AT_ONCE, Puts, Putter, count
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo, ask_for, has_aged
from beantop.jobs.parking import Record
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.deletion import Deletion
from beantop.jobs.trash.deletion_file import DeletionFile


class PutBack:
    """Puts back what was deleted, named by the ids it had. Takes over the file.

    Before a batch is put the file says that it may be, afterwards that it was, and only then a worker
    can see what is ready. So a program that ends in between leaves no job in doubt but those that
    are parked, which can be found, and those that are delayed.
    """

    done = "Put back"

    def __init__(
        self,
        deletion: Deletion,
        file: DeletionFile,
        *,
        elsewhere: bool = False,
        record: Record | None = None,
    ) -> None:
        """`elsewhere`: they were deleted on another server, which this one knows nothing of."""
        self._places = deletion.places
        self._unsure: frozenset[int] = frozenset() if elsewhere else deletion.unsure
        self._file = file
        self._putter = Putter(record)

    async def on(self, turn: Turn, things: Sequence[int], tally: Tally) -> int:
        try:
            read = await asyncio.to_thread(self._read, things[:PARKED_AT_ONCE])
        except OSError as error:
            tally.ended = f"{self._file.path.name} cannot be read: {error.strerror or error}"
            return 0
        saved = {id: job for id, job in read.items() if job}
        there = await self._still_there(turn, saved)
        jobs = {id: job for id, job in saved.items() if id not in there}
        broken = read.keys() - saved.keys()
        _count_others(len(broken), len(there), tally)
        await self._put(turn, jobs, broken, tally)
        return len(read)

    async def _put(
        self, turn: Turn, saved: Mapping[int, SavedJob], broken: Iterable[int], tally: Tally
    ) -> None:
        """Put the jobs back that can be read, and note what comes of it."""
        ids, jobs = list(saved), list(saved.values())
        puts = await self._putter.park_all(turn, jobs, jobs, lambda: self._note_before(ids, broken))
        try:
            await asyncio.to_thread(self._note, ids, puts)
        except OSError as error:
            why = f"{self._file.path.name} cannot be written: {error.strerror or error}"
            await self._putter.take_back(turn, puts, why)
            puts.error = puts.error or why
        await self._putter.free(turn, jobs, puts)
        count(puts, ids, tally)
        self._putter.settle(puts)

    def finish(self) -> None:
        self._putter.close()
        self._file.close()

    def _read(self, ids: Sequence[int]) -> dict[int, SavedJob | None]:
        """The first of the jobs, as many as are one portion; None for one whose line is broken."""
        jobs = self._file.jobs_at([self._places[id] for id in ids], MAX_BYTES)
        return dict(zip(ids, jobs, strict=False))

    async def _still_there(self, turn: Turn, saved: Mapping[int, SavedJob]) -> set[int]:
        """Those that are on the server just now. After a restart another job may have the id: then
        the body tells. Nothing is noted of them: the order to delete them may still be on its way."""
        unsure = [id for id in saved if id in self._unsure]
        likely: list[int] = []
        for answer in await turn.pipeline(ask_for(unsure)):
            if isinstance(answer, BeanstalkdError):
                raise answer
            if answer and _can_be(saved[answer.id], answer):
                likely.append(answer.id)
        there: set[int] = set()
        while likely:
            peeked = await peek_some(turn, likely)
            there.update(job.id for job in peeked if job and job.body == saved[job.id].body)
            likely = likely[len(peeked) :]
        return there

    def _note_before(self, ids: Iterable[int], broken: Iterable[int]) -> None:
        self._file.note("broken", broken)
        self._file.note("putting back", ids, synced=True)

    def _note(self, ids: Sequence[int], puts: Puts) -> None:
        self._file.note_put_back({ids[place]: id for place, id in puts.new_ids.items()})
        settled = {*puts.new_ids, *puts.unknown}
        self._file.note("not put back", [id for at, id in enumerate(ids) if at not in settled])


def _count_others(broken: int, there: int, tally: Tally) -> None:
    if broken:
        tally.failed["cannot be read from the file"] += broken
    if there:
        tally.failed["is still there"] += there


def _can_be(saved: SavedJob, now: JobInfo) -> bool:
    """Whether the job of that id can be the one that was saved: it has not grown younger."""
    same = (saved.tube, saved.ttr) == (now.tube, now.ttr)
    return same and has_aged(saved.counters.get("age"), now.age, 0.0)


class Import:
    """Puts jobs from a file or from an editor. The tally names them by their places."""

    done = "Put"

    def __init__(self, record: Record | None = None) -> None:
        self._putter = Putter(record)

    async def on(self, turn: Turn, things: Sequence[SavedJob], tally: Tally) -> int:
        some = things[: fitting(len(job.body) for job in things)]
        puts = await self._putter.put_all(turn, some)
        count(puts, range(tally.tried, tally.total), tally)
        return len(some)

    def finish(self) -> None:
        self._putter.close()
