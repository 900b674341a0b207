"""How many bodies are held at once: a job may have a gigabyte, and nothing tells before it comes."""

from collections.abc import Iterable, Sequence

from beantop.beanstalk import BeanstalkdError, Job, NotFoundError, commands
from beantop.jobs.connection import Turn

MAX_BYTES = 32 * 2**20
"""Of bodies in one portion: 512 of the largest that a server takes unless it is told to (`-z`)."""

FIRST, GROWTH = 8, 8
"""Bodies that are asked for before the size of any is known, and how many times more when those
were small."""


def fitting(sizes: Iterable[int]) -> int:
    """How many of the first are one portion; one is, however large.

    >>> fitting([10, MOST_BYTES - 10, 1]), fitting([2 * MOST_BYTES, 1])
    (2, 1)
    """
    count = held = 0
    for size in sizes:
        held += size
        if count and held > MAX_BYTES:
            break
        count += 1
    return count


async def peek_some(turn: Turn, ids: Sequence[int]) -> list[Job[bytes] | None]:
    """The first of these jobs, with their bodies: as many as are one portion; None for one that is
    not there (any more)."""
    answers: list[Job[bytes] | None] = []
    held, largest, count = 0, 1, FIRST
    while count > 0 and len(answers) < len(ids):
        some = ids[len(answers) : len(answers) + count]
        more = list(map(_job_or_none, await turn.pipeline([commands.peek(id) for id in some])))
        sizes = [len(job.body) for job in more if job]
        answers += more
        held, largest = held + sum(sizes), max(largest, *sizes, 1)
        count = min(GROWTH * count, (MAX_BYTES - held) // largest)
    return answers


def _job_or_none(answer: Job[bytes] | BeanstalkdError) -> Job[bytes] | None:
    if isinstance(answer, Job):
        return answer
    if isinstance(answer, NotFoundError):
        return None
    raise answer
