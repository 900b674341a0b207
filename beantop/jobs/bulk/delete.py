"""Deleting jobs, which are saved first."""

import asyncio
from collections.abc import Sequence

from beantop.beanstalk import commands
from beantop.jobs.bulk.change import change
from beantop.jobs.bulk.checks import still_there, with_bodies
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo
from beantop.jobs.records import saved
from beantop.jobs.trash.deletion import Kind
from beantop.jobs.trash.deletion_file import DeletionFile


class Delete:
    """Deletes jobs for good, or, with a file, after they were saved in it. Takes over the file."""

    done = "Deleted"

    def __init__(self, file: DeletionFile | None) -> None:
        self._file = file

    async def on(self, turn: Turn, things: Sequence[JobInfo], tally: Tally) -> int:
        if self._file is None:
            await self._delete(turn, await still_there(turn, things, tally), tally)
            return len(things)
        found, looked_at = await with_bodies(turn, things, tally)
        try:
            await asyncio.to_thread(self._file.save, [saved(*one) for one in found])
        except OSError as error:
            tally.ended = f"what cannot be saved is not deleted: {error.strerror or error}"
        else:
            await self._delete(turn, [job for job, _ in found], tally)
        return looked_at

    async def _delete(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> None:
        changed = await change(turn, jobs, lambda job: [commands.delete(job.id)], tally)
        tally.note_done(job.id for job in changed.done)
        self._note("deleted", changed.done)
        tried = {job.id for job in (*changed.done, *changed.unknown)}
        self._note("gone", [job for job in jobs if job.id in changed.gone])
        self._note("kept", [job for job in jobs if job.id not in tried | changed.gone])

    def finish(self) -> None:
        if self._file:
            self._file.close()

    def _note(self, kind: Kind, jobs: Sequence[JobInfo]) -> None:
        """Without a note nobody knows whether the job was deleted, but it is saved all the same."""
        if self._file:
            try:
                self._file.note(kind, [job.id for job in jobs])
            except OSError:
                return
