"""Export the jobs of a tube to a file, and import them from a file, without a screen."""

import asyncio
import errno
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from typing import IO

from beantop.beanstalk import (
    Address,
    Error,
    NotFoundError,
    commands,
    describe_error,
    format_address,
)
from beantop.config.guards import Guards, Sight
from beantop.ending import ended_by
from beantop.exit_codes import INCOMPLETE, INTERRUPTED, NO_CONNECTION, OK, USAGE
from beantop.formatting import plural
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading, Shown
from beantop.jobs.body_batches import largest_job, peek_some
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import BATCH, Bulk
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.journal import Journal
from beantop.jobs.known_server import KnownServer
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob, line_of, read_import, saved
from beantop.jobs.scan import Coverage, Scan
from beantop.jobs.storage import describe_file_error, new_file, open_regular

NOTE = b'{"kind":'
"""The start of a line in a file of the trash that is not a job."""

LAST_BATCH = 8.0
"""Seconds for the batch that is on its way when a signal stops an import."""


class NoTube(Exception):
    """The server has no tube of that name."""


def export_to(
    address: Address, tube: str, name: str, reading: Reading = AS_RECOGNIZED
) -> tuple[int, str]:
    """Export to a new file, or to standard output (`-`), without what `reading` masks. Return the exit
    code and a sentence for the user, or "". Foreign text in it is not yet safe to show."""
    rest = "; the output is incomplete" if name == "-" else ""
    try:
        commands.check_tube(tube)
        with _output(name) as out:
            written, coverage = asyncio.run(_export(address, tube, out, reading))
    except (KeyboardInterrupt, SystemExit) as error:
        return _code_of(error), f"stopped: {tube} was not exported{rest}"
    except NoTube:
        server = format_address(address)
        why = "a tube exists only while it holds jobs or a client uses or watches it"
        return USAGE, f"{server} has no tube {tube} ({why}); nothing was exported"
    except Error as error:
        why = describe_error(error)
        return NO_CONNECTION, f"cannot export {tube} from {format_address(address)}: {why}{rest}"
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        return OK, ""
    except FileExistsError:
        return USAGE, f"cannot export {tube}: the file {name} exists already"
    except OSError as error:
        return (
            USAGE,
            f"cannot export {tube} to {_place(name, 'output')}: {describe_file_error(error)}",
        )
    except ValueError as error:
        return USAGE, f"cannot export: {error}"
    said = f"{plural(written, 'job')} of {tube}"
    if not coverage.complete:
        return INCOMPLETE, f"exported only {said}; the server counts {coverage.counted:,}"
    return OK, f"exported {said}"


def import_from(
    address: Address,
    tube: str | None,
    name: str,
    journal: Journal | None = None,
    parking: Parking | None = None,
    guards: Guards | None = None,
) -> tuple[int, str]:
    """Import a file, or standard input (`-`), into that tube, or into the tubes that
    the jobs were in, and note it in the log of actions. Return the exit code and a sentence, as
    `export_to` does. Nothing is put on a server that `guards` make read-only."""
    try:
        with _input(name) as file:
            jobs = read_jobs(file, tube)
        return asyncio.run(_import(address, jobs, journal, parking, _place(name, "input"), guards))
    except Error as error:
        why = describe_error(error)
        return NO_CONNECTION, f"cannot import to {format_address(address)}: {why}"
    except (KeyboardInterrupt, SystemExit) as error:
        return _code_of(error), "stopped: nothing was put"
    except OSError as error:
        pipe = "; import - reads a pipe" if error.errno == errno.EINVAL else ""
        return USAGE, f"cannot read {_place(name, 'input')}: {describe_file_error(error)}{pipe}"
    except ValueError as error:
        return USAGE, f"{_place(name, 'input')}: {error}. Nothing was put."


def read_jobs(lines: Iterable[bytes], tube: str | None) -> list[SavedJob]:
    """Return the jobs of a file, for that tube or the tubes they were in. Raises ValueError with the number
    of the wrong line; then nothing is put at all."""
    jobs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if line.startswith(NOTE):
                raise ValueError("this is a file of the trash; U in beantop puts it back")
            job = read_import(line)
            job = job if tube is None else replace(job, tube=tube)
            commands.check_tube(job.tube)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        jobs.append(job)
    return jobs


async def _export(
    address: Address, tube: str, out: IO[bytes], reading: Reading
) -> tuple[int, Coverage]:
    """Write a line for each job of the tube, by id. Return the number of jobs, and what the search covered.
    Raises `NoTube`, `Error`, and OSError for the file."""
    with closing(ActingConnection(address)) as connection:
        await _check_that_tube_exists(connection, tube)
        await _learn_largest_job(connection)
        found, coverage = await _find(connection, tube)
        start = written = 0
        while start < len(found):
            lines, looked_at = await _lines(connection, found[start : start + BATCH], reading)
            out.writelines(lines)
            written += len(lines)
            start += looked_at
    return written, coverage


