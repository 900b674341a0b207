"""`beantop delete`: delete jobs."""

import argparse

from beantop.app.actions.jobs import delete_jobs
from beantop.commands import on_jobs
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb, add_choice, change_jobs

DESCRIPTION = "Delete jobs of a tube. They are saved first: `beantop undo` puts them back."

EXAMPLES = """\
  beantop delete emails --state buried --filter 'age > 1d' --dry-run queue-1
  beantop delete emails --state buried --yes queue-1
  beantop delete --job 4711 queue-1
"""

sort_out = on_jobs.sort_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_choice(parser)


def run(invocation: Invocation) -> int:
    return change_jobs(invocation, JobVerb("delete", delete_jobs))
