"""The jobs that an import reads: from a file that an export wrote, or from standard input."""

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO

from beantop.beanstalk import commands
from beantop.jobs.records import SavedJob, read_import
from beantop.jobs.storage import describe_file_error, open_regular
from beantop.report.input import lines_within, standard_input

NOTE = b'{"kind":'
"""The start of a line in a file of the trash that is not a job."""

ESCAPED, KEYS = 6, 2**16
"""The largest number of bytes that a line has for each byte of a body (`\\u0000`), and those that it may have
beside the body."""


def read_jobs(name: str, tube: str | None, largest_body: int) -> list[SavedJob]:
    """Return the jobs of a file, or of standard input (`-`), for that tube or the tubes they were in.
    Raises ValueError with a sentence if anything is wrong with it, also if a body is larger than that."""
    try:
        with _opened(name) as file:
            lines = lines_within(file, ESCAPED * largest_body + KEYS)
            return list(_jobs_of(lines, tube, largest_body))
    except OSError as error:
        pipe = "; import - reads a pipe" if error.errno == errno.EINVAL else ""
        why = f"{describe_file_error(error)}{pipe}"
        raise ValueError(f"cannot read {place_of(name)}: {why}") from None
    except ValueError as error:
        raise ValueError(f"{place_of(name)}: {error}. Nothing was put.") from None


def place_of(name: str) -> str:
    """Return a file in words; foreign text in it is not safe to show."""
    return "standard input" if name == "-" else name


def _jobs_of(lines: Iterator[bytes], tube: str | None, largest_body: int) -> Iterator[SavedJob]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if line.startswith(NOTE):
                raise ValueError("this is a file of the trash; U in beantop puts it back")
            job = read_import(line)
            job = job if tube is None else job._replace(tube=tube)
            commands.check_tube(job.tube)
            if len(job.body) > largest_body:
                most = f"{largest_body:,} bytes, the server's max-job-size"
                raise ValueError(f"its body is longer than {most}")
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        yield job


def _opened(name: str) -> AbstractContextManager[IO[bytes]]:
    if name != "-":
        return os.fdopen(open_regular(name, os.O_RDONLY), "rb")
    return nullcontext(standard_input())
