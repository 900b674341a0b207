"""Looking for what is left of an action that was cut off, as its record tells it.

Each job that was about to be put is looked for: by its number, or, if that was not noted, among the
delayed jobs of its tube, by all that never changes of it. What was noted with its number is to become
what it should be. What was not is to be taken away again, since nothing relied on it yet: the source
of a move is still there, a deleted job is still in the trash. What has neither is to stay.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from beantop.beanstalk import BeanstalkdError
from beantop.jobs.body_batches import peek_some
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import OUT_OF_REACH, JobInfo, ask_for
from beantop.jobs.parking import CutOff, Entry, digest_of
from beantop.jobs.scan import ENOUGH, Scan
from beantop.jobs.trash.deletion import Deletion


@dataclass
class Leftovers:
    """The jobs of which something is left to be done, or to be told. Each has the id that it has on
    the server, if it is there."""

    free: list[Entry] = field(default_factory=list)
    """To be made what they should be: they are out of reach."""
    undo: list[Entry] = field(default_factory=list)
    """To be taken away again."""
    not_put: list[Entry] = field(default_factory=list)
    """They were certainly not put."""
    unclear: list[Entry] = field(default_factory=list)
    """They are not there: they were not put, or a worker took them. Of a move, the source is there."""
    perhaps_done: int = 0
    """How many of `free` are copies whose sources a worker can have taken and done."""
    problem: str = ""
    """Why not all could be looked for."""

    @property
    def parked(self) -> list[Entry]:
        """The jobs that are out of reach."""
        return [entry for entry in (*self.free, *self.undo) if entry.is_parked]

    @property
    def waiting(self) -> list[Entry]:
        """Jobs that nobody noted and that are not parked, since they wait for their delay anyway."""
        return [entry for entry in self.undo if not entry.is_parked]


async def leftovers(
    action: CutOff,
    connection: ActingConnection,
    sources: ActingConnection,
    deletion: Deletion | None,
    now: float,
    most: int = ENOUGH,
) -> Leftovers:
    """What is left of an action on the server of `connection`. `sources` is a connection to the server
    from which jobs were moved; `deletion` is what was being put back; `now` is the time of the Unix
    epoch. Jobs without a noted number are looked for among `most` ids. Nothing is changed. Raises as
    the connections do."""
    noted = deletion.put_back if deletion else {}
    entries = [replace(one, id=one.id or noted.get(one.source, 0)) for one in action.entries]
    known = [entry for entry in entries if entry.id]
    left = Leftovers()
    there = await _there(connection, {entry.id: entry.digest for entry in known})
    there = {one.id: there[one.id] for one in known if _is_in_tube(there.get(one.id), one.tube)}
    search = _Search(connection, there.keys(), most)
    unknown = await search.find([entry for entry in entries if not entry.id])
    left.problem = search.problem
    still: Collection[int] = ()
    if action.act == "move":
        still = await _there(sources, {entry.source: entry.source_digest for entry in entries})
    for entry in known:
        if entry.id in there:
            _sort_known(action, entry, there[entry.id], entry.source in still, left)
        elif entry.source in still and not entry.is_parked:
            left.unclear.append(entry)
    for entry in unknown:
        if entry.id:
            is_saved = deletion is not None and entry.source in deletion.places
            _sort_found(action, entry, entry.source in still, is_saved, left)
        elif action.act == "put back" or entry.source in still:
            waits = entry.is_parked or 0 <= now - action.time < entry.delay
            (left.not_put if waits and not left.problem else left.unclear).append(entry)
    return left


def _sort_known(
    action: CutOff, entry: Entry, job: JobInfo, source_is_there: bool, left: Leftovers
) -> None:
    """What is to be done about a job that was noted with its number, and is there."""
    if source_is_there:
        left.undo.append(entry)
    elif _is_out_of_reach(entry, job):
        left.free.append(entry)
        worked = action.act == "move" and entry.state != "buried" and not entry.deleted
        left.perhaps_done += worked


def _sort_found(
    action: CutOff, entry: Entry, source_is_there: bool, is_saved: bool, left: Leftovers
) -> None:
    """What is to be done about a job that was not noted with its number, and was found. A ready
    source that is not there was taken by a worker: the move did not delete it yet."""
    if action.act == "move":
        is_needed = not source_is_there and entry.state in ("delayed", "buried")
    else:
        is_needed = not is_saved
    if not is_needed:
        left.undo.append(entry)
    elif entry.is_parked:
        left.free.append(entry)


def _is_out_of_reach(entry: Entry, job: JobInfo) -> bool:
    """Whether a job is parked still, or became ready when it was on its way to be buried."""
    fell_out = entry.state == "buried" and job.state == "ready" and not (job.buries or job.kicks)
    return entry.is_parked and (job.is_parked or (fell_out and job.delay == OUT_OF_REACH))


def _is_in_tube(job: JobInfo | None, tube: str) -> bool:
    return job is not None and job.tube == tube


async def _there(connection: ActingConnection, digests: Mapping[int, str]) -> dict[int, JobInfo]:
    """The jobs with these ids that are there and have these bodies."""
    there: dict[int, JobInfo] = {}
    async with connection.turn() as turn:
        for answer in await turn.pipeline(ask_for(digests)):
            if isinstance(answer, BeanstalkdError):
                raise answer
            if answer:
                there[answer.id] = answer
        found = await _digests(turn, list(there))
    return {id: job for id, job in there.items() if found.get(id) == digests[id]}


async def _digests(turn: Turn, ids: Sequence[int]) -> dict[int, str]:
    """What the bodies of these jobs come to."""
    digests: dict[int, str] = {}
    while ids:
        peeked = await peek_some(turn, ids)
        digests |= {job.id: digest_of(job.body) for job in peeked if job}
        ids = ids[len(peeked) :]
    return digests


class _Search:
    """For jobs without a noted number; those with the numbers `others` are not meant."""

    def __init__(self, connection: ActingConnection, others: Collection[int], most: int) -> None:
        self.problem = ""
        """Why not all could be looked at."""
        self._connection = connection
        self._others = others
        self._most = most

    async def find(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries, with the numbers of the jobs that they became, as far as these are there."""
        ids: dict[object, list[int]] = defaultdict(list)
        wanted = {_marks_of(entry) for entry in entries}
        for tube in sorted({entry.tube for entry in entries}):
            likely = {
                job.id: marks
                for job in await self._waiting_in(tube)
                if (marks := (tube, job.priority, job.ttr, job.delay)) in wanted
            }
            async with self._connection.turn() as turn:
                digests = await _digests(turn, list(likely))
            for id, marks in likely.items():
                ids[marks, digests.get(id)].append(id)
        return [replace(one, id=_next(ids[_marks_of(one), one.digest])) for one in entries]

    async def _waiting_in(self, tube: str) -> list[JobInfo]:
        """The delayed jobs of a tube."""
        scan = Scan(self._connection, tube, state="delayed")
        if not (await scan.run(self._most)).complete:
            self.problem = f"not all delayed jobs of {tube} could be looked at"
        return [job for job in scan.found.values() if job.id not in self._others]


def _marks_of(entry: Entry) -> tuple[str, int, int, int]:
    """What never changes of a job that waits. The server makes a ttr of 0 one of 1."""
    return entry.tube, entry.priority, max(1, entry.ttr), entry.delay


def _next(ids: list[int]) -> int:
    return ids.pop(0) if ids else 0
