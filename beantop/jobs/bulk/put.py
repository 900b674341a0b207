"""Putting jobs that existed before: into their tube and state, without a worker seeing what it must
not see yet.

The protocol buries only what is reserved, and makes ready what a lost connection had reserved: if the
program is killed while it buries, the one job that is between the two commands becomes ready.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from beantop.beanstalk import (
    BadFormatError,
    BeanstalkdError,
    Command,
    Error,
    NotFoundError,
    UnknownCommandError,
    commands,
    describe_error,
)
from beantop.jobs.bulk.change import refusal
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import OUT_OF_REACH, PARKED
from beantop.jobs.parking import Record
from beantop.jobs.records import SavedJob
from beantop.jobs.storage import describe_file_error

BURIED_AT_ONCE = 32
"""Jobs that are out of reach, and not buried yet, at any moment: so many stay so if the program is
killed."""

PARKED_AT_ONCE = 128
"""The same for jobs that are out of reach until something else was done: until their sources were
deleted, or until it was noted that they were put."""

STAYS_PARKED = f"is {PARKED}"


@dataclass
class Puts:
    """What came of each job, by its place among those that were to be put."""

    new_ids: dict[int, int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    """Why not, as what came of it."""
    unknown: set[int] = field(default_factory=set)
    """No reply came: it may be there or not."""
    parked: set[int] = field(default_factory=set)
    """Those of `new_ids` that could not be made what they should be: they stay out of reach."""
    error: str = ""
    """Why the others were not tried."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing may be left out of reach."""
        return not (self.unknown or self.parked or self.error)


class Putter:
    """Puts the jobs of one action. What it parks is written down in `record` first."""

    def __init__(self, record: Record | None = None) -> None:
        self._record = record
        self._kicks: bool | None = None
        """Whether the server knows `kick-job`; None: it was not asked yet."""
        self._reserves = True
        """Whether it knows `reserve-job`."""

    async def put_all(self, turn: Turn, jobs: Sequence[SavedJob]) -> Puts:
        """Put the jobs, each in its tube and state; reserved ones become ready. Tube by tube, and
        there the buried ones last, they keep their order. One that no server can be asked for, by its
        name or a number, is refused, and not a byte of it is sent."""
        puts, as_put = Puts(), {at: _parked_if(job, _is_buried(job)) for at, job in enumerate(jobs)}
        wires = _wires(as_put, puts)
        buried = {at: as_put[at] for at in wires if _is_buried(jobs[at])}
        puts.error = await self._written(lambda record: _note(record, buried, jobs))
        for tube, places in _groups({at: jobs[at] for at in wires}, BURIED_AT_ONCE):
            if puts.error:
                break
            await _put_group(turn, tube, places, wires, puts)
            if _is_buried(jobs[places[0]]):
                put = {at: puts.new_ids[at] for at in places if at in puts.new_ids}
                await self._note_ids(put)
                failed = await _set_free(turn, jobs, put, puts)
                await _take_back(turn, puts, failed)
        self.settle(puts)
        return puts

    async def park_all(
        self,
        turn: Turn,
        jobs: Sequence[SavedJob],
        sources: Sequence[SavedJob],
        then: Callable[[], None] = lambda: None,
    ) -> Puts:
        """Put the jobs, but out of the reach of workers: `free` makes them what they should be. A
        delayed one is out of reach for its delay; a ready one is not on a server without `kick-job`.

        `then` is called when it is written down what is about to be put, and before it is; if it
        raises OSError nothing is put.
        """
        await self.ask_abilities(turn, jobs)
        puts, as_put = Puts(), dict[int, SavedJob]()
        for at, job in enumerate(jobs):
            if _is_buried(job) and not self._reserves:
                puts.refused[at] = refusal(UnknownCommandError(command="reserve-job"))
            else:
                as_put[at] = _parked_if(job, self._parks(job))
        wires = _wires(as_put, puts)
        noted = {at: as_put[at] for at in wires}
        puts.error = await self._written(lambda record: _note(record, noted, sources), then)
        for tube, places in _groups({at: jobs[at] for at in wires}, PARKED_AT_ONCE):
            if not puts.error:
                await _put_group(turn, tube, places, wires, puts)
        return puts

    async def commit(self, turn: Turn, puts: Puts) -> None:
        """Write down that the jobs are to stay, before anything is done that relies on it. If that
        cannot be written they are taken away again."""
        if why := await self._note_ids(puts.new_ids):
            await self.take_back(turn, puts, why)
            puts.error = puts.error or why

    async def note_deleted(self, places: Sequence[int]) -> None:
        """Write down that the sources of these were deleted. It matters little if that fails."""
        await self._written(lambda record: record.note_deleted(places))

    async def take_back(self, turn: Turn, puts: Puts, why: str) -> None:
        """Take away all that was put."""
        await _take_back(turn, puts, dict.fromkeys(puts.new_ids, f"was refused: {why}"))

    async def free(self, turn: Turn, jobs: Sequence[SavedJob], puts: Puts) -> None:
        """Make the jobs what they should be. Those that cannot be made so stay out of reach."""
        parked = {at: id for at, id in puts.new_ids.items() if self._parks(jobs[at])}
        puts.parked.update(await _set_free(turn, jobs, parked, puts))

    def settle(self, puts: Puts) -> None:
        """The batch is done; what is written down of it is forgotten if nothing is left to do."""
        if self._record and puts.is_settled:
            self._record.settle()

    def close(self) -> None:
        if self._record:
            self._record.close()

    async def ask_abilities(self, turn: Turn, jobs: Iterable[SavedJob]) -> None:
        """Learn what the server can do with the jobs; `park_all` does so if nobody did. No job has the
        id 0: a server that knows a command does not find it. Raises as the connection does."""
        if self._kicks is None and any(job.state != "delayed" for job in jobs):
            asked: list[Command[object]] = [commands.kick_job(0), commands.reserve_job(0)]
            kicked, reserved = await turn.pipeline(asked)
            self._kicks = isinstance(kicked, NotFoundError)
            self._reserves = not isinstance(reserved, UnknownCommandError | BadFormatError)

    def _parks(self, job: SavedJob) -> bool:
        """Whether a job is put out of reach that must not be seen yet."""
        return _is_buried(job) or bool(self._kicks and job.state != "delayed" and not job.delay)

    async def _note_ids(self, ids: Mapping[int, int]) -> str:
        return await self._written(lambda record: record.note_ids(ids))

    async def _written(
        self, write: Callable[[Record], None], then: Callable[[], None] = lambda: None
    ) -> str:
        """Why that could not be written down, if there is a record, or `then` not be done; nothing if
        all went well."""

        def both() -> None:
            if self._record:
                write(self._record)
            then()

        try:
            await asyncio.to_thread(both)
        except OSError as error:
            return f"what is put cannot be written down first: {describe_file_error(error)}"
        return ""


