"""The list of jobs that beanstalkd-pi has: `list-jobs TUBE STATE LIMIT`. No other server knows it."""

import re

from beantop.beanstalk import BeanstalkdError, Command, Reply, commands
from beantop.jobs.connection import Turn

MAX_SHOWN = 10_000
"""Jobs of a state that the server lists."""

LONGEST_LINE = 224
"""Bytes of a command line that beanstalkd reads, its end included."""

_ID = re.compile(rb"\bid:? +\"?([0-9]{1,20})")


async def listed_ids(turn: Turn, tube: str) -> list[int]:
    """The ids of ready, delayed and buried jobs; none of a server that has no such list."""
    name = commands.check_tube(tube)
    asked = [
        Command(b"list-jobs %b %b %d\r\n" % (name, state, MAX_SHOWN), b"OK", _ids)
        for state in (b"ready", b"delayed", b"buried")
    ]
    if any(len(command.wire) > LONGEST_LINE for command in asked):
        return []  # the server would read it as two
    answers = await turn.pipeline(asked)
    return [id for ids in answers if not isinstance(ids, BeanstalkdError) for id in ids]


def _ids(reply: Reply) -> list[int]:
    """What stands as `id: 17`, however the rest of it is written."""
    return [int(id) for id in _ID.findall(reply.body)]
