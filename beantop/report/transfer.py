"""The jobs of a tube into a file, and from a file onto a server, without a screen."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import IO, Literal

from beantop.beanstalk import Address, Error, Job, NotFoundError, commands, reason
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import BATCH, Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.files import open_new
from beantop.jobs.listed import ListedJob
from beantop.jobs.saved import SavedJob, line_of, read_line, saved
from beantop.jobs.scan import Coverage, Scan
from beantop.text import counted, shown

NOTE = re.compile(r'\{"kind": "(deletion|deleted|kept|putting back|not put back|put back|broken)"')
"""How lines of the trash begin that are no jobs."""


def new_file(name: str) -> AbstractContextManager[IO[str]]:
    """A file that was not there before, for its owner alone; `-` is standard output. Raises OSError."""
    if name == "-":
        return open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False)
    return os.fdopen(open_new(name), "w", encoding="utf-8")


def old_file(name: str) -> AbstractContextManager[IO[str]]:
    """A file to read; `-` is standard input. Raises OSError."""
    return nullcontext(sys.stdin) if name == "-" else open(name, encoding="utf-8")


async def export_jobs(address: Address, tube: str, out: IO[str]) -> tuple[int, Coverage]:
    """Write a line for each job of the tube, by their ids; how many there were, and what the search
    for them covered. Raises as the connection and the file do."""
    connection = ActingConnection(address)
    try:
        scan = Scan(connection, tube)
        coverage = await scan.run()
        while not coverage.complete and coverage.found < coverage.counted:
            before, coverage = coverage, await scan.run()
            if coverage.walked == before.walked:
                break  # there are no more ids
        jobs, written = [scan.found[id] for id in sorted(scan.found)], 0
        for start in range(0, len(jobs), BATCH):
            for line in await _lines(connection, jobs[start : start + BATCH]):
                out.write(f"{line}\n")
                written += 1
        out.flush()
    finally:
        connection.close()
    return written, coverage


async def _lines(connection: ActingConnection, jobs: list[ListedJob]) -> Iterator[str]:
    async with connection.turn() as turn:
        answers = await turn.pipeline([commands.peek(job.id) for job in jobs])
    for answer in answers:
        if not isinstance(answer, Job | NotFoundError):
            raise answer
    return (
        line_of(saved(job, answer.body))
        for job, answer in zip(jobs, answers, strict=True)
        if isinstance(answer, Job)
    )


def read_jobs(lines: Iterable[str], tube: str | None) -> list[SavedJob]:
    """The jobs of a file, which are to go into that tube, or where they were. Raises ValueError with
    the number of the line that is wrong: then nothing is put at all."""
    jobs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or NOTE.match(line):
            continue
        try:
            job = read_line(line)
            job = job if tube is None else replace(job, tube=tube)
            commands.use(job.tube)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        jobs.append(job)
    return jobs


async def import_jobs(address: Address, jobs: list[SavedJob]) -> Tally:
    """Put the jobs, each in its tube and state."""
    connection = ActingConnection(address)
    bulk = Bulk(connection, Import(), jobs)
    for number in (signal.SIGINT, signal.SIGTERM):  # so that it can be told what was put
        asyncio.get_running_loop().add_signal_handler(number, bulk.stop)
    try:
        return await bulk.run()
    finally:
        connection.close()


Problem = Literal["", "usage", "connection", "incomplete"]


def export_to(address: Address, tube: str, name: str) -> tuple[Problem, str]:
    """Export to a file of that name; what went wrong, and a sentence in any case."""
    try:
        with new_file(name) as file:
            written, coverage = asyncio.run(export_jobs(address, tube, file))
    except KeyboardInterrupt:
        return "incomplete", f"stopped: {name} has not all jobs of {shown(tube)}"
    except FileExistsError:
        return "usage", f"cannot export {shown(tube)}: there is a file {name} already"
    except (OSError, Error) as error:
        return "connection", f"cannot export {shown(tube)} to {name}: {reason(error)}"
    except ValueError as error:
        return "usage", str(error)
    said = f"{counted(written, 'job')} of {shown(tube)}"
    if not coverage.complete:
        return "incomplete", f"exported only {said}: {coverage.counted:,} were counted"
    return "", f"exported {said}"


def import_from(address: Address, tube: str | None, name: str) -> tuple[Problem, str]:
    """Import a file of that name; what went wrong, and a sentence in any case."""
    try:
        with old_file(name) as file:
            jobs = read_jobs(file, tube)
    except OSError as error:
        return "usage", f"cannot read {name}: {(error.strerror or str(error)).lower()}"
    except ValueError as error:
        return "usage", f"{name}: {error}. Nothing was put."
    tally = asyncio.run(import_jobs(address, jobs))
    sentence = tally.sentence("Put", "job")
    if tally.done == tally.total:
        return "", sentence
    return "incomplete" if tally.done else "connection", sentence
