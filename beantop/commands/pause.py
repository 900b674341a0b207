"""`beantop pause`: keep workers from the jobs of a tube for a while."""

import argparse

from beantop.beanstalk.commands import MAX_UINT32
from beantop.commands.arguments import tube_name
from beantop.commands.consent import add_consent, seconds_within
from beantop.commands.invocation import Invocation
from beantop.commands.pausing import pause

DESCRIPTION = "Pause a tube: for TIME, its jobs cannot be reserved. Puts go on."

EXAMPLES = """\
  beantop pause emails 300 queue-1
  beantop pause emails 2h queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tube", type=tube_name, metavar="TUBE")
    parser.add_argument(
        "time",
        type=seconds_within(1, MAX_UINT32, "; beantop resume ends a pause"),
        metavar="TIME",
        help="as 90, 10m or 2h",
    )
    add_consent(parser)


def run(invocation: Invocation) -> int:
    return pause(invocation, "pause", invocation.options.time)
