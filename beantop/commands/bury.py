"""`beantop bury`: bury jobs."""

import argparse

from beantop.app.actions.jobs import bury_jobs
from beantop.commands import on_jobs
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb, add_choice, change_jobs
from beantop.jobs.bulk.simple import Bury

DESCRIPTION = "Bury ready and delayed jobs of a tube, so that no worker takes them."

EXAMPLES = """\
  beantop bury emails --state ready --filter 'to = *@example.org' --yes queue-1
  beantop bury --job 4711 queue-1
"""

sort_out = on_jobs.sort_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_choice(parser)


def run(invocation: Invocation) -> int:
    return change_jobs(invocation, JobVerb("bury", bury_jobs, Bury().why_not))
