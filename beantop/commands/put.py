"""`beantop put`: put a job whose body is standard input, or one for each line of it."""

import argparse

from beantop.app.actions.destination import Destination, exists_or_is_created
from beantop.app.actions.edit import put_jobs
from beantop.beanstalk import State, commands
from beantop.beanstalk.commands import DEFAULT_PRIORITY, DEFAULT_TTR, MAX_UINT32
from beantop.commands.acting import Site, act, largest_body
from beantop.commands.arguments import tube_name
from beantop.commands.consent import add_consent, answers_of, delay, seconds_within
from beantop.commands.invocation import Invocation
from beantop.commands.set import priority
from beantop.exit_codes import OK
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.records import SavedJob
from beantop.jobs.storage import describe_file_error
from beantop.report.input import lines_within, standard_input, whole_within

DESCRIPTION = """\
Put a job into a tube. Its body is all of standard input, with the last line end if there is one; with
--lines, each line is the body of a job, without its line end. Only --lines puts an empty body."""

EXAMPLES = """\
  beantop put emails queue-1 < body.json
  beantop put emails --lines --priority 5 --delay 10m --yes queue-1 < bodies.txt
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tube", type=tube_name, metavar="TUBE")
    parser.add_argument("--lines", action="store_true", help="each line is the body of a job")
    parser.add_argument(
        "--priority",
        type=priority,
        default=DEFAULT_PRIORITY,
        metavar="N",
        help=f"0 is the most urgent (default: {DEFAULT_PRIORITY})",
    )
    parser.add_argument(
        "--delay", type=delay, default=0, metavar="TIME", help="as 90, 10m or 2h (default: 0)"
    )
    parser.add_argument(
        "--ttr",
        type=seconds_within(1, MAX_UINT32),
        default=DEFAULT_TTR,
        metavar="TIME",
        help=f"how long a worker may hold it (default: {DEFAULT_TTR})",
    )
    parser.add_argument(
        "--create", action="store_true", help="put into a tube that does not exist yet"
    )
    add_consent(parser)


def run(invocation: Invocation) -> int:
    options = invocation.options
    commands.check_tube(options.tube)
    jobs: list[SavedJob] = []

    def read() -> None:
        jobs.extend(_jobs(options, largest_body(invocation.server)))

    async def work(site: Site) -> int:
        if not jobs:
            site.tell(OK, "standard input is empty: nothing was put")
            return site.report(Tally(0), options.tube)
        if await exists_or_is_created(site.context, Destination(options.tube)):
            tally = await put_jobs(site.context, jobs)
            return site.report_question(options.tube, tally)
        return site.report_nothing()

    return act(invocation, "put", answers_of(options, creates=options.create), work, before=read)


def _jobs(options: argparse.Namespace, largest: int) -> list[SavedJob]:
    """Return the jobs on standard input. Raises ValueError if it cannot be read, if a body is larger than the
    largest one that the server takes, or if the only one is empty: the command before a pipe has failed."""
    try:
        given = standard_input()
        if options.lines:
            bodies = list(lines_within(given, largest))
        else:
            bodies = [whole_within(given, largest)]
    except OSError as error:
        raise ValueError(f"cannot read standard input: {describe_file_error(error)}") from None
    except ValueError as error:
        why = f"{error}, the server's max-job-size"
        raise ValueError(f"standard input: {why}. Nothing was put.") from None
    if bodies == [b""] and not options.lines:
        raise ValueError("standard input is empty: nothing was put")
    state: State = "delayed" if options.delay else "ready"
    job = SavedJob(options.tube, b"", 0, state, options.priority, options.delay, options.ttr)
    return [job._replace(body=body) for body in bodies]
