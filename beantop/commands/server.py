"""`beantop server`: print all that a server reports of itself."""

import argparse
from collections.abc import Sequence

from beantop.commands.arguments import add_formats, add_watch
from beantop.commands.invocation import Invocation
from beantop.commands.polled import print_polls
from beantop.report.polls import poll_without_tubes
from beantop.report.server import FIELDS, ServerRow, as_columns, server_rows

DESCRIPTION = "Print all that servers report of themselves: jobs, commands, connections, limits."

EXAMPLES = """\
  beantop server queue-1 queue-2
  beantop server --json queue-1 | jq '{workers, waiting, uptime}'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_formats(parser)
    add_watch(parser)


def run(invocation: Invocation) -> int:
    return print_polls(invocation, FIELDS, server_rows, _table, poll_without_tubes)


def _table(rows: Sequence[ServerRow], invocation: Invocation) -> list[str]:
    return as_columns(rows)
