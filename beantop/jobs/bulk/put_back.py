"""Putting jobs from a file onto a server: those of a deletion, or those of an import."""

import asyncio
import time
from collections.abc import Sequence

from beantop.jobs.bulk.put import Puts, count, put_all
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.listed import ListedJob, ask_for
from beantop.jobs.saved import SavedJob
from beantop.jobs.trash import Deletion, DeletionFile


class PutBack:
    """Puts back what was deleted, named by the ids it had. Takes over the file.

    Before a batch is put the file says that it may be, afterwards that it was: a program that ends
    in between leaves them in doubt, and they are not put a second time by accident.
    """

    done = "Put back"

    def __init__(self, deletion: Deletion, file: DeletionFile) -> None:
        self._places = deletion.places
        self._unsure = deletion.unsure
        self._file = file

    async def on(self, turn: Turn, things: Sequence[int], tally: Tally) -> None:
        ids = await self._deleted(turn, things, tally)
        try:
            jobs = await asyncio.to_thread(self._prepare, ids)
        except (OSError, ValueError) as error:
            tally.ended = f"{self._file.path.name} cannot be used: {error}"
            return
        puts = await put_all(turn, jobs)
        try:
            await asyncio.to_thread(self._note, ids, puts)
        except OSError as error:
            tally.ended = f"{self._file.path.name} cannot be written: {error.strerror or error}"
        count(puts, ids, tally)

    def finish(self) -> None:
        self._file.close()

    async def _deleted(self, turn: Turn, ids: Sequence[int], tally: Tally) -> list[int]:
        """Those that are not on the server after all."""
        unsure = [id for id in ids if id in self._unsure]
        answers = await turn.pipeline(ask_for(unsure, time.monotonic()))
        there = {answer.id for answer in answers if isinstance(answer, ListedJob)}
        self._file.note("kept", there)
        if there:
            tally.failed["still there: it never was deleted"] += len(there)
        return [id for id in ids if id not in there]

    def _prepare(self, ids: Sequence[int]) -> list[SavedJob]:
        jobs = self._file.jobs_at([self._places[id] for id in ids])
        self._file.note("putting back", ids, synced=True)
        return jobs

    def _note(self, ids: Sequence[int], puts: Puts) -> None:
        self._file.note_put_back({ids[place]: id for place, id in puts.new_ids.items()})
        settled = {*puts.new_ids, *puts.unknown}
        self._file.note("not put back", [id for at, id in enumerate(ids) if at not in settled])


class Import:
    """Puts jobs from a file or from an editor. The tally names them by their places."""

    done = "Put"

    async def on(self, turn: Turn, things: Sequence[SavedJob], tally: Tally) -> None:
        puts = await put_all(turn, things)
        count(puts, range(tally.tried, tally.total), tally)

    def finish(self) -> None:
        pass
