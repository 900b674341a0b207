"""`beantop move`: move jobs to another tube."""

import argparse

from beantop.app.actions.jobs import move_jobs
from beantop.commands import destination
from beantop.commands.destination import add_destination, to_destination
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb

DESCRIPTION = """\
Move jobs of a tube to another tube, here or on another server. They keep their state, and get new
ids."""

EXAMPLES = """\
  beantop move emails failed --state buried --yes queue-1
  beantop move emails queue-2:emails --state ready --yes-to 412 queue-1
  beantop move --job 4711 failed --create queue-1
"""

sort_out = destination.sort_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_destination(parser)


def run(invocation: Invocation) -> int:
    return to_destination(invocation, JobVerb("move", move_jobs))
