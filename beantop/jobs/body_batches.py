"""Bodies in bounded batches: one may have a gigabyte, and its size is unknown until it arrives."""

from collections.abc import Iterable, Sequence

from beantop.beanstalk import BeanstalkdError, Job, NotFoundError, Stats, commands
from beantop.jobs.connection import Turn

MAX_BYTES = 32 * 2**20
"""Bytes of bodies in one batch: 512 of the largest that a server accepts without `-z`."""

BYTES_OF_A_COMMAND = 32_768
"""Bytes of bodies that cost the server about as much as a command without one: beanstalkd 1.12 needs 6 µs
for a peek, and 0.2 ns for each byte of the body."""

ALWAYS_TAKEN = 2**26
"""Bytes of a body that are accepted whatever limit a server reports. After a restart with a smaller
`-z`, the server still has the larger jobs of its binlog."""

FIRST, GROWTH = 8, 8
"""Bodies requested first, before any size is known, and the growth factor of further requests as
long as bodies are small."""


def largest_job(stats: Stats) -> int:
    """Return the size in bytes of the largest body to accept from a server with these
    statistics."""
    return max(ALWAYS_TAKEN, stats.get("max-job-size", 0))


def fitting(sizes: Iterable[int]) -> int:
    """Return how many of the first sizes fit into one batch; at least one, however large.

    >>> fitting([10, MAX_BYTES - 10, 1]), fitting([2 * MAX_BYTES, 1])
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
    """Peek at the first of these jobs, as many as fit into one batch. None stands for a job that
    does not exist."""
    answers: list[Job[bytes] | None] = []
    held, largest, count = 0, 1, FIRST
    while count > 0 and len(answers) < len(ids):
        requested = ids[len(answers) : len(answers) + count]
        more = list(map(_job_or_none, await turn.pipeline([commands.peek(id) for id in requested])))
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
