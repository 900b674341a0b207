"""The job list of beanstalkd-pi, `list-jobs TUBE STATE LIMIT`, which no other server has."""

import re

from beantop.beanstalk import BeanstalkdError, Command, Reply, commands
from beantop.jobs.connection import Turn

MAX_SHOWN = 10_000
"""Jobs per state that the server is asked to list."""

LONGEST_LINE = 224
"""Maximum bytes of a command line in beanstalkd, including the line end."""

_ID = re.compile(rb"\bid:? +\"?([0-9]{1,20})")


async def listed_ids(turn: Turn, tube: str) -> list[int]:
    """Return the ids of ready, delayed and buried jobs; none if the server cannot list them."""
    name = commands.check_tube(tube)
    asked = [
        Command(b"list-jobs %b %b %d\r\n" % (name, state, MAX_SHOWN), b"OK", _ids)
        for state in (b"ready", b"delayed", b"buried")
    ]
    if any(len(command.wire) > LONGEST_LINE for command in asked):
        return []  # the server would read it as two commands
    answers = await turn.pipeline(asked)
    return [id for ids in answers if not isinstance(ids, BeanstalkdError) for id in ids]


def _ids(reply: Reply) -> list[int]:
    """Return all ids written as `id: 17`, whatever the format of the rest."""
    return [int(id) for id in _ID.findall(reply.body)]