async def _check_that_tube_exists(connection: ActingConnection, tube: str) -> None:
    """Must come first: finding the jobs of a tube uses it, which creates it."""
    async with connection.turn() as turn:
        try:
            await turn.call(commands.stats_tube(tube))
        except NotFoundError:
            raise NoTube from None


async def _learn_largest_job(connection: ActingConnection) -> None:
    async with connection.turn() as turn:
        most = largest_job(await turn.call(commands.stats()))
    connection.largest_job = lambda: most


async def _find(connection: ActingConnection, tube: str) -> tuple[Sequence[JobInfo], Coverage]:
    scan = Scan(connection, tube)
    coverage = await scan.run()
    while not coverage.complete:
        before, coverage = coverage, await scan.run()
        if coverage.walked == before.walked:
            break  # no more ids
    return [scan.found[id] for id in sorted(scan.found)], coverage


async def _lines(
    connection: ActingConnection, jobs: Sequence[JobInfo], reading: Reading
) -> tuple[list[bytes], int]:
    """Return the jobs of one batch that still exist, and the number of ids read."""
    async with connection.turn() as turn:
        peeked = await peek_some(turn, [job.id for job in jobs])
    lines = [
        _line(job, reading.shown(found.body))
        for job, found in zip(jobs, peeked, strict=False)
        if found
    ]
    return lines, len(peeked)


def _line(job: JobInfo, shown: Shown) -> bytes:
    return f"{line_of(saved(job, shown.body), masked=bool(shown.note))}\n".encode()


async def _import(
    address: Address,
    jobs: list[SavedJob],
    journal: Journal | None,
    parking: Parking | None,
    place: str,
    guards: Guards | None,
) -> tuple[int, str]:
    """Put the jobs from `place`, each in its tube and state. Raises `Error` only if nothing was tried, so
    that a script knows that it may try again."""
    server = format_address(address)
    with closing(ActingConnection(address)) as connection:
        here, guard = await _recognize(connection, guards)
        if guard:
            return (
                USAGE,
                f"this server is {guard} in the configuration, which is read-only; add --write to import",
            )
        if not jobs:  # not a failure: so the export of an empty tube looks
            return OK, f"{place} holds no jobs: nothing was put"
        target = f"{plural(len(jobs), 'job')} from {place}"
        record = parking.begin(here, "put", target) if parking else None
        bulk = Bulk(connection, Import(record), jobs)
        codes: list[int] = []

        def stop(code: int) -> None:
            codes.append(code)
            bulk.stop()

        if journal and len(jobs) > BATCH:  # the program may be ended before the last batch
            journal.note(server, "Putting", target, {})
        with ended_by(stop, seconds=LAST_BATCH):  # so that the user learns what was put
            tally = await bulk.run()
    said = tally.sentence(bulk.act.done, "job")
    if journal:
        journal.note(server, tally.verb(bulk.act.done), target, tally.as_members())
        said = f"{said} {journal.settle()}".rstrip()
    if parking and _was_cut_off(parking, here):
        said += " Jobs may be parked: beantop undo finishes that."
    if tally.done == tally.total:
        return OK, said
    return codes[0] if codes else INCOMPLETE, said


def _code_of(error: KeyboardInterrupt | SystemExit) -> int:
    """Return the exit code of a program that was stopped by a signal."""
    code = error.code if isinstance(error, SystemExit) else INTERRUPTED
    assert isinstance(code, int)  # as `end_orderly` has it
    return code


async def _recognize(
    connection: ActingConnection, guards: Guards | None
) -> tuple[KnownServer, str]:
    """Connect. Return the server that answers, and the configured server whose rules apply to it, if
    any."""
    async with connection.turn() as turn:
        peer = turn.peer
        if not guards or not any(guards):
            return KnownServer.of(connection.address, peer), ""
        stats = await turn.call(commands.stats())
    await guards.look_up()
    guarding = guards.guarding(Sight.of(connection.address, peer, stats))
    here = KnownServer.of(connection.address, peer, stats)
    return here, next((guard.title for guard in guarding), "")


def _was_cut_off(parking: Parking, server: KnownServer) -> bool:
    """Whether this import, or anything before it, left something in the middle."""
    try:
        return bool(parking.cut_off(server))
    except OSError:
        return False


def _output(name: str) -> AbstractContextManager[IO[bytes]]:
    if name != "-":
        return new_file(name)
    if sys.stdout is None:
        raise ValueError("standard output is closed")
    return open(sys.stdout.fileno(), "wb", closefd=False)


def _input(name: str) -> AbstractContextManager[IO[bytes]]:
    if name != "-":
        return os.fdopen(open_regular(name, os.O_RDONLY), "rb")
    if sys.stdin is None:
        raise ValueError("standard input is closed")
    return nullcontext(sys.stdin.buffer)


def _place(name: str, direction: str) -> str:
    return f"standard {direction}" if name == "-" else name
