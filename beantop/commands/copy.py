"""`beantop copy`: put copies of jobs into another tube."""

import argparse

from beantop.app.actions.jobs import copy_jobs
from beantop.commands import destination
from beantop.commands.destination import add_destination, to_destination
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb

DESCRIPTION = "Put copies of jobs of a tube into another tube, here or on another server."

EXAMPLES = """\
  beantop copy emails test --state buried --count 5 --create --yes queue-1
  beantop copy --job 4711 queue-2:emails queue-1
"""

sort_out = destination.sort_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_destination(parser)


def run(invocation: Invocation) -> int:
    return to_destination(invocation, JobVerb("copy", copy_jobs, changes_reserved=True))
