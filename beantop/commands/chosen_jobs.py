"""The jobs that a command changes: by their ids, or in a tube by state and filter."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beantop.beanstalk import State
from beantop.commands.filtered import passing
from beantop.formatting import is_digits
from beantop.jobs import finding
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo, ask_for

if TYPE_CHECKING:
    from beantop.app.view.job_filter import JobFilter


class NotFound(Exception):
    """The tube does not exist, or not all of its jobs were found. The text is a clause."""


@dataclass(frozen=True)
class Choice:
    """The jobs that the arguments choose."""

    ids: Sequence[int] = ()
    """The ids of the jobs; then nothing else matters."""
    tube: str = ""
    state: State | None = None
    """None for any state."""
    filter: "JobFilter | None" = None
    most: int | None = None
    """The number of jobs at most, those with the lowest ids; None for all."""


@dataclass(frozen=True)
class Chosen:
    """The jobs that were found."""

    jobs: Sequence[JobInfo]
    """Sorted by id."""
    gone: Sequence[int] = ()
    """Ids of jobs that do not exist."""
    undecided: int = 0
    """Number of jobs left out since their bodies could not be read to the end."""


async def choose(
    connection: ActingConnection, choice: Choice, reading_of: Callable[[str], Reading]
) -> Chosen:
    """Find the jobs without changing any. `reading_of` returns how the bodies of a tube are read. Raises
    `NotFound`, ValueError for a filter that takes too long, and what the connection raises."""
    if choice.ids:
        return await _by_ids(connection, choice.ids)
    found = await _all(connection, choice.tube, choice.state)
    chosen, undecided = await passing(connection, found, choice.filter, reading_of)
    return Chosen(chosen[: choice.most], undecided=undecided)


async def check_that_tube_exists(
    connection: ActingConnection, tube: str, *, may_be_job: bool = False
) -> None:
    """Raise `NotFound` if the server does not have it; with a hint if it may be the id of a job."""
    with _no_tube_named(tube, may_be_job=may_be_job):
        await finding.check_that_tube_exists(connection, tube)


@contextmanager
def _no_tube_named(tube: str, *, may_be_job: bool) -> Iterator[None]:
    """Raise `NotFound` for a `NoTube` in the block."""
    try:
        yield
    except finding.NoTube as error:
        is_id = may_be_job and is_digits(tube)
        hint = f"; a job is named with --job {tube}" if is_id else ""
        raise NotFound(f"{error}{hint}") from None


async def _by_ids(connection: ActingConnection, ids: Sequence[int]) -> Chosen:
    ids = sorted(set(ids))
    async with connection.turn() as turn:
        answers = await turn.pipeline(ask_for(ids))
    jobs, gone = list[JobInfo](), list[int]()
    for id, answer in zip(ids, answers, strict=True):
        if isinstance(answer, Exception):
            raise answer
        if answer:
            jobs.append(answer)
        else:
            gone.append(id)
    return Chosen(jobs, gone)


async def _all(connection: ActingConnection, tube: str, state: State | None) -> Sequence[JobInfo]:
    """Return the jobs of the tube by id."""
    with _no_tube_named(tube, may_be_job=True):
        jobs, coverage = await finding.find_all(connection, tube, state)
    if not coverage.complete:
        raise NotFound(f"only {coverage.found:,} of {coverage.counted:,} jobs of {tube} were found")
    return [job for job in jobs if state in (None, job.state)]
