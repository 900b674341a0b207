"""A quick estimate of the highest job id of a server, from a few commands."""

from beantop.beanstalk import DEFAULT_TUBE, BeanstalkdError, Command, Reply, commands
from beantop.beanstalk.commands import MAX_ID
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo, ask_for

MAX_HEADS = 256
"""Tubes whose first jobs are peeked."""

MAX_LISTED = 100_000
"""Tubes whose names are read to find the given one."""

PROBED = 64
"""Consecutive ids probed at each distance."""


async def newest_id(turn: Turn, tube: str | None = None, most: int = MAX_HEADS) -> int:
    """Return the highest job id that can be found quickly; 0 if there is none. Up to `most` tubes are
    peeked, `tube` first."""
    ids = [await jobs_put(turn), *await _head_ids(turn, tube, most)]
    return await probe_above(turn, max(ids))


async def jobs_put(turn: Turn) -> int:
    """Return the number of jobs put since the server started: each took an id. After a restart with a
    binlog ids are higher."""
    try:
        return (await turn.call(commands.stats())).get("total-jobs", 0)
    except BeanstalkdError:  # some servers refuse it
        return 0


async def probe_above(turn: Turn, id: int) -> int:
    """Return the highest job id that can be found quickly above this one; if there is none, this one."""
    while (higher := await _probe_above(turn, id)) > id:
        id = higher
    return id


async def _head_ids(turn: Turn, tube: str | None, most: int) -> list[int]:
    """Return the ids of the first jobs of the tubes, by state. In a busy tube these are recent."""
    listed, _ = await turn.call(commands.first_tubes(MAX_LISTED))
    names = sorted(listed, key=lambda name: name != tube)
    peeks = [command for name in names[:most] for command in _peek_commands(name)]
    answers = await turn.pipeline([*peeks, commands.use(DEFAULT_TUBE)])
    return [answer for answer in answers if isinstance(answer, int)]


async def _probe_above(turn: Turn, start: int) -> int:
    """Return the highest job id found at exponentially growing distances above `start`."""
    starts = [start + 2**power for power in range(6, 36)]
    ids = [id for first in starts for id in range(first, first + PROBED) if id <= MAX_ID]
    answers = await turn.pipeline(ask_for(ids))
    return max((job.id for job in answers if isinstance(job, JobInfo)), default=start)


def _peek_commands(name: str) -> list[Command[str] | Command[int]]:
    """Return the commands that peek at a tube; none if its name is invalid for a client."""
    try:
        return [commands.use(name), *_PEEKS]
    except ValueError:
        return []


def _id(reply: Reply) -> int:
    return int(reply.values[0])


_PEEKS = [
    Command(peek.wire, peek.success, _id)  # drops the bodies, which may be large
    for peek in (commands.peek_ready(), commands.peek_delayed(), commands.peek_buried())
]