def _note(record: Record, jobs: Mapping[int, SavedJob], sources: Sequence[SavedJob]) -> None:
    if jobs:
        record.note(jobs, {at: sources[at] for at in jobs})


async def _put_group(
    turn: Turn, tube: str, places: Sequence[int], wires: Mapping[int, Command[int]], puts: Puts
) -> None:
    try:
        attempt = await turn.attempt_in(tube, [wires[place] for place in places])
    except (OSError, Error) as error:
        puts.error = describe_error(error)
        return
    for place, result in zip(places, attempt.results, strict=False):
        if isinstance(result, BeanstalkdError):
            puts.refused[place] = refusal(result)
        else:
            puts.new_ids[place] = result
    puts.unknown.update(places[len(attempt.results) : attempt.sent])
    puts.error = describe_error(attempt.error) if attempt.error else ""


def count(puts: Puts, ids: Sequence[int], tally: Tally) -> None:
    """Count what was put, and what was not; `ids` are those that the jobs had before."""
    new_ids = {ids[place]: id for place, id in puts.new_ids.items() if place not in puts.parked}
    tally.note_done(new_ids)
    tally.new_ids |= new_ids
    count_failures(puts, tally)


def count_failures(puts: Puts, tally: Tally) -> None:
    """Count what was not put, or perhaps not, and what stays out of reach."""
    tally.unknown += len(puts.unknown)
    tally.failed.update(puts.refused.values())
    tally.half_done.update([STAYS_PARKED] * len(puts.parked))
    tally.ended = tally.ended or puts.error


async def _set_free(
    turn: Turn, jobs: Sequence[SavedJob], ids: Mapping[int, int], puts: Puts
) -> dict[int, str]:
    """Make jobs what they should be that were put to be so. Those for which that failed, with the
    reasons."""
    asked = {at: freeing(jobs[at], id) for at, id in ids.items()}
    attempt = await turn.pipeline_partial(command for some in asked.values() for command in some)
    failed, start = dict[int, str](), 0
    for at, some in asked.items():
        results = attempt.results[start : start + len(some)]
        start += len(some)
        error = next((one for one in results if isinstance(one, BeanstalkdError)), None)
        if error or len(results) < len(some):
            failed[at] = refusal(error) if error else "was refused"
    if attempt.error:
        puts.error = puts.error or describe_error(attempt.error)
    return failed


def freeing(job: SavedJob, id: int) -> Sequence[Command[object]]:
    """What makes a job that was put out of reach what it should be."""
    if _is_buried(job):
        return [commands.reserve_job(id), commands.bury(id, job.priority)]
    return [commands.kick_job(id)]


async def _take_back(turn: Turn, puts: Puts, whys: Mapping[int, str]) -> None:
    """Take away again what was put, for these reasons."""
    ids = {place: puts.new_ids.pop(place) for place in whys}
    attempt = await turn.pipeline_partial([commands.delete(id) for id in ids.values()])
    for place, result in zip(ids, attempt.results, strict=False):
        if not isinstance(result, BeanstalkdError):
            puts.refused[place] = whys[place]
    puts.unknown |= ids.keys() - puts.refused.keys()


def _wires(jobs: Mapping[int, SavedJob], puts: Puts) -> dict[int, Command[int]]:
    """The commands that put the jobs."""
    wires = {}
    for place, job in jobs.items():
        try:
            commands.check_tube(job.tube)
            wires[place] = commands.put(job.body, job.priority, job.delay, job.ttr)
        except ValueError as error:
            puts.refused[place] = f"cannot be put: {error}"
    return wires


def _groups(jobs: Mapping[int, SavedJob], at_once: int) -> Iterator[tuple[str, list[int]]]:
    """Tubes, and the places of jobs that are to be put into them together: of buried ones only so
    many."""
    by_tube: dict[tuple[str, bool], list[int]] = {}
    for place, job in jobs.items():
        by_tube.setdefault((job.tube, _is_buried(job)), []).append(place)
    for (tube, buried), places in by_tube.items():
        size = at_once if buried else len(places)
        for start in range(0, len(places), size):
            yield tube, places[start : start + size]


def _is_buried(job: SavedJob) -> bool:
    return job.state == "buried"


def _parked_if(job: SavedJob, parks: bool) -> SavedJob:
    """The job as it is put: out of reach, or as it is to be."""
    return replace(job, delay=OUT_OF_REACH) if parks else job
