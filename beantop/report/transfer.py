"""Export the jobs of a tube to a file, and import them from a file, without a screen."""

import asyncio
import errno
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from fnmatch import fnmatchcase
from typing import IO

from beantop.beanstalk import (
    Address,
    Error,
    commands,
    describe_error,
    format_address,
)
from beantop.beanstalk.commands import MAX_ID
from beantop.config.guards import Guards, Sight
from beantop.ending import ended_by
from beantop.exit_codes import INCOMPLETE, INTERRUPTED, NO_CONNECTION, OK, USAGE
from beantop.formatting import grouped, plural
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading, Shown
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import BATCH, Bulk
from beantop.jobs.connection import ActingConnection
from beantop.jobs.finding import (
    NoTube,
    check_that_tube_exists,
    learn_largest_job,
    read_bodies,
    walk,
)
from beantop.jobs.job_info import JobInfo
from beantop.jobs.journal import Journal
from beantop.jobs.known_server import KnownServer
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob, line_of, read_import, saved
from beantop.jobs.scan import Coverage
from beantop.jobs.storage import describe_file_error, new_file, open_regular
from beantop.report.export_file import ExportFile, continued, is_pattern

NOTE = b'{"kind":'
"""The start of a line in a file of the trash that is not a job."""

LAST_BATCH = 8.0
"""Seconds for the batch that is on its way when a signal stops an import."""


def as_recognized(tube: str) -> Reading:
    """Return how bodies are read without a configuration."""
    return AS_RECOGNIZED


def export_to(
    address: Address,
    tube: str,
    name: str,
    reading_of: Callable[[str], Reading] = as_recognized,
    *,
    resume: bool = False,
) -> tuple[int, str]:
    """Export a tube, or all tubes that match a pattern, to a new file, or to standard output (`-`), without
    what `reading_of` a tube masks. With `resume` the file may exist, and gets the jobs that it lacks.
    Return the exit code and a sentence for the user, or "". Foreign text in it is not yet safe to show."""
    rest = _rest(name, resume)
    try:
        with (continued if resume else _output)(name) as out:
            written, coverage = asyncio.run(_export(address, tube, out, reading_of))
    except (KeyboardInterrupt, SystemExit) as error:
        return _code_of(error), f"stopped: {tube} was not exported{rest}"
    except NoTube:
        server = format_address(address)
        why = "a tube exists only while it holds jobs or a client uses or watches it"
        like = " like" if is_pattern(tube) else ""
        return USAGE, f"{server} has no tube{like} {tube} ({why}); nothing was exported"
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
    return _exported(tube, written, coverage, out)


def _rest(name: str, resume: bool) -> str:
    """Return what follows from an end before the last job, as the end of a sentence."""
    if resume:
        return "; what was written stays, and --resume goes on"
    return "; the output is incomplete" if name == "-" else ""


def _exported(tube: str, written: int, coverage: Coverage, out: ExportFile) -> tuple[int, str]:
    """Return the exit code and the sentence for what was written."""
    said = f"{plural(written, 'more job' if out.known else 'job')} of {tube}"
    if not coverage.complete:
        return INCOMPLETE, f"exported only {said}; the server counts {coverage.counted:,}"
    has = f"; the file has {grouped(written + len(out.known))}" if out.known else ""
    return OK, f"exported {said}{has}"


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
            job = job if tube is None else job._replace(tube=tube)
            commands.check_tube(job.tube)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        jobs.append(job)
    return jobs


async def _export(
    address: Address, tube: str, out: ExportFile, reading_of: Callable[[str], Reading]
) -> tuple[int, Coverage]:
    """Write a line for each job that the file lacks, by id. Return the number of jobs, and what the search
    covered. Raises `NoTube`, `Error`, and OSError and ValueError for the file."""
    with closing(ActingConnection(address)) as connection:
        names = await _existing_tubes(connection, tube)
        await learn_largest_job(connection)
        # A walk covers all ids of the server, so there is one for all tubes.
        found, coverage = await walk(connection, next(iter(names)) if len(names) == 1 else None)
        missing = out.missing([job for job in found if job.tube in names])
        written = 0
        async for batch in read_bodies(connection, missing):
            out.file.writelines(_line(job, reading_of(job.tube).shown(body)) for job, body in batch)
            written += len(batch)
    return written, coverage


async def _existing_tubes(connection: ActingConnection, tube: str) -> Collection[str]:
    """Return the tubes with this name, or like this pattern. Must come first: finding the jobs of a tube
    uses it, which creates it. Raises `NoTube`."""
    if not is_pattern(tube):
        await check_that_tube_exists(connection, tube)
        return {tube}
    async with connection.turn() as turn:
        names, _ = await turn.call(commands.first_tubes(MAX_ID))
    if matching := {name for name in names if fnmatchcase(name, tube)}:
        return matching
    raise NoTube


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


@contextmanager
def _output(name: str) -> Iterator[ExportFile]:
    if name != "-":
        with new_file(name) as file:
            yield ExportFile(file)
    elif sys.stdout is None:
        raise ValueError("standard output is closed")
    else:
        with open(sys.stdout.fileno(), "wb", closefd=False) as file:
            yield ExportFile(file)


def _input(name: str) -> AbstractContextManager[IO[bytes]]:
    if name != "-":
        return os.fdopen(open_regular(name, os.O_RDONLY), "rb")
    if sys.stdin is None:
        raise ValueError("standard input is closed")
    return nullcontext(sys.stdin.buffer)


def _place(name: str, direction: str) -> str:
    return f"standard {direction}" if name == "-" else name
