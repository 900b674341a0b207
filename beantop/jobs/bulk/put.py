"""Putting saved jobs into their tubes and states, while hiding them from workers until they may be
seen.

The protocol can bury only reserved jobs, and it releases the jobs that a lost connection had
reserved. So if beantop is killed while it buries, the one job between the two commands becomes
ready.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from beantop.beanstalk import (
    BadFormatError,
    BeanstalkdError,
    BuriedError,
    Command,
    Error,
    NotFoundError,
    UnknownCommandError,
    commands,
    describe_error,
)
from beantop.jobs.aside import PATIENCE, SAVING, in_time_async
from beantop.jobs.bulk.change import refusal
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.tally import Tally, named_ids
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import OUT_OF_REACH
from beantop.jobs.parking import Record
from beantop.jobs.records import SavedJob
from beantop.jobs.storage import describe_file_error

BURIED_AT_ONCE = 32
"""Maximum number of jobs parked at a time while they are being buried. No more than these stay
parked if beantop is killed."""

PARKED_AT_ONCE = 128
"""The same for jobs that stay parked until another step is done: deleting their sources, or noting
that they were put."""

_BURIED_AND_DELETED = "(put): the server ran out of memory and buried the job; beantop deleted it"


@dataclass
class Puts:
    """The outcome of each job, by its index in the batch."""

    new_ids: dict[int, int] = field(default_factory=dict)
    refused: dict[int, Reason] = field(default_factory=dict)
    """Why jobs were not put."""
    unknown: set[int] = field(default_factory=set)
    """Jobs without a reply: they may have been put or not."""
    buried: dict[int, int] = field(default_factory=dict)
    """Ids of jobs that the server buried instead, being out of memory, and that could not be
    deleted again."""
    parked: set[int] = field(default_factory=set)
    """Jobs in `new_ids` that could not get their final state and stay parked."""
    error: str = ""
    """Why the remaining jobs were not tried."""

    @property
    def existing(self) -> dict[int, int]:
        """Ids of all jobs that were put and not deleted again, by their index."""
        return self.new_ids | self.buried

    @property
    def is_settled(self) -> bool:
        """Whether certainly no job stays parked, or buried by the server."""
        return not (self.unknown or self.buried or self.parked or self.error)


class Putter:
    """Puts the jobs of one action. Notes in `record` what it is about to park."""

    def __init__(self, record: Record | None = None) -> None:
        self._record = record
        self._is_late = ""
        """Why the record is no longer written; "" if it is."""
        self._kicks: bool | None = None
        """Whether the server knows `kick-job`; None if not checked yet."""
        self._reserves = True
        """Whether the server knows `reserve-job`."""

    async def put_all(self, turn: Turn, jobs: Sequence[SavedJob]) -> Puts:
        """Put the jobs, each in its tube and state; reserved ones become ready. Jobs are put tube
        by tube, buried ones last, and otherwise keep their order. A job with an invalid tube name
        or number is refused without sending anything."""
        puts, as_put = Puts(), {at: _parked_if(job, _is_buried(job)) for at, job in enumerate(jobs)}
        wires = _wires(as_put, puts)
        buried = {at: as_put[at] for at in wires if _is_buried(jobs[at])}
        puts.error = await self._try_to_note(lambda record: _note(record, buried, jobs))
        for tube, places in _groups({at: jobs[at] for at in wires}, BURIED_AT_ONCE):
            if puts.error:
                break
            await _put_group(turn, tube, places, wires, puts)
            if _is_buried(jobs[places[0]]):
                put = {at: puts.new_ids[at] for at in places if at in puts.new_ids}
                stay = {at: puts.buried[at] for at in places if at in puts.buried}
                await self._note_ids(put | stay)
                failed = await _set_free(turn, jobs, put, puts)
                await _take_back(turn, puts, failed)
        await self.settle(puts)
        return puts

    async def park_all(
        self,
        turn: Turn,
        jobs: Sequence[SavedJob],
        sources: Sequence[SavedJob],
        then: Callable[[], None] = lambda: None,
    ) -> Puts:
        """Park the jobs, hidden from workers, until `free` gives them their final state. A delayed
        job is hidden by its own delay; on a server without `kick-job`, ready jobs are not hidden.

        `then` is called between noting and putting the jobs; if it raises OSError, nothing is put.
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
        puts.error = await self._try_to_note(lambda record: _note(record, noted, sources), then)
        for tube, places in _groups({at: jobs[at] for at in wires}, PARKED_AT_ONCE):
            if not puts.error:
                await _put_group(turn, tube, places, wires, puts)
        return puts

    async def commit(self, turn: Turn, puts: Puts) -> None:
        """Note the ids of the jobs, so that they stay, before anything relies on them. If that
        fails, delete the jobs again."""
        if why := await self._note_ids(puts.existing):
            await self.take_back(turn, puts, why)
            puts.error = puts.error or why

    async def note_deleted(self, places: Sequence[int]) -> None:
        """Note that the sources of these jobs were deleted. Failing to do so does little harm and
        is ignored."""
        await self._try_to_note(lambda record: record.note_deleted(places))

    async def take_back(self, turn: Turn, puts: Puts, why: str) -> None:
        """Delete all jobs that were put."""
        await _take_back(turn, puts, dict.fromkeys(puts.new_ids, Reason(Outcome.NOT_NOTED, why)))

    async def free(self, turn: Turn, jobs: Sequence[SavedJob], puts: Puts) -> None:
        """Give the jobs their final state, unless they shall stay parked. Jobs for which that fails
        stay parked, too."""
        ids = {at: id for at, id in puts.new_ids.items() if at not in puts.parked}
        parked = {at: id for at, id in ids.items() if self._parks(jobs[at])}
        puts.parked.update(await _set_free(turn, jobs, parked, puts))

    def leave_parked(self, jobs: Sequence[SavedJob], puts: Puts) -> None:
        """Leave the parked jobs to the next beantop: nobody knows yet whether they shall stay."""
        puts.parked |= {at for at in puts.new_ids if self._parks(jobs[at])}

    async def settle(self, puts: Puts) -> None:
        """End the batch, and drop it from the record if nothing is left to do."""
        if self._record and puts.is_settled:
            await self._in_time(self._record.settle, PATIENCE)

    async def close(self) -> None:
        if self._record:
            await self._in_time(self._record.close, PATIENCE)

    async def ask_abilities(self, turn: Turn, jobs: Iterable[SavedJob]) -> None:
        """Check which commands the server knows; `park_all` does this if needed. No job has the id
        0, so a server that knows a command replies NOT_FOUND. Raises what the connection raises."""
        if self._kicks is None and any(job.state != "delayed" for job in jobs):
            asked: list[Command[object]] = [commands.kick_job(0), commands.reserve_job(0)]
            kicked, reserved = await turn.pipeline(asked)
            self._kicks = isinstance(kicked, NotFoundError)
            self._reserves = not isinstance(reserved, UnknownCommandError | BadFormatError)

    def _parks(self, job: SavedJob) -> bool:
        """Return whether a job must be parked to hide it. Delayed jobs are hidden anyway."""
        return _is_buried(job) or bool(self._kicks and job.state != "delayed" and not job.delay)

    async def _note_ids(self, ids: Mapping[int, int]) -> str:
        return await self._try_to_note(lambda record: record.note_ids(ids))

    async def _try_to_note(
        self, write: Callable[[Record], None], then: Callable[[], None] = lambda: None
    ) -> str:
        """Write to the record, if any, and call `then`. Return why that failed, else ""."""

        def both() -> None:
            if self._record:
                write(self._record)
            then()

        if why := self._is_late or await self._in_time(both, SAVING):
            return f"the recovery record cannot be written: {why}"
        return ""

    async def _in_time(self, work: Callable[[], None], seconds: float) -> str:
        """Use the record in a thread, for at most `seconds`. Return why that failed, else "". After a
        call that took too long the record is not written again: that call may still change it."""
        try:
            await in_time_async(work, seconds)
        except TimeoutError as error:
            self._is_late = describe_file_error(error)
        except OSError as error:
            return describe_file_error(error)
        return self._is_late


