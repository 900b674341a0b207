"""Print the jobs of a tube that the servers have now, or groups of them."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, closing
from typing import TypeAlias, TypeVar

from beantop.beanstalk import Error, describe_error, format_address
from beantop.commands.found import Found, Wanted, code_of, find_on_each
from beantop.commands.invocation import Invocation
from beantop.commands.printer import Printer
from beantop.commands.repeated import repeat, with_time
from beantop.config import ServerConfig
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK, USAGE
from beantop.formatting import grouped, plural
from beantop.jobs.connection import ActingConnection
from beantop.jobs.finding import read_bodies
from beantop.jobs.job_info import JobInfo
from beantop.report.jobs import (
    BODY_FIELDS,
    EXPENDABLE,
    EXPENDABLE_OF_GROUPS,
    FIELDS,
    GROUP_FIELDS,
    GROUP_SERVER,
    SERVER,
    GroupRow,
    JobRow,
    group_rows,
    job_row,
)
from beantop.report.output import say

Row = TypeVar("Row")

Batches: TypeAlias = Callable[
    [ServerConfig, ActingConnection, Sequence[JobInfo]], AsyncIterator[Sequence[Row]]
]
"""Reads what is printed of the jobs of a server."""


def list_jobs(invocation: Invocation, wanted: Wanted) -> int:
    """Print the jobs, or their groups, and return the exit code. Raises ValueError for a wrong
    argument."""

    def print_once(is_first: bool) -> int:
        code = _list_once(invocation, wanted, is_first=is_first)
        # A tube that was there may come again.
        return code if is_first or code != USAGE else OK

    return repeat(invocation, print_once)


def _list_once(invocation: Invocation, wanted: Wanted, *, is_first: bool) -> int:
    if invocation.options.group:
        groups = Printer(
            invocation,
            with_time(invocation, GROUP_FIELDS),
            GROUP_SERVER,
            EXPENDABLE_OF_GROUPS,
            at_once=False,
            is_first=is_first,
        )
        read_groups = _groups_by(invocation.options.group, wanted)
        return asyncio.run(_list(invocation, wanted, groups, read_groups))
    printer = job_printer(invocation, at_once=False, is_first=is_first)
    return asyncio.run(_list(invocation, wanted, printer, _rows(invocation, wanted, printer)))


def job_printer(invocation: Invocation, *, at_once: bool, is_first: bool = True) -> Printer[JobRow]:
    """Return what prints jobs."""
    bodies = BODY_FIELDS if invocation.options.bodies else ()
    fields = with_time(invocation, [*FIELDS, *bodies])
    return Printer(invocation, fields, SERVER, EXPENDABLE, at_once=at_once, is_first=is_first)


async def _list(
    invocation: Invocation, wanted: Wanted, printer: Printer[Row], read: Batches[Row]
) -> int:
    servers = invocation.servers
    with ExitStack() as stack:
        connections = [
            stack.enter_context(closing(ActingConnection(server.address))) for server in servers
        ]
        found = await find_on_each(servers, wanted, connections)
        if any(each.code != NO_CONNECTION for each in found):
            printer.print(())  # the headings of CSV
        codes = [
            await _print(server, connection, each.jobs, printer, read) or each.code
            for server, connection, each in zip(servers, connections, found, strict=True)
        ]
    printer.end()
    if printer.is_table:
        _say_how_many(
            wanted,
            found,
            printer,
            invocation.options,
        )
    return code_of(codes)


async def _print(
    server: ServerConfig,
    connection: ActingConnection,
    jobs: Sequence[JobInfo],
    printer: Printer[Row],
    read: Batches[Row],
) -> int:
    """Print what there is to print of one server. Return the exit code."""
    try:
        async for rows in read(server, connection, jobs):
            printer.print(rows)
    except Error as error:
        say(f"lost {format_address(server.address)}, so jobs are missing: {describe_error(error)}")
        return INCOMPLETE
    return OK


def _say_how_many(
    wanted: Wanted, found: Sequence[Found], printer: Printer[Row], options: argparse.Namespace
) -> None:
    """Say what a table cannot: that it would be empty, or that more was found."""
    limit, by_groups = options.limit, options.group
    total = sum(len(each.jobs) for each in found)
    if not total and any(each.code == OK for each in found):
        such = " such" if wanted.state or wanted.filter else ""
        say(f"{wanted.tube} has no{such} jobs")
    elif limit and not by_groups and total > limit:
        say(f"{grouped(total)} jobs were found; --limit left out {grouped(total - limit)}")
    elif printer.left_out:
        say(f"--limit left out {plural(printer.left_out, 'group')}")


def _rows(invocation: Invocation, wanted: Wanted, printer: Printer[JobRow]) -> Batches[JobRow]:
    with_body = invocation.options.bodies

    async def read(
        server: ServerConfig, connection: ActingConnection, jobs: Sequence[JobInfo]
    ) -> AsyncIterator[Sequence[JobRow]]:
        async for batch in read_bodies(connection, jobs[: printer.left]):
            yield [
                job_row(server.title, job, body, wanted.reading, with_body=with_body)
                for job, body in batch
            ]

    return read


def _groups_by(by: str, wanted: Wanted) -> Batches[GroupRow]:
    import time

    from beantop.jobs.groups import GROUPINGS, Census, by_field, groups_of
    from beantop.monitor.fields import BODY

    path = "" if by in GROUPINGS else by.removeprefix(BODY)
    grouping = GROUPINGS.get(by) or by_field(path)

    async def read(
        server: ServerConfig, connection: ActingConnection, jobs: Sequence[JobInfo]
    ) -> AsyncIterator[Sequence[GroupRow]]:
        census = Census(connection)
        census.reading_of = lambda id: wanted.reading
        census.read_field(path)
        if grouping.reads_bodies:
            await census.run({job.id: job for job in jobs}, census.facts)
        groups = groups_of(jobs, census.results, grouping, time.monotonic())
        if jobs and path and not any(facts.field for facts in census.results.values()):
            say(await _no_such_field(connection, wanted, path, jobs))
        elif jobs and not groups:
            say(f"none of the {plural(len(jobs), 'job')} of {wanted.tube} is in a group by {by}")
        yield group_rows(server.title, wanted.tube, by, groups)

    return read


async def _no_such_field(
    connection: ActingConnection, wanted: Wanted, path: str, jobs: Sequence[JobInfo]
) -> str:
    """Return a sentence that no body has this field, with the most similar field of the first body."""
    from beantop.did_you_mean import similar
    from beantop.jobs.bodies.fields import Fields

    sentence = f"none of the bodies has a field {path}"
    async for batch in read_bodies(connection, jobs[:1]):
        for _, body in batch:
            shown = wanted.reading.shown(body)
            names = Fields(shown.body, shown.reading.decoder).names
            below = next((name for name in names if name.endswith(f".{path}")), "")
            if meant := below or similar(path, names):
                sentence += f", did you mean {meant}?"
    return sentence
