"""Ask a server once for the ages of the first jobs of tubes."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from beantop.beanstalk import (
    DEFAULT_TUBE,
    BeanstalkdError,
    Command,
    Job,
    NotFoundError,
    StatsJob,
    commands,
)
from beantop.beanstalk.blocking import BlockingPipeline
from beantop.monitor.sampled import HeadState

Head: TypeAlias = tuple[str, HeadState]
"""A tube, and a state of its jobs."""

Ages: TypeAlias = Mapping[Head, int | None]
"""Seconds since the first job was put; None if there is no job. What could not be learned is missing."""

TRIES = 3
"""How often a tube is asked, if its first job is gone before its age is known."""

BATCH = 32
"""Tubes that are asked together: their first bodies are in memory at the same time."""

_PEEKS: Mapping[HeadState, Command[Job[bytes]]] = {
    "ready": commands.peek_ready(),
    "buried": commands.peek_buried(),
}


def first_ages(connection: BlockingPipeline, heads: Sequence[Head], timeout: float) -> Ages:
    """Return the ages of these first jobs. The tubes must exist: `use` would create another one. Raises
    `Error`."""
    ages: dict[Head, int | None] = {}
    for _ in range(TRIES):
        left = iter([head for head in heads if head not in ages])
        while batch := list(islice(left, BATCH)):
            ages |= _ages_of(connection, batch, timeout)
    connection.call(commands.use(DEFAULT_TUBE), timeout)
    return ages


def _ages_of(connection: BlockingPipeline, heads: Sequence[Head], timeout: float) -> Ages:
    asked = [command for tube, state in heads for command in (commands.use(tube), _PEEKS[state])]
    peeked = list(islice(connection.pipeline(asked, timeout), 1, None, 2))
    found = {head: job for head, job in zip(heads, peeked, strict=True) if isinstance(job, Job)}
    stats = connection.pipeline(_stats(found.values()), timeout)
    ages: dict[Head, int | None] = {
        head: None
        for head, answer in zip(heads, peeked, strict=True)
        if isinstance(answer, NotFoundError)
    }
    for head, answer in zip(found, stats, strict=True):
        if not isinstance(answer, BeanstalkdError) and (age := answer.get("age")) is not None:
            ages[head] = age
    return ages


def _stats(jobs: Iterable[Job[bytes]]) -> list[Command[StatsJob]]:
    return [commands.stats_job(job.id) for job in jobs]
