"""`beantop resume`: end the pause of a tube."""

import argparse

from beantop.commands.arguments import tube_name
from beantop.commands.consent import add_consent
from beantop.commands.invocation import Invocation
from beantop.commands.pausing import pause

DESCRIPTION = "End the pause of a tube. One that is not paused stays as it is."

EXAMPLES = """\
  beantop resume emails queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tube", type=tube_name, metavar="TUBE")
    add_consent(parser)


def run(invocation: Invocation) -> int:
    return pause(invocation, "resume", 0)
