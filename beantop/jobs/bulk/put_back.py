"""Putting jobs from a file onto a server: those of a deletion, or those of an import."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from beantop.jobs.bulk.put import Puts, count, put_all
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.listed import ListedJob, ask_for, has_aged
from beantop.jobs.saved import SavedJob
from beantop.jobs.trash import Deletion, DeletionFile


class PutBack:
    """Puts back what was deleted, named by the ids it had. Takes over the file.

    Before a batch is put the file says that it may be, afterwards that it was: a program that ends
    in between leaves them in doubt, and they are not put a second time by accident.
    """

    done = "Put back"

    def __init__(self, deletion: Deletion, file: DeletionFile, *, elsewhere: bool = False) -> None:
        """`elsewhere`: they were deleted on another server, which this one knows nothing of."""
        self._places = deletion.places
        self._unsure: frozenset[int] = frozenset() if elsewhere else deletion.unsure
        self._file = file

    async def on(self, turn: Turn, things: Sequence[int], tally: Tally) -> None:
        try:
            saved = await asyncio.to_thread(self._read, things)
        except OSError as error:
            tally.ended = f"{self._file.path.name} cannot be read: {error.strerror or error}"
            return
        if broken := len(things) - len(saved):
            tally.failed["of lines that cannot be read"] += broken
        there = await self._still_there(turn, saved)
        jobs = {id: job for id, job in saved.items() if id not in there}
        try:
            await asyncio.to_thread(self._note_before, jobs, there)
        except OSError as error:
            tally.ended = f"{self._file.path.name} cannot be written: {error.strerror or error}"
            return
        if there:
            tally.failed["still there: it never was deleted"] += len(there)
        ids = list(jobs)
        puts = await put_all(turn, list(jobs.values()))
        try:
            await asyncio.to_thread(self._note, ids, puts)
        except OSError as error:
            tally.ended = f"{self._file.path.name} cannot be written: {error.strerror or error}"
        count(puts, ids, tally)

    def finish(self) -> None:
        self._file.close()

    def _read(self, ids: Sequence[int]) -> dict[int, SavedJob]:
        jobs = self._file.jobs_at([self._places[id] for id in ids])
        saved = {id: job for id, job in zip(ids, jobs, strict=True) if job}
        self._file.note("broken", [id for id in ids if id not in saved])
        return saved

    async def _still_there(self, turn: Turn, saved: Mapping[int, SavedJob]) -> set[int]:
        """Those that are on the server after all; another job can have the id after a restart."""
        unsure = [id for id in saved if id in self._unsure]
        answers = await turn.pipeline(ask_for(unsure))
        jobs = [answer for answer in answers if isinstance(answer, ListedJob)]
        return {job.id for job in jobs if _is_same(saved[job.id], job)}

    def _note_before(self, ids: Iterable[int], there: Iterable[int]) -> None:
        self._file.note("kept", there)
        self._file.note("putting back", ids, synced=True)

    def _note(self, ids: Sequence[int], puts: Puts) -> None:
        self._file.note_put_back({ids[place]: id for place, id in puts.new_ids.items()})
        settled = {*puts.new_ids, *puts.unknown}
        self._file.note("not put back", [id for at, id in enumerate(ids) if at not in settled])


def _is_same(saved: SavedJob, now: ListedJob) -> bool:
    """Whether the job of that id can be the one that was saved: it has not grown younger."""
    same = (saved.tube, saved.ttr) == (now.tube, now.ttr)
    return same and has_aged(saved.counters.get("age"), now.age, 0.0)


class Import:
    """Puts jobs from a file or from an editor. The tally names them by their places."""

    done = "Put"

    async def on(self, turn: Turn, things: Sequence[SavedJob], tally: Tally) -> None:
        puts = await put_all(turn, things)
        count(puts, range(tally.tried, tally.total), tally)

    def finish(self) -> None:
        pass
