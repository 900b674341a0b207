"""Deleting jobs after saving them."""

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
    """Deletes jobs, after saving them if there is a file. Takes ownership of the file."""

    done = "Deleted"

    def __init__(self, file: DeletionFile | None) -> None:
        self._file = file
        self.is_saved = file is not None
        """Whether the deleted jobs can still be found on the disk."""

    async def on(self, turn: Turn, things: Sequence[JobInfo], tally: Tally) -> int:
        if self._file is None:
            await self._delete(turn, await still_there(turn, things, tally), tally)
            return len(things)
        found, checked = await with_bodies(turn, things, tally)
        try:
            await asyncio.to_thread(self._file.save, [saved(job, body) for job, body in found])
        except OSError as error:
            why = error.strerror or error
            tally.ended = f"jobs are saved before they are deleted, and that failed: {why}"
        else:
            await self._delete(turn, [job for job, _ in found], tally)
        self.is_saved = await asyncio.to_thread(_has_its_name, self._file)
        return checked

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
        """Note an outcome. If that fails the outcome is unknown, but the jobs are still saved."""
        if self._file:
            try:
                self._file.note(kind, [job.id for job in jobs])
            except OSError:
                return


def _has_its_name(file: DeletionFile) -> bool:
    try:
        file.check_name()
    except OSError:
        return False
    return True
