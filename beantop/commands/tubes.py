"""`beantop tubes`: print all tubes of the servers."""

import argparse
from collections.abc import Sequence

from beantop.commands.arguments import add_formats, add_watch
from beantop.commands.invocation import Invocation
from beantop.commands.polled import print_polls
from beantop.report.output import terminal_width
from beantop.report.rows import as_table, fitting
from beantop.report.tubes import EXPENDABLE, FIELDS, SERVER, TubeRow, tube_rows

DESCRIPTION = "Print all tubes of the servers, by name."

EXAMPLES = """\
  beantop tubes queue-1
  beantop tubes --watch 5 queue-1 queue-2
  beantop tubes --json queue-1 | jq 'select(.buried > 0) | .tube'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_formats(parser)
    add_watch(parser)


def run(invocation: Invocation) -> int:
    return print_polls(invocation, FIELDS, tube_rows, _table)


def _table(rows: Sequence[TubeRow], invocation: Invocation) -> list[str]:
    """Return the table; the servers are named only if there are several."""
    several = len(invocation.servers) > 1
    fields = [field for field in FIELDS if several or field is not SERVER]
    return as_table(fitting(fields, rows, terminal_width(), EXPENDABLE), rows)
