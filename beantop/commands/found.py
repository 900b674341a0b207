"""The jobs that a command is about: those of a tube, by state and filter, on several servers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beantop.beanstalk import Error, State, commands, describe_error, format_address
from beantop.commands.filtered import passing
from beantop.commands.invocation import Invocation
from beantop.config import ServerConfig
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK, USAGE
from beantop.formatting import plural
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.connection import ActingConnection
from beantop.jobs.finding import NoTube, find_all
from beantop.jobs.job_info import JobInfo
from beantop.report.output import say

if TYPE_CHECKING:
    from beantop.app.view.job_filter import JobFilter


@dataclass(frozen=True)
class Wanted:
    """What jobs a command is about."""

    tube: str
    state: State | None
    filter: "JobFilter | None"
    reading: Reading
    """How the bodies of the tube are read."""


def wanted_of(invocation: Invocation) -> Wanted:
    """Return what jobs the arguments ask for. Raises ValueError with a sentence."""
    options = invocation.options
    commands.check_tube(options.tube)
    reading = invocation.settings.reading(options.tube)
    return Wanted(options.tube, options.state, options.filter, reading)


@dataclass(frozen=True)
class Found:
    """The jobs of one server."""

    jobs: Sequence[JobInfo] = ()
    """Sorted by id."""
    code: int = OK
    """Exit code unless a later step fails."""
    problem: str = ""
    """Why there are no jobs, or not all; a sentence, or ""."""


async def find_on_each(
    servers: Sequence[ServerConfig], wanted: Wanted, connections: Sequence[ActingConnection]
) -> list[Found]:
    """Find the jobs of each server, on all of them at the same time, and say what went wrong."""
    pairs = zip(servers, connections, strict=True)
    found = await asyncio.gather(*(_find(server, wanted, own) for server, own in pairs))
    for each in found:
        if each.problem:
            say(each.problem)
    return found


def code_of(codes: Sequence[int]) -> int:
    """Return the exit code of a command, given that of each server. A tube may be on one of them only.

    >>> code_of([OK, USAGE]), code_of([USAGE, USAGE]), code_of([OK, NO_CONNECTION])
    (0, 2, 4)
    """
    others = {code for code in codes if code != USAGE} or {USAGE}
    return others.pop() if len(others) == 1 else INCOMPLETE


async def _find(server: ServerConfig, wanted: Wanted, connection: ActingConnection) -> Found:
    where, tube = format_address(server.address), wanted.tube
    try:
        jobs, coverage = await find_all(connection, tube, wanted.state)
        chosen, undecided = await passing(connection, jobs, wanted.filter, lambda _: wanted.reading)
    except NoTube as error:
        return Found((), USAGE, str(error))
    except Error as error:
        why = describe_error(error)
        return Found((), NO_CONNECTION, f"cannot list {tube} of {where}: {why}")
    if jobs and wanted.filter and not undecided and (unknown := wanted.filter.unknown_field):
        said = f"none of the bodies has {unknown.words}"
        if not chosen and unknown.is_mistyped:
            return Found((), USAGE, said)
        say(said)
    if not coverage.complete:
        problem = f"{where}: only {plural(coverage.found, 'job')} of {tube} were found; the server counts {coverage.counted:,}"
        return Found(chosen, INCOMPLETE, problem)
    if undecided:
        problem = f"{where}: {plural(undecided, 'job')} of {tube} left out, whose bodies could be searched only in part"
        return Found(chosen, INCOMPLETE, problem)
    return Found(chosen)