def _note(record: Record, jobs: Mapping[int, SavedJob], sources: Sequence[SavedJob]) -> None:
    if jobs:
        record.note(jobs, {at: sources[at] for at in jobs})


async def _put_group(
    turn: Turn, tube: str, places: Sequence[int], wires: Mapping[int, Command[int]], puts: Puts
) -> None:
    try:
        attempt = await turn.attempt_in(tube, [wires[place] for place in places])
    except Error as error:
        puts.error = describe_error(error)
        return
    buried = dict[int, int]()
    for place, result in zip(places, attempt.results, strict=False):
        if isinstance(result, BuriedError) and result.id is not None:
            buried[place] = result.id
        elif isinstance(result, BuriedError):  # no server is known that does not say which job
            puts.unknown.add(place)
        elif isinstance(result, BeanstalkdError):
            puts.refused[place] = refusal(result)
        else:
            puts.new_ids[place] = result
    puts.unknown.update(places[len(attempt.results) : attempt.sent])
    puts.error = describe_error(attempt.error) if attempt.error else ""
    if buried:
        await _delete_buried(turn, buried, puts)


async def _delete_buried(turn: Turn, ids: Mapping[int, int], puts: Puts) -> None:
    """Delete the jobs that the server buried because it ran out of memory, so that they count as
    refused. Those for which that fails stay in `puts.buried`."""
    attempt = await turn.pipeline_partial([commands.delete(id) for id in ids.values()])
    deleted = {
        place
        for place, result in zip(ids, attempt.results, strict=False)
        if not isinstance(result, BeanstalkdError)
    }
    puts.refused.update(dict.fromkeys(deleted, Reason(Outcome.REFUSED, _BURIED_AND_DELETED)))
    puts.buried |= {place: id for place, id in ids.items() if place not in deleted}


