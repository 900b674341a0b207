"""Export the jobs of tubes to a file, without a screen."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from fnmatch import fnmatchcase
from typing import NamedTuple

from beantop.beanstalk import (
    Address,
    Error,
    commands,
    describe_error,
    format_address,
)
from beantop.beanstalk.commands import MAX_ID
from beantop.config.tube_pattern import is_pattern
from beantop.ending import code_of_signal
from beantop.exit_codes import INCOMPLETE, INTERRUPTED, NO_CONNECTION, OK, USAGE
from beantop.formatting import grouped, plural
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading, Shown
from beantop.jobs.connection import ActingConnection
from beantop.jobs.finding import (
    NoTube,
    check_that_tube_exists,
    learn_largest_job,
    read_bodies,
    walk,
)
from beantop.jobs.job_info import JobInfo
from beantop.jobs.records import PUT_AT, line_of, saved
from beantop.jobs.scan import Coverage
from beantop.jobs.storage import describe_file_error, new_file
from beantop.report.export_file import ExportFile, continued


def export_to(
    address: Address,
    tube: str,
    name: str,
    reading_of: Callable[[str], Reading] = lambda tube: AS_RECOGNIZED,
    *,
    resume: bool = False,
) -> tuple[int, str]:
    """Export a tube, or all tubes that match a pattern, to a new file, or to standard output (`-`), without
    what `reading_of` a tube masks. With `resume` the file may exist, and gets the jobs that it lacks.
    Return the exit code and a sentence for the user, or "". Foreign text in it is not yet safe to show."""
    try:
        with (continued if resume else _output)(name) as out:
            export = asyncio.run(_export(address, tube, out, reading_of))
    except (KeyboardInterrupt, SystemExit) as error:
        code = code_of_signal(error) or INTERRUPTED
        return code, f"stopped: {tube} was not exported{_rest(name, resume)}"
    except NoTube as error:
        return USAGE, f"{error}; nothing was exported"
    except Error as error:
        why = describe_error(error)
        return (
            NO_CONNECTION,
            f"cannot export {tube} from {format_address(address)}: {why}{_rest(name, resume)}",
        )
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        return OK, ""
    except FileExistsError:
        return USAGE, f"cannot export {tube}: the file {name} exists already"
    except OSError as error:
        place = "standard output" if name == "-" else name
        return (
            USAGE,
            f"cannot export {tube} to {place}: {describe_file_error(error)}",
        )
    except ValueError as error:
        return USAGE, f"cannot export: {error}"
    return _exported(tube, export, out)


def _rest(name: str, resume: bool) -> str:
    """Return what follows from an end before the last job, as the end of a sentence."""
    if resume and not os.path.exists(name):
        return "; nothing was written yet"
    if resume:
        return "; what was written stays, and --resume goes on"
    return "; the output is incomplete" if name == "-" else ""


class _Export(NamedTuple):
    """What an export wrote."""

    written: int
    """Jobs."""
    left_out: Counter[str]
    """Jobs that were not written, by the value without which they could not be put as they are."""
    coverage: Coverage
    """What the search covered."""
    masked: int
    """Jobs whose bodies are not the real ones."""


def _exported(tube: str, export: _Export, out: ExportFile) -> tuple[int, str]:
    """Return the exit code and the sentence for what was written."""
    written, left_out, coverage, masked = export
    said = f"{plural(written, 'more job' if out.known else 'job')} of {tube}"
    if not coverage.complete:
        return INCOMPLETE, f"exported only {said}; the server counts {coverage.counted:,}"
    if left_out:
        them = ", ".join(
            f"{plural(count, 'job')} with an unknown {key}" for key, count in left_out.items()
        )
        return INCOMPLETE, f"exported only {said}, and left out {them}"
    if masked:
        jobs = "1 body is" if masked == 1 else f"{grouped(masked)} bodies are"
        why = f"{jobs} masked, which no import takes: --unmask exports them as they are"
        return INCOMPLETE, f"exported {said}; {why}"
    has = f"; the file has {grouped(written + len(out.known))}" if out.known else ""
    return OK, f"exported {said}{has}"


async def _export(
    address: Address, tube: str, out: ExportFile, reading_of: Callable[[str], Reading]
) -> _Export:
    """Write a line for each job that the file lacks, by id, unless an import could not put it as it is.
    Raises `NoTube`, `Error`, and OSError and ValueError for the file."""
    with closing(ActingConnection(address)) as connection:
        names = await _existing_tubes(connection, tube)
        await learn_largest_job(connection)
        # A walk covers all ids of the server, so there is one for all tubes.
        found, coverage = await walk(connection, next(iter(names)) if len(names) == 1 else None)
        put_at = _times_of_puts()
        missing = out.missing([job for job in found if job.tube in names], reading_of, put_at)
        out.cut_incomplete_line()
        left_out = Counter(job.unknown for job in missing if job.unknown)
        written = masked = 0
        async for batch in read_bodies(connection, [job for job in missing if not job.unknown]):
            shown = [(job, reading_of(job.tube).shown(body)) for job, body in batch]
            out.file.writelines(_line(job, body, put_at(job)) for job, body in shown)
            written += len(batch)
            masked += sum(bool(body.note) for _, body in shown)
    return _Export(written, left_out, coverage, masked)


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
    raise NoTube(connection, f"like {tube}")


def _times_of_puts() -> Callable[[JobInfo], int | None]:
    """Return a function that returns the Unix time at which a job was put, to about a second; None if its age
    is unknown."""
    clock_began = time.time() - time.monotonic()

    def put_at(job: JobInfo) -> int | None:
        return None if job.age is None else round(clock_began + job.seen_at - job.age)

    return put_at


def _line(job: JobInfo, shown: Shown, put_at: int | None) -> bytes:
    record = saved(job, shown.body)
    if put_at is not None:
        record = record._replace(counters={**record.counters, PUT_AT: put_at})
    return f"{line_of(record, masked=bool(shown.note))}\n".encode()


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
