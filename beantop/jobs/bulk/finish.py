"""Finishing an action that was cut off, because the program was killed or the server was lost."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field

from beantop.beanstalk import BeanstalkdError, NotFoundError, commands, parse_address
from beantop.beanstalk.commands import MAX_ID
from beantop.jobs.bulk.leftovers import Leftovers, leftovers
from beantop.jobs.bulk.put import freeing
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.parking import CutOff, Entry, Parking
from beantop.jobs.records import SavedJob
from beantop.jobs.scan import ENOUGH
from beantop.jobs.trash.deletion import Deletion
from beantop.jobs.trash.store import Trash


@dataclass
class Finished:
    """What came of it, by the numbers of jobs."""

    freed: int = 0
    """They are what they should be."""
    undone: int = 0
    """They were taken away again."""
    failed: int = 0
    """They are what they were before."""
    left: Leftovers = field(default_factory=Leftovers)


class Finishing:
    """One action that was cut off on the server of `connection`."""

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

    async def look(self) -> Leftovers:
        """What is left of it; nothing is changed. Raises as connections do, OSError of files, and
        ValueError if the record has an address that cannot be one."""
        return await self._look(await asyncio.to_thread(self._deletion), ENOUGH)

    async def finish(self) -> Finished:
        """Look again, and do what is left. The record goes if nothing is left then. Raises like `look`;
        `Busy` if another program is at work on it."""
        record = await asyncio.to_thread(self._parking.take_over, self.action)
        with record:
            deletion = await asyncio.to_thread(self._deletion)
            done = Finished(left=await self._look(deletion, MAX_ID))
            async with self._connection.turn() as turn:
                entries = [*done.left.not_put, *await _undo(turn, done)]
                if deletion and entries:
                    await asyncio.to_thread(self._note, deletion, entries)
                await _free(turn, done)
            if not (done.failed or done.left.problem):
                self._parking.drop(self.action)
        return done

    async def _look(self, deletion: Deletion | None, most: int) -> Leftovers:
        """A move may have been from another server, which is only looked at."""
        action, own = self.action, self._connection
        if action.source == action.server:
            return await leftovers(action, own, own, deletion, self._wall(), most)
        with closing(ActingConnection(parse_address(action.source))) as sources:
            return await leftovers(action, own, sources, deletion, self._wall(), most)

    def _deletion(self) -> Deletion | None:
        """The deletion that was being put back; None if there was none, or its file has gone."""
        if self._trash and self.action.act == "put back":
            return self._trash.named(self.action.trash)
        return None

    def _note(self, deletion: Deletion, entries: Iterable[Entry]) -> None:
        """Note in the trash what was not put back after all. Raises OSError."""
        if self._trash:
            with self._trash.open(deletion) as file:
                file.note("not put back", {entry.source for entry in entries}, synced=True)


async def _undo(turn: Turn, done: Finished) -> list[Entry]:
    """Take jobs away again. One that only waited for its delay can be gone: a worker took it."""
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
    """Make jobs what they should be."""
    entries = done.left.free
    asked = [freeing(_job_of(entry), entry.id) for entry in entries]
    attempt = await turn.pipeline_partial(command for some in asked for command in some)
    start = 0
    for some in asked:
        results = attempt.results[start : start + len(some)]
        start += len(some)
        done.freed += bool(results) and not any(isinstance(one, BeanstalkdError) for one in results)
    done.failed = len(entries) - done.freed
    if attempt.error:
        raise attempt.error


def _job_of(entry: Entry) -> SavedJob:
    return SavedJob(entry.tube, b"", state=entry.state, priority=entry.priority)
