"""Finishing an action that was interrupted when beantop was killed or lost its connection."""

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial

from beantop.beanstalk import (
    ConnectionLostError,
    Error,
    NotFoundError,
    commands,
    describe_error,
    parse_address,
)
from beantop.beanstalk.commands import MAX_ID
from beantop.jobs.aside import PATIENCE, SAVING, in_time_async
from beantop.jobs.bulk.leftovers import Leftovers, leftovers, sources_left
from beantop.jobs.bulk.put import set_free
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.parking import CutOff, Entry, Parking
from beantop.jobs.records import SavedJob
from beantop.jobs.scan import ENOUGH
from beantop.jobs.trash.deletion import Deletion
from beantop.jobs.trash.store import Trash


class SourcesUnknown(Exception):
    """The server from which jobs were moved cannot be asked which of them are still there."""

    def __init__(self, server: str, why: str) -> None:
        super().__init__(f"{server}: {why}")
        self.server = server
        self.why = why


@dataclass
class Finished:
    """The outcome, in numbers of jobs."""

    freed: int = 0
    """Jobs that got their final state."""
    undone: int = 0
    """Copies that were deleted again."""
    failed: int = 0
    """Jobs that could not be changed."""
    left: Leftovers = field(default_factory=Leftovers)


class Finishing:
    """An interrupted action on the server of `connection`."""

    def __init__(
        self,
        action: CutOff,
        parking: Parking,
        trash: Trash | None,
        connection: ActingConnection,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.action = action
        self._parking = parking
        self._trash = trash
        self._connection = connection
        self._wall = wall

    @property
    def needs_sources(self) -> bool:
        """Whether the record does not tell what became of the sources of a move."""
        return self.action.act == "move" and not all(entry.deleted for entry in self.action.entries)

    async def examine(self, *, without_sources: bool = False) -> Leftovers:
        """Return what is left to do, without changing anything. Raises what the connection raises,
        OSError for files, and `SourcesUnknown`, but not `without_sources`: these then count as
        unknown, and no copy is deleted."""
        deletion = await in_time_async(self._deletion, SAVING)
        return await self._examine(deletion, ENOUGH, without_sources)

    async def finish(self, *, without_sources: bool = False) -> Finished:
        """Check again and do what is left, then remove the record if nothing remains. Raises what
        `examine` raises, and `Busy` if another process is finishing it."""
        record = await in_time_async(partial(self._parking.take_over, self.action), PATIENCE)
        try:
            deletion = await in_time_async(self._deletion, SAVING)
            done = Finished(left=await self._examine(deletion, MAX_ID, without_sources))
            async with self._connection.turn() as turn:
                entries = [*done.left.not_put, *await _undo(turn, done)]
                if deletion and entries:
                    await in_time_async(partial(self._note, deletion, entries), SAVING)
                await _free(turn, done)
            if not (done.failed or done.left.problem):
                await in_time_async(partial(self._parking.drop, self.action), PATIENCE)
        finally:
            with suppress(OSError):
                await in_time_async(record.close)
        return done

    async def _examine(
        self, deletion: Deletion | None, most: int, without_sources: bool
    ) -> Leftovers:
        ids = None if without_sources else await self._sources_left()
        return await leftovers(self.action, self._connection, ids, deletion, self._wall(), most)

    async def _sources_left(self) -> Collection[int]:
        """Return the sources of a move that still exist. Another server is only read."""
        action = self.action
        if action.act != "move":
            return ()
        if action.origin.is_same(action.target):
            return await sources_left(action, self._connection)
        try:
            with closing(ActingConnection(parse_address(action.source))) as sources:
                return await sources_left(action, sources)
        except (Error, ValueError) as error:
            if self.needs_sources:
                raise SourcesUnknown(action.source, describe_error(error)) from None
            return ()

    def _deletion(self) -> Deletion | None:
        """Return the deletion that was being put back; None if it does not exist or its file is
        gone."""
        if self._trash and self.action.act == "put back":
            return self._trash.named(self.action.trash)
        return None

    def _note(self, deletion: Deletion, entries: Iterable[Entry]) -> None:
        """Note in the trash which jobs were not put back. Raises OSError."""
        if self._trash:
            with self._trash.open(deletion) as file:
                file.note("not put back", {entry.source for entry in entries}, synced=True)


async def _undo(turn: Turn, done: Finished) -> list[Entry]:
    """Delete copies again. One that was merely delayed may be gone because a worker took it."""
    attempt = await turn.pipeline_partial([commands.delete(entry.id) for entry in done.left.undo])
    undone = []
    for entry, answer in zip(done.left.undo, attempt.results, strict=False):
        if answer is None:
            undone.append(entry)
        elif isinstance(answer, NotFoundError):
            done.left.unclear.append(entry)
    done.undone = len(undone)
    if attempt.error:
        raise attempt.error
    return undone


async def _free(turn: Turn, done: Finished) -> None:
    """Give jobs their final state."""
    freed = await set_free(turn, {entry.id: _job_of(entry) for entry in done.left.free})
    done.failed = len(freed.failed)
    done.freed = len(done.left.free) - done.failed
    if freed.ended:
        raise ConnectionLostError(freed.ended)


def _job_of(entry: Entry) -> SavedJob:
    return SavedJob(entry.tube, b"", state=entry.state, priority=entry.priority)
