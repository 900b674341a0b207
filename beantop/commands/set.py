"""`beantop set`: change the priority or the delay of jobs."""

import argparse

from beantop.app.actions.jobs import change_jobs as change_priority
from beantop.beanstalk.commands import MAX_UINT32
from beantop.commands import on_jobs
from beantop.commands.arguments import whole_number
from beantop.commands.consent import delay
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb, add_choice, change_jobs, job_ids
from beantop.formatting import is_digits
from beantop.jobs.bulk.simple import Reprioritize

DESCRIPTION = """\
Change the priority or the delay of jobs, which keep their ids. A number in the place of TUBE is the
id of a job."""

EXAMPLES = """\
  beantop set 4711 --priority 5 --delay 10m queue-1
  beantop set emails --state delayed --delay 0 --yes queue-1
"""


priority = whole_number(f"a priority from 0 to {MAX_UINT32}", 0, MAX_UINT32)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_choice(parser)
    parser.add_argument("--priority", type=priority, metavar="N", help="0 is the most urgent")
    parser.add_argument("--delay", type=delay, metavar="TIME", help="as 90, 10m or 2h")


def sort_out(options: argparse.Namespace) -> None:
    """Take a number, or several with commas, for the ids of jobs."""
    words = (options.tube or "").split(",")
    if not options.job and all(map(is_digits, words)):
        try:
            options.job = job_ids(options.tube)
        except argparse.ArgumentTypeError as error:
            raise ValueError(str(error)) from None
        options.tube = None
    on_jobs.sort_out(options)


def run(invocation: Invocation) -> int:
    options = invocation.options
    if options.priority is None and options.delay is None:
        raise ValueError("add --priority, --delay or both")
    number = "" if options.priority is None else f"{options.priority}"
    later = "" if options.delay is None else f"delay {options.delay}"
    change = Reprioritize(options.priority, options.delay)
    verb = JobVerb("set", change_priority, change.why_not, words="change")
    return change_jobs(invocation, verb, text=f"{number} {later}".strip())
