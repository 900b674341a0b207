"""`beantop set`: change the priority or the delay of jobs."""

import argparse

from beantop.app.actions.jobs import change_jobs as change_priority
from beantop.beanstalk.commands import MAX_UINT32
from beantop.commands import on_jobs
from beantop.commands.consent import seconds
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb, add_choice, change_jobs
from beantop.jobs.bulk.simple import Reprioritize

DESCRIPTION = """\
Change the priority or the delay of jobs, which keep their ids. A number in the place of TUBE is the
id of a job."""

EXAMPLES = """\
  beantop set 4711 --priority 5 --delay 10m queue-1
  beantop set emails --state delayed --delay 0 --yes queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_choice(parser)
    parser.add_argument(
        "--priority", type=priority, metavar="N", help="0 is the most urgent, and the default 1024"
    )
    parser.add_argument("--delay", type=seconds, metavar="TIME", help="as 90, 10m or 2h")


def sort_out(options: argparse.Namespace) -> None:
    """Take a number for the id of a job."""
    if not options.job and options.tube and options.tube.isdecimal():
        options.job = [int(options.tube)]
        options.tube = None
    on_jobs.sort_out(options)


def run(invocation: Invocation) -> int:
    options = invocation.options
    if options.priority is None and options.delay is None:
        raise ValueError("add --priority, --delay or both")
    number = "" if options.priority is None else f"{options.priority}"
    delay = "" if options.delay is None else f"delay {options.delay}"
    change = Reprioritize(options.priority, options.delay)
    verb = JobVerb("set", change_priority, change.why_not, words="change")
    return change_jobs(invocation, verb, text=f"{number} {delay}".strip())


def priority(text: str) -> int:
    """Read a priority from an argument."""
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_UINT32):
        raise argparse.ArgumentTypeError(f"{text!r} is not a priority from 0 to {MAX_UINT32}")
    return int(text)
