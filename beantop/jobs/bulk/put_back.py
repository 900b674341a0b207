"""Putting jobs from a file onto a server, either from a deletion or from an import."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from beantop.beanstalk import BeanstalkdError
from beantop.jobs.aside import PATIENCE, SAVING, in_time_async
from beantop.jobs.body_batches import MAX_BYTES, fitting, peek_some
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.put import PARKED_AT_ONCE, Puts, Putter, count
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo, ask_for, has_aged
from beantop.jobs.parking import Record
from beantop.jobs.records import SavedJob
from beantop.jobs.storage import describe_file_error
from beantop.jobs.trash.deletion import Deletion
from beantop.jobs.trash.deletion_file import DeletionFile


class PutBack:
    """Puts back deleted jobs, identified by their former ids. Takes ownership of the file.

    The file notes a batch before it is put and again afterwards, and only then do ready jobs become
    visible to workers. So if beantop is killed in between, the outcome is unknown only for delayed
    jobs and for parked ones, which can be found.
    """

    done = "Put back"

    def __init__(
        self, deletion: Deletion, file: DeletionFile, *, record: Record | None = None
    ) -> None:
        self._places = deletion.places
        self._unsure = deletion.unsure | (deletion.in_doubt - deletion.deleted)
        self._file = file
        self._putter = Putter(record)

    async def apply(self, turn: Turn, numbers: Sequence[int], tally: Tally) -> int:
        try:
            read = await in_time_async(partial(self._read, numbers[:PARKED_AT_ONCE]), SAVING)
        except OSError as error:
            tally.ended = f"{self._file.path.name} cannot be read: {describe_file_error(error)}"
            return 0
        saved = {id: job for id, job in read.items() if job}
        present = await self._still_there(turn, saved)
        try:
            await in_time_async(partial(self._file.note, "seen", present, synced=True), SAVING)
        except OSError as error:
            tally.ended = self._unwritable(error)
            return 0
        jobs = {id: job for id, job in saved.items() if id not in present}
        broken = read.keys() - saved.keys()
        _count_others(len(broken), len(present), tally)
        await self._put(turn, jobs, broken, tally)
        return len(read)

    async def _put(
        self, turn: Turn, saved: Mapping[int, SavedJob], broken: Iterable[int], tally: Tally
    ) -> None:
        """Put back the jobs that can be read, and note the outcome."""
        ids, jobs = list(saved), list(saved.values())
        puts = await self._putter.park_all(turn, jobs, jobs, lambda: self._note_before(ids, broken))
        try:
            await in_time_async(partial(self._note, ids, puts), SAVING)
        except TimeoutError as error:  # the note may still be written: taking jobs back loses them
            puts.error = puts.error or f"{self._file.path.name}: {describe_file_error(error)}"
            self._putter.leave_parked(jobs, puts)
        except OSError as error:
            why = self._unwritable(error)
            await self._putter.take_back(turn, puts, why)
            puts.error = puts.error or why
        await self._putter.free(turn, jobs, puts)
        count(puts, ids, tally)
        await self._putter.settle(puts)

    def _unwritable(self, error: OSError) -> str:
        return f"{self._file.path.name} cannot be written: {describe_file_error(error)}"

    async def finish(self) -> None:
        await self._putter.close()
        with suppress(OSError):
            await in_time_async(self._file.close, PATIENCE)

    def _read(self, ids: Sequence[int]) -> dict[int, SavedJob | None]:
        """Read the first jobs, as many as fit into one batch; None for a broken line."""
        jobs = self._file.jobs_at([self._places[id] for id in ids], MAX_BYTES)
        return dict(zip(ids, jobs, strict=False))

    async def _still_there(self, turn: Turn, saved: Mapping[int, SavedJob]) -> set[int]:
        """Return the ids of the jobs that are still on the server. After a restart another job may
        have the id, so bodies are compared. A server that is not known to be the one they were
        deleted on is asked too: it may be that one under another address. They are noted as seen, not as
        kept, since the command that deletes them may still be on its way."""
        unsure = [id for id in saved if id in self._unsure]
        candidates: list[int] = []
        for answer in await turn.pipeline(ask_for(unsure)):
            if isinstance(answer, BeanstalkdError):
                raise answer
            if answer and _can_be(saved[answer.id], answer):
                candidates.append(answer.id)
        present: set[int] = set()
        while candidates:
            peeked = await peek_some(turn, candidates)
            present.update(job.id for job in peeked if job and job.body == saved[job.id].body)
            candidates = candidates[len(peeked) :]
        return present

    def _note_before(self, ids: Iterable[int], broken: Iterable[int]) -> None:
        self._file.note("broken", broken)
        self._file.note("putting back", ids, synced=True)

    def _note(self, ids: Sequence[int], puts: Puts) -> None:
        put = puts.existing
        self._file.note_put_back({ids[place]: id for place, id in put.items()})
        settled = {*put, *puts.unknown}
        self._file.note("not put back", [id for at, id in enumerate(ids) if at not in settled])


def _count_others(broken: int, present: int, tally: Tally) -> None:
    tally.note(Outcome.UNREADABLE, broken)
    tally.note(Outcome.STILL_THERE, present)


def _can_be(saved: SavedJob, now: JobInfo) -> bool:
    """Return whether a job with the same id can be the saved one: it must not be younger."""
    same = (saved.tube, saved.ttr) == (now.tube, now.ttr)
    return same and has_aged(saved.counters.get("age"), now.age, 0.0)


class Import:
    """Puts jobs from a file or an editor. The tally identifies them by index."""

    done = "Put"

    def __init__(self, record: Record | None = None) -> None:
        self._putter = Putter(record)

    async def apply(self, turn: Turn, jobs: Sequence[SavedJob], tally: Tally) -> int:
        batch = jobs[: fitting(len(job.body) for job in jobs)]
        puts = await self._putter.put_all(turn, batch)
        count(puts, range(tally.tried, tally.total), tally)
        return len(batch)

    async def finish(self) -> None:
        await self._putter.close()
