"""`--state` and `--filter`: the jobs of a tube that a command is about."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, get_args

from beantop.beanstalk import State
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.body_reader import BodyReader, Passes
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo

if TYPE_CHECKING:
    from beantop.app.view.job_filter import JobFilter


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Take a state, and a filter in the language of `/` on the screen."""
    parser.add_argument("--state", choices=get_args(State), help="only jobs in this state")
    parser.add_argument(
        "--filter",
        type=read_filter,
        metavar="EXPR",
        help="only jobs that pass this filter, as / takes it on the screen: 'age > 1d and class ="
        " Send*'",
    )


def read_filter(text: str) -> "JobFilter":
    """Read a filter. An empty one, as from an unset variable in a script, would let all jobs pass."""
    from beantop.app.view.job_filter import JobFilter  # large, and often not needed

    chosen = JobFilter(text.strip())
    if problem := chosen.problem.partition("\n")[0]:
        raise argparse.ArgumentTypeError(problem)
    if not chosen.text:
        raise argparse.ArgumentTypeError("it must not be empty")
    return chosen


async def passing(
    connection: ActingConnection,
    jobs: Sequence[JobInfo],
    chosen: "JobFilter | None",
    reading_of: Callable[[str], Reading],
) -> tuple[Sequence[JobInfo], int]:
    """Return the jobs that pass, and the number of others whose bodies could be read only in part, which
    does not decide. `reading_of` returns how the bodies of a tube are read. Raises ValueError if a
    regular expression takes too long, and what the connection raises."""
    if chosen is None:
        return jobs, 0
    reader = BodyReader[Passes](connection)
    if chosen.wants_bodies:
        by_id = {job.id: job for job in jobs}
        await reader.run(by_id, chosen.matcher(lambda id: reading_of(by_id[id].tube)))
    if chosen.problem:
        raise ValueError(f"--filter: {chosen.problem.partition(chr(10))[0]}")
    kept = list(filter(chosen.test(reader.results), jobs))
    return kept, len(reader.undecided.difference(job.id for job in kept))