def count(puts: Puts, ids: Sequence[int], tally: Tally) -> None:
    """Count which jobs were put and which were not. `ids` are their previous ids."""
    new_ids = {ids[place]: id for place, id in puts.new_ids.items() if place not in puts.parked}
    tally.note_done(new_ids)
    tally.new_ids |= new_ids
    count_failures(puts, tally)


def count_failures(puts: Puts, tally: Tally) -> None:
    """Count jobs that were not put, have an unknown outcome, or stay parked."""
    tally.note(Outcome.UNKNOWN, len(puts.unknown))
    tally.note(Outcome.COPY_BURIED, len(puts.buried), named_ids(puts.buried.values()))
    tally.others.update(puts.refused.values())
    tally.note(Outcome.PARKED, len(puts.parked))
    tally.ended = tally.ended or puts.error


async def _set_free(
    turn: Turn, jobs: Sequence[SavedJob], ids: Mapping[int, int], puts: Puts
) -> dict[int, Reason]:
    """Give jobs their final state. Return why that failed, by index, for those for which it did."""
    freed = await set_free(turn, {id: jobs[at] for at, id in ids.items()})
    puts.error = puts.error or freed.ended
    return {at: freed.failed[id] for at, id in ids.items() if id in freed.failed}


@dataclass
class Freed:
    """The outcome of giving parked jobs their final state."""

    failed: dict[int, Reason] = field(default_factory=dict)
    """Reasons for jobs that stay parked, by id."""
    ended: str = ""
    """Why the remaining jobs were not tried."""


async def set_free(turn: Turn, jobs: Mapping[int, SavedJob]) -> Freed:
    """Give the jobs parked under these ids their final state, buried or ready."""
    commands_by_id = {id: _freeing(job, id) for id, job in jobs.items()}
    attempt = await turn.pipeline_partial(
        command for sent in commands_by_id.values() for command in sent
    )
    freed = Freed(ended=describe_error(attempt.error) if attempt.error else "")
    held, start = list[int](), 0
    for id, sent in commands_by_id.items():
        results = attempt.results[start : start + len(sent)]
        start += len(sent)
        error = next((result for result in results if isinstance(result, BeanstalkdError)), None)
        if error or len(results) < len(sent):
            freed.failed[id] = refusal(error) if error else Reason(Outcome.UNKNOWN)
        if error and error is not results[0]:
            held.append(id)  # reserved, but not buried: no worker may get it
    if held:
        releases = [commands.release(id, jobs[id].priority, OUT_OF_REACH) for id in held]
        await turn.pipeline_partial(releases)
    return freed


def _freeing(job: SavedJob, id: int) -> Sequence[Command[object]]:
    """Return the commands that give a parked job its final state."""
    if _is_buried(job):
        return [commands.reserve_job(id), commands.bury(id, job.priority)]
    return [commands.kick_job(id)]


async def _take_back(turn: Turn, puts: Puts, reasons: Mapping[int, Reason]) -> None:
    """Delete jobs that were put, and record the reasons by index."""
    ids = {place: puts.new_ids.pop(place) for place in reasons}
    attempt = await turn.pipeline_partial([commands.delete(id) for id in ids.values()])
    for place, result in zip(ids, attempt.results, strict=False):
        if not isinstance(result, BeanstalkdError):
            puts.refused[place] = reasons[place]
    puts.unknown |= ids.keys() - puts.refused.keys()


def _wires(jobs: Mapping[int, SavedJob], puts: Puts) -> dict[int, Command[int]]:
    """Return the `put` commands by index; refuse the jobs that cannot be sent."""
    wires = {}
    for place, job in jobs.items():
        try:
            commands.check_tube(job.tube)
            wires[place] = commands.put(job.body, job.priority, job.delay, job.ttr)
        except ValueError as error:
            puts.refused[place] = Reason(Outcome.INVALID, str(error))
    return wires


def _groups(jobs: Mapping[int, SavedJob], at_once: int) -> Iterator[tuple[str, list[int]]]:
    """Yield tubes with the indexes of the jobs to be put into them together, buried ones at most
    `at_once` at a time."""
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
    """Return the job with the parking delay if `parks`, else unchanged."""
    return job._replace(delay=OUT_OF_REACH) if parks else job
