"""Looking at jobs without touching them."""

from dataclasses import dataclass, field

from beantop.beanstalk import BeanstalkdError, Error, Job, NotFoundError, State, StatsJob, commands
from beantop.jobs.connection import ActingConnection


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job as it was at one moment."""

    id: int
    body: bytes
    stats: StatsJob = field(default_factory=StatsJob)
    """All that the server said of it, under the protocol's keys."""

    @property
    def tube(self) -> str:
        return self.stats.get("tube", "")

    @property
    def state(self) -> State | None:
        return self.stats.get("state")


@dataclass(frozen=True, slots=True)
class Heads:
    """The first job of each state of a tube that has one: what `peek-ready`, `-delayed` and
    `-buried` show. Who holds the reserved ones cannot be asked."""

    ready: JobSeen | None = None
    delayed: JobSeen | None = None
    buried: JobSeen | None = None


async def look_at_job(connection: ActingConnection, id: int) -> JobSeen | None:
    """The job, in whatever state; None when there is no such job (any more)."""
    try:
        job = await connection.call(commands.peek(id))
        return await _with_stats(connection, job)
    except NotFoundError:
        return None


async def look_at_heads(connection: ActingConnection, tube: str) -> Heads:
    """The first jobs of a tube. A tube that is not there has none, and is not created by looking.

    A tube with a name that no client can ask for is an `Error`.
    """
    try:
        await connection.call(commands.stats_tube(tube))
    except NotFoundError:
        return Heads()
    except ValueError as error:
        raise Error(str(error)) from None
    peeks = [commands.peek_ready(), commands.peek_delayed(), commands.peek_buried()]
    found = await connection.pipeline_in(tube, peeks)
    return Heads(*[await _head(connection, job) for job in found])


async def _head(connection: ActingConnection, job: Job[bytes] | BeanstalkdError) -> JobSeen | None:
    if isinstance(job, NotFoundError):
        return None
    if isinstance(job, BeanstalkdError):
        raise job
    try:
        return await _with_stats(connection, job)
    except NotFoundError:  # a worker took it and was done with it meanwhile
        return None


async def _with_stats(connection: ActingConnection, job: Job[bytes]) -> JobSeen:
    return JobSeen(job.id, job.body, await connection.call(commands.stats_job(job.id)))
