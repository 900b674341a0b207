"""Where the ids of a server's jobs end, as far as a few questions can tell."""

from beantop.beanstalk import DEFAULT_TUBE, Command, Reply, commands
from beantop.beanstalk.commands import MAX_ID
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo, ask_for

MAX_HEADS = 256
"""Tubes whose first jobs are looked at."""

PROBED = 64
"""Ids asked for at each step of a leap."""


async def newest_id(turn: Turn, tube: str | None = None) -> int:
    """The id of a job that is as new as can be known; 0 if none is. `tube` is looked at in any
    case, however many tubes there are."""
    newest = max(await _head_ids(turn, tube), default=0)
    while (higher := await _leap(turn, newest)) > newest:
        newest = higher
    return newest


async def _head_ids(turn: Turn, tube: str | None) -> list[int]:
    """The ids of the first jobs of all states of the tubes. Of a queue that moves they are new."""
    names = sorted(await turn.call(commands.tubes()), key=lambda name: name != tube)
    asked = [look for name in names[:MAX_HEADS] for look in _looks(name)]
    answers = await turn.pipeline([*asked, commands.use(DEFAULT_TUBE)])
    return [answer for answer in answers if isinstance(answer, int)]


async def _leap(turn: Turn, start: int) -> int:
    """The highest job among those a little, a little more, and ever further above `start`."""
    leaps = [start + 2**power for power in range(6, 36)]
    ids = [id for leap in leaps for id in range(leap, leap + PROBED) if id <= MAX_ID]
    answers = await turn.pipeline(ask_for(ids))
    return max((job.id for job in answers if isinstance(job, JobInfo)), default=start)


def _looks(name: str) -> list[Command[str] | Command[int]]:
    """What asks for the first jobs of a tube; nothing where no client can ask for its name."""
    try:
        return [commands.use(name), *_PEEKS]
    except ValueError:
        return []


def _id(reply: Reply) -> int:
    return int(reply.values[0])


_PEEKS = [
    Command(peek.wire, peek.success, _id)  # without the bodies, which may be large
    for peek in (commands.peek_ready(), commands.peek_delayed(), commands.peek_buried())
]
