"""Keeping a list of found jobs current without walking all ids again.

A server numbers its jobs one by one, and counts them in `total-jobs` of `stats`. So the ids of new jobs
are known by how much that grew. A put that breaks off takes an id but is not counted (seen on
beanstalkd 1.12), so a few ids more are asked for. The jobs that were found before are polled in turn.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from beantop.beanstalk import BeanstalkdError
from beantop.jobs.connection import Turn
from beantop.jobs.id_probe import jobs_put, probe_above
from beantop.jobs.job_info import JobInfo, ask_for
from beantop.jobs.scan import Scan

AGAIN = 1024
"""Ids below the highest one that are asked for again after a scan: they may have been given meanwhile."""

AHEAD = 64
"""Ids that are asked for above the highest one that must exist."""

MIN_COMMANDS, MAX_COMMANDS = 128, 4096
"""Limits of the commands in one poll, whatever the server can take."""

IMPOSSIBLE = 100_000_000
"""Jobs that no server takes between two polls."""

MAX_POLLS_BEHIND = 20
"""Polls that new ids may take; where jobs are put faster, the oldest of these ids are skipped."""


class Upkeep:
    """Polls the jobs of one scan."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.skipped = 0
        """Ids that were never asked for, since too many came at once; new jobs may have them."""
        self._puts: int | None = None
        self._newest = 0  # the highest id that must have been given when the puts were counted
        self._seen = 0  # the highest id of a job that was seen; it may have been put after that
        self._asked_up_to = 0  # all ids up to here were asked for after they were given
        self._round: Iterator[int] = iter(())

    async def poll(
        self, turn: Turn, fresh: Collection[int], most: int | None
    ) -> dict[int, JobInfo | None]:
        """Return new jobs and some of the known ones as they are now; None for those that are gone.

        `fresh` are the jobs that need not be polled, `most` is the number of commands that the server
        may get, at least `MIN_COMMANDS`, None for any number. A new job is returned in whatever tube it is.
        """
        room = max(MIN_COMMANDS, min(most or MAX_COMMANDS, MAX_COMMANDS))
        if self.scan.only is not None:  # it gets no new jobs
            return await self._poll_known(turn, fresh, room)
        await self._note_puts(turn)
        ids = self._new_ids(room)
        new = {id: job for id, job in (await poll_by_id(turn, ids)).items() if job}
        self._seen = max([self._seen, *fresh, *new])
        self._asked_up_to = min(ids[-1], self._newest)
        return {**await self._poll_known(turn, fresh, room - len(ids)), **new}

    async def _poll_known(
        self, turn: Turn, fresh: Collection[int], most: int
    ) -> dict[int, JobInfo | None]:
        return await poll_by_id(
            turn, islice((id for id in self._in_turn() if id not in fresh), most)
        )

    async def _note_puts(self, turn: Turn) -> None:
        """Learn up to which id there must be jobs."""
        puts = await jobs_put(turn)
        grown = 0 if self._puts is None else puts - self._puts
        if self._puts is None or not 0 <= grown < IMPOSSIBLE:  # the first poll, or another server
            self._newest = max(self.scan.highest, puts)
            self._asked_up_to = max(0, self.scan.highest - AGAIN)
            self._seen = await probe_above(turn, self.scan.highest)
        else:
            self._newest = max(self._newest + grown, self._seen)
        self._puts = puts

    def _new_ids(self, room: int) -> range:
        behind = self._newest - self._asked_up_to
        if behind > room * MAX_POLLS_BEHIND:
            self.skipped += behind - room
            self._asked_up_to = self._newest - room
        first = self._asked_up_to + 1
        return range(first, min(first + room, self._newest + AHEAD + 1))

    def _in_turn(self) -> Iterator[int]:
        """Yield the ids of the found jobs, from where the last call ended, each once."""
        for _ in range(len(self.scan.found)):
            if (id := next(self._round, None)) is None:
                self._round = iter(list(self.scan.found))
                id = next(self._round)
            yield id


async def poll_by_id(turn: Turn, ids: Iterable[int]) -> dict[int, JobInfo | None]:
    """Return the jobs with these ids; None for those that do not exist. Ids that the server answers with
    an error are missing."""
    ids = list(ids)
    answers = await turn.pipeline(ask_for(ids))
    return {
        id: job
        for id, job in zip(ids, answers, strict=True)
        if not isinstance(job, BeanstalkdError)
    }
