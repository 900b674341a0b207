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
from beantop.commands.arguments import add_unmask, job_id
from beantop.commands.invocation import Invocation
from beantop.config import ServerConfig
from beantop.exit_codes import NO_CONNECTION, OK
from beantop.jobs.bodies.texts import shown_text
from beantop.jobs.bodies.views import views
from beantop.jobs.job_info import JobInfo, ask_for
from beantop.report.job import FIELDS, DecodedRow, as_page
from beantop.report.jobs import job_row
from beantop.report.output import fail, say, write, write_bytes
from beantop.report.rows import as_json_lines

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
    add_unmask(parser)


def run(invocation: Invocation) -> int:
    options, server = invocation.options, invocation.server
    where = format_address(server.address)
    try:
        found = _read(server, options.id)
    except Error as error:
        say(f"cannot read job {options.id} of {where}: {describe_error(error)}")
        return NO_CONNECTION
    if found is None:
        return fail(f"{where} has no job {options.id}")
    return _print(found, invocation)


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


def _print(found: tuple[JobInfo, bytes], invocation: Invocation) -> int:
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
        write("\n".join(as_json_lines(FIELDS, [row])))
    else:
        write("\n".join(as_page(row)))
    return OK
