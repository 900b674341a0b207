"""`beantop undo`: finish what was interrupted on a server, or put back what was deleted there last."""

import argparse

from beantop.app.actions.undo import undo_last
from beantop.commands.acting import Site, act
from beantop.commands.consent import add_consent, answers_of
from beantop.commands.invocation import Invocation

DESCRIPTION = """\
Put back the jobs that were deleted last on a server; before that, finish what was interrupted there.
Moves, buries, kicks and new priorities are known only to the beantop that made them, and are not
undone. --dry-run shows what would be done, and --yes does it."""

EXAMPLES = """\
  beantop undo --dry-run queue-1
  beantop undo --yes queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_consent(parser)


def run(invocation: Invocation) -> int:
    return act(invocation, "undo", answers_of(invocation.options, undoes=True), _undo)


async def _undo(site: Site) -> int:
    return site.report_question(None, await undo_last(site.context))
