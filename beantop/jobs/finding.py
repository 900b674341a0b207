"""Finding all jobs of a tube at once, for commands: without a screen, nobody waits for the rest."""

from collections.abc import AsyncIterator, Sequence

from beantop.beanstalk import NotFoundError, State, commands, format_address
from beantop.beanstalk.commands import is_tube
from beantop.did_you_mean import similar
from beantop.jobs.body_batches import largest_job, peek_some
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.scan import Coverage, Scan

MAX_LOOKED_THROUGH = 100_000
"""Tubes among which the name that was meant is looked for."""

BATCH = 500
"""Bodies in one turn of the connection, unless they are large."""


class NoTube(Exception):
    """The server has no tube of that name. The text is a clause that says so."""

    def __init__(self, connection: ActingConnection, tube: str, meant: str = "") -> None:
        """`meant` is a tube with a similar name, if there is one."""
        server = format_address(connection.address)
        why = "a tube exists only while it holds jobs or a client uses or watches it"
        hint = f"did you mean {meant}?" if meant else why
        super().__init__(f"{server} has no tube {tube} ({hint})")


async def find_all(
    connection: ActingConnection, tube: str, state: State | None = None
) -> tuple[Sequence[JobInfo], Coverage]:
    """Return the jobs of a tube by id, only those in a state if one is given, and what the search
    covered. Raises `NoTube`, and `Error` as the connection does."""
    await check_that_tube_exists(connection, tube)
    await learn_largest_job(connection)
    return await walk(connection, tube, state)


async def walk(
    connection: ActingConnection, tube: str | None, state: State | None = None
) -> tuple[Sequence[JobInfo], Coverage]:
    """Return the jobs of a tube that exists, or of the server if that is None, as `find_all` does."""
    scan = Scan(connection, tube, state=state)
    coverage = await scan.run()
    while not coverage.complete:
        before, coverage = coverage, await scan.run()
        if coverage.walked == before.walked:
            break  # no more ids
    return [scan.found[id] for id in sorted(scan.found)], coverage


async def check_that_tube_exists(connection: ActingConnection, tube: str) -> None:
    """Raise `NoTube` if the server does not have it. Must come first: finding the jobs of a tube uses it,
    which creates it."""
    async with connection.turn() as turn:
        try:
            await turn.call(commands.stats_tube(tube))
        except NotFoundError:
            names, _ = await turn.call(commands.first_tubes(MAX_LOOKED_THROUGH))
            raise NoTube(connection, tube, similar(tube, list(filter(is_tube, names)))) from None


async def learn_largest_job(connection: ActingConnection) -> None:
    """Have the connection accept bodies as large as this server does, and no larger ones."""
    async with connection.turn() as turn:
        most = largest_job(await turn.call(commands.stats()))
    connection.largest_job = lambda: most


async def read_bodies(
    connection: ActingConnection, jobs: Sequence[JobInfo]
) -> AsyncIterator[list[tuple[JobInfo, bytes]]]:
    """Yield these jobs with their bodies, in batches; without those that are gone by then."""
    start = 0
    while start < len(jobs):
        batch = jobs[start : start + BATCH]
        async with connection.turn() as turn:
            peeked = await peek_some(turn, [job.id for job in batch])
        yield [(job, found.body) for job, found in zip(batch, peeked, strict=False) if found]
        start += len(peeked)
