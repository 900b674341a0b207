"""Finding what is left to do of an interrupted action, from its record.

Each job that was about to be put is looked up by its id, or, if no id was noted, searched for among
the delayed jobs of its tube by the properties that never change. A job with a noted id gets its
final state. A job without one is deleted again, since nothing relied on it yet: the source of a
move still exists, and a deleted job is still in the trash. A job without an id and without such an
original is kept. If nobody knows whether the originals still exist, nothing is deleted.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from beantop.beanstalk import BeanstalkdError
from beantop.jobs.body_batches import peek_some
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import OUT_OF_REACH, JobInfo, ask_for
from beantop.jobs.parking import CutOff, Entry, digest_of
from beantop.jobs.scan import ENOUGH, Scan
from beantop.jobs.trash.deletion import Deletion


@dataclass
class Leftovers:
    """Jobs of an interrupted action that need work or must be reported. Each has its id on the
    server if it exists there."""

    free: list[Entry] = field(default_factory=list)
    """Parked jobs that must get their final state."""
    undo: list[Entry] = field(default_factory=list)
    """Copies to be deleted again."""
    not_put: list[Entry] = field(default_factory=list)
    """Jobs that were certainly not put."""
    unclear: list[Entry] = field(default_factory=list)
    """Missing jobs: not put, or taken by a worker. In a move, the source still exists."""
    perhaps_done: int = 0
    """Number of jobs in `free` whose sources a worker may have taken and completed."""
    kept: list[Entry] = field(default_factory=list)
    """Copies that stay as they are, while it is unknown whether their sources still exist."""
    is_saved: bool = False
    """Whether the jobs in `not_put` are in the trash."""
    problem: str = ""
    """Why not all jobs could be searched for."""

    @property
    def parked(self) -> list[Entry]:
        """Jobs that are parked."""
        return [entry for entry in (*self.free, *self.undo) if entry.is_parked]

    @property
    def waiting(self) -> list[Entry]:
        """Jobs to be deleted that are not parked, since their own delay hides them."""
        return [entry for entry in self.undo if not entry.is_parked]


async def leftovers(
    action: CutOff,
    connection: ActingConnection,
    sources_left: Collection[int] | None,
    deletion: Deletion | None,
    now: float,
    most: int = ENOUGH,
) -> Leftovers:
    """Return what is left to do of an action on the server of `connection`, without changing
    anything.

    `sources_left` has the ids of the sources of a move that still exist, None if that is unknown.
    `deletion` is the one that was being put back, and `now` is in seconds since the Unix epoch. Jobs
    without a noted id are searched for among `most` ids. Raises what the connection raises.
    """
    noted = deletion.put_back if deletion else {}
    entries = [
        entry._replace(id=entry.id or noted.get(entry.source, 0)) for entry in action.entries
    ]
    known = [entry for entry in entries if entry.id]
    left = Leftovers(is_saved=deletion is not None)
    present = await _jobs_with_bodies(connection, {entry.id: entry.digest for entry in known})
    present = {
        entry.id: present[entry.id]
        for entry in known
        if _is_in_tube(present.get(entry.id), entry.tube)
    }
    search = _Search(connection, present.keys(), most)
    unknown = await search.find([entry for entry in entries if not entry.id])
    left.problem = search.problem
    if sources_left is None:
        _sort_without_sources(known, unknown, present, left)
        return left
    for entry in known:
        if entry.id in present:
            source_is_there = entry.source in sources_left
            _sort_known(action, entry, present[entry.id], source_is_there, left)
        elif entry.source in sources_left and not entry.is_parked:
            left.unclear.append(entry)
    for entry in unknown:
        if entry.id:
            is_saved = deletion is not None and entry.source in deletion.places
            _sort_found(action, entry, entry.source in sources_left, is_saved, left)
        elif action.act == "put back" or entry.source in sources_left:
            waits = entry.is_parked or 0 <= now - action.time < entry.delay
            (left.not_put if waits and not left.problem else left.unclear).append(entry)
    return left


async def sources_left(action: CutOff, sources: ActingConnection) -> Collection[int]:
    """Return the ids of the sources of a move that still exist. Raises what the connection raises."""
    digests = {entry.source: entry.source_digest for entry in action.entries}
    return await _jobs_with_bodies(sources, digests)


def _sort_without_sources(
    known: Sequence[Entry],
    unknown: Sequence[Entry],
    present: Mapping[int, JobInfo],
    left: Leftovers,
) -> None:
    """Decide about jobs whose sources may still exist or not: a copy may be all that is left."""
    for entry in known:
        if entry.id in present:
            (left.free if _is_out_of_reach(entry, present[entry.id]) else left.kept).append(entry)
    for entry in unknown:
        if entry.id:
            (left.free if entry.is_parked else left.kept).append(entry)


def _sort_known(
    action: CutOff, entry: Entry, job: JobInfo, source_is_there: bool, left: Leftovers
) -> None:
    """Decide about a job that has a noted id and exists."""
    if source_is_there:
        left.undo.append(entry)
    elif _is_out_of_reach(entry, job):
        left.free.append(entry)
        may_be_done = action.act == "move" and entry.state != "buried" and not entry.deleted
        left.perhaps_done += may_be_done


def _sort_found(
    action: CutOff, entry: Entry, source_is_there: bool, is_saved: bool, left: Leftovers
) -> None:
    """Decide about a job that has no noted id and was found. A missing ready source was taken by a
    worker, since the move had not deleted it yet."""
    if action.act == "move":
        is_needed = not source_is_there and entry.state in ("delayed", "buried")
    else:
        is_needed = not is_saved
    if not is_needed:
        left.undo.append(entry)
    elif entry.is_parked:
        left.free.append(entry)


def _is_out_of_reach(entry: Entry, job: JobInfo) -> bool:
    """Return whether a job is still parked, or became ready while it was being buried."""
    became_ready = (
        entry.state == "buried" and job.state == "ready" and not (job.buries or job.kicks)
    )
    return entry.is_parked and (job.is_parked or (became_ready and job.delay == OUT_OF_REACH))


def _is_in_tube(job: JobInfo | None, tube: str) -> bool:
    return job is not None and job.tube == tube


async def _jobs_with_bodies(
    connection: ActingConnection, digests: Mapping[int, str]
) -> dict[int, JobInfo]:
    """Return the jobs that exist under these ids and have bodies with these digests."""
    present: dict[int, JobInfo] = {}
    async with connection.turn() as turn:
        for answer in await turn.pipeline(ask_for(digests)):
            if isinstance(answer, BeanstalkdError):
                raise answer
            if answer:
                present[answer.id] = answer
        found = await _digests(turn, list(present))
    return {id: job for id, job in present.items() if found.get(id) == digests[id]}


async def _digests(turn: Turn, ids: Sequence[int]) -> dict[int, str]:
    """Return the SHA-256 of the bodies of these jobs."""
    digests: dict[int, str] = {}
    while ids:
        peeked = await peek_some(turn, ids)
        digests |= {job.id: digest_of(job.body) for job in peeked if job}
        ids = ids[len(peeked) :]
    return digests


class _Search:
    """A search for jobs without a noted id, except those with the ids `others`."""

    def __init__(self, connection: ActingConnection, others: Collection[int], most: int) -> None:
        self.problem = ""
        """Why not all jobs could be searched."""
        self._connection = connection
        self._others = others
        self._most = most

    async def find(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries, with the ids of their jobs where these exist."""
        ids: dict[object, list[int]] = defaultdict(list)
        wanted = {_fixed_properties(entry) for entry in entries}
        for tube in sorted({entry.tube for entry in entries}):
            candidates = {
                job.id: properties
                for job in await self._waiting_in(tube)
                if (properties := (tube, job.priority, job.ttr, job.delay)) in wanted
            }
            async with self._connection.turn() as turn:
                digests = await _digests(turn, list(candidates))
            for id, properties in candidates.items():
                ids[properties, digests.get(id)].append(id)
        return [
            entry._replace(id=_next(ids[_fixed_properties(entry), entry.digest]))
            for entry in entries
        ]

    async def _waiting_in(self, tube: str) -> list[JobInfo]:
        """Return the delayed jobs of a tube."""
        scan = Scan(self._connection, tube, state="delayed")
        if not (await scan.run(self._most)).complete:
            self.problem = f"not all delayed jobs of {tube} could be searched"
        return [job for job in scan.found.values() if job.id not in self._others]


def _fixed_properties(entry: Entry) -> tuple[str, int, int, int]:
    """Return the properties of a delayed job that never change. The server turns a ttr of 0 into
    1."""
    return entry.tube, entry.priority, max(1, entry.ttr), entry.delay


def _next(ids: list[int]) -> int:
    return ids.pop(0) if ids else 0
