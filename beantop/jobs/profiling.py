"""Samples single jobs to measure how long they take: their statistics, and the class in their
bodies."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from beantop.beanstalk import BeanstalkdError, Stats, StatsJob, commands
from beantop.jobs.bodies.job_class import job_class
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.connection import Turn


class Seen(NamedTuple):
    """Results of a round of samples."""

    jobs: list[StatsJob | None]
    """None if there is no such job."""
    after: Stats
    """The `stats` of the server after the samples."""


async def sample_jobs(turn: Turn, ids: Iterable[int]) -> Seen:
    """Sample jobs by their ids, without any effect on them. Raises as `Turn.pipeline`."""
    answers = await turn.pipeline(map(commands.stats_job, ids))
    jobs = [None if isinstance(answer, BeanstalkdError) else answer for answer in answers]
    return Seen(jobs, await turn.call(commands.stats()))


async def classes_of(turn: Turn, readings: Mapping[int, Reading]) -> list[tuple[str, int]]:
    """Return the class of each job, "" if it has none or is gone, and the bytes of its body. `readings`
    has how to read the bodies, by id."""
    answers = await turn.pipeline(map(commands.peek, readings))
    bodies = [b"" if isinstance(answer, BeanstalkdError) else answer.body for answer in answers]
    return [
        (job_class(body, reading) or "" if body else "", len(body))
        for body, reading in zip(bodies, readings.values(), strict=True)
    ]
