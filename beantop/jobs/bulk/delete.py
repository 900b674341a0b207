"""Deleting jobs after saving them."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from beantop.beanstalk import commands
from beantop.jobs.aside import PATIENCE, SAVING, in_time_async
from beantop.jobs.bulk.change import change
from beantop.jobs.bulk.checks import still_there, with_bodies
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo
from beantop.jobs.records import saved
from beantop.jobs.storage import describe_file_error
from beantop.jobs.trash.deletion_file import DeletionFile


class Delete:
    """Deletes jobs, after saving them if there is a file. Takes ownership of the file."""

    done = "Deleted"

    def __init__(self, file: DeletionFile | None) -> None:
        self._file = file
        self.is_saved = file is not None
        """Whether the deleted jobs can still be found on the disk."""

    async def apply(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> int:
        if self._file is None:
            await self._delete(turn, await still_there(turn, jobs, tally), tally)
            return len(jobs)
        found, checked = await with_bodies(turn, jobs, tally)
        try:
            records = [saved(job, body) for job, body in found]
            await in_time_async(partial(self._file.save, records), SAVING)
        except OSError as error:
            why = describe_file_error(error)
            tally.ended = f"jobs are saved before they are deleted, and that failed: {why}"
        else:
            await self._delete(turn, [job for job, _ in found], tally)
        try:
            await in_time_async(self._file.check_name, PATIENCE)
        except TimeoutError as error:
            tally.ended = tally.ended or f"{self._file.path.name}: {describe_file_error(error)}"
        except OSError:
            self.is_saved = False
        return checked

    async def _delete(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> None:
        changed = await change(turn, jobs, lambda job: [commands.delete(job.id)], tally)
        tally.note_done(job.id for job in changed.done)
        if self._file:
            tried = {job.id for job in (*changed.done, *changed.unknown)}
            gone = {job.id for job in jobs if job.id in changed.gone}
            kept = {job.id for job in jobs} - tried - gone
            done = {job.id for job in changed.done}
            with suppress(OSError):  # the outcome is unknown then, but the jobs are still saved
                await in_time_async(partial(_note, self._file, done, gone, kept), PATIENCE)

    async def finish(self) -> None:
        if self._file:
            with suppress(OSError):
                await in_time_async(self._file.close, PATIENCE)


def _note(file: DeletionFile, deleted: set[int], gone: set[int], kept: set[int]) -> None:
    file.note("deleted", deleted)
    file.note("gone", gone)
    file.note("kept", kept)
