"""`beantop job`: print one job."""

import argparse

from beantop.beanstalk import (
    BeanstalkdError,
    Error,
    NotFoundError,
    commands,
    describe_error,
    format_address,
)
from beantop.beanstalk.blocking import BlockingPipeline
from beantop.commands.arguments import add_unmask, add_watch, job_id
from beantop.commands.invocation import Invocation
from beantop.commands.repeated import repeat, with_time
from beantop.config import ServerConfig
from beantop.exit_codes import NO_CONNECTION, OK
from beantop.jobs.bodies.texts import shown_text
from beantop.jobs.bodies.views import views
from beantop.jobs.job_info import JobInfo, ask_for, has_aged
from beantop.report.job import FIELDS, DecodedRow, as_page
from beantop.report.jobs import job_row
from beantop.report.output import fail, say, write, write_bytes, write_lines
from beantop.report.rows import Fields, as_csv, as_json_lines

DESCRIPTION = "Print all that a server says of a job, and its body. The job is not reserved."

EXAMPLES = """\
  beantop job 4711 queue-1
  beantop job 4711 --decoded queue-1 | less
  beantop job 4711 --raw queue-1 > body.bin
  beantop job 4711 --json queue-1 | jq -r .body
"""

TIMEOUT, BODY_TIMEOUT = 5.0, 60.0
"""Seconds for an answer, and for a body, which may be large."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=job_id, metavar="ID", help="the number of the job")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument(
        "--decoded", action="store_true", help="print only the body, decoded as on the screen"
    )
    forms.add_argument(
        "--raw", action="store_true", help="print only the body, byte by byte as it is"
    )
    forms.add_argument(
        "--json", action="store_true", help="print one JSON object, with the body as it is"
    )
    forms.add_argument(
        "--csv", action="store_true", help="print the same as comma-separated values"
    )
    add_watch(parser)
    add_unmask(parser)


def run(invocation: Invocation) -> int:
    if invocation.options.raw and invocation.options.watch:
        raise ValueError("--raw prints the body once, without --watch")
    options, server = invocation.options, invocation.server
    where = format_address(server.address)
    last_age: int | None = None

    def print_once(is_first: bool) -> int:
        nonlocal last_age
        fields = with_time(invocation, FIELDS)
        try:
            found = _read(server, options.id)
        except Error as error:
            say(f"cannot read job {options.id} of {where}: {describe_error(error)}")
            return NO_CONNECTION
        if found is None:
            return fail(f"{where} {'has no' if is_first else 'no longer has'} job {options.id}")
        age = found[0].age
        if not has_aged(last_age, age, 0.0):  # a server without a binlog counts from 1 again
            return fail(f"{where} lost job {options.id} in a restart; another job has its id now")
        last_age = age
        return _print(found, invocation, fields, is_first=is_first)

    return repeat(invocation, print_once)


def _read(server: ServerConfig, id: int) -> tuple[JobInfo, bytes] | None:
    """Return a job and its body; None if there is no such job. Raises `Error`."""
    with BlockingPipeline(server.address, TIMEOUT) as connection:
        [job] = connection.pipeline(ask_for([id]), TIMEOUT)
        if isinstance(job, BeanstalkdError):
            raise job
        if job is None:
            return None
        try:
            return job, connection.call(commands.peek(id), BODY_TIMEOUT).body
        except NotFoundError:
            return None


def _print(
    found: tuple[JobInfo, bytes],
    invocation: Invocation,
    fields: Fields[DecodedRow],
    *,
    is_first: bool,
) -> int:
    """Print a job in the form that the options ask for."""
    options, (job, body) = invocation.options, found
    reading = invocation.settings.reading(job.tube)
    shown = reading.shown(body)
    if options.raw and shown.note:
        return fail(f"the body of job {job.id} has masked fields: --unmask prints it")
    if options.raw:
        write_bytes(body)
        return OK
    view = views(shown.body, shown.reading.decoder)[0]
    if options.decoded:
        write(shown_text(view.lines()))
        return OK
    row = DecodedRow(job_row(invocation.server.title, job, body, reading, with_body=True), view)
    if options.json:
        write_lines(as_json_lines(fields, [row]))
    elif options.csv:
        write_lines(as_csv(fields, [row], headings=is_first))
    else:
        write_lines(as_page(row))
    return OK
