"""`beantop mark`: put a mark on the graphs of running dashboards."""

import argparse
import os
import time

from beantop.commands.arguments import named
from beantop.commands.invocation import Invocation
from beantop.exit_codes import OK
from beantop.jobs.marks import Mark, add_mark
from beantop.jobs.storage import describe_file_error
from beantop.preferences import marks_path
from beantop.report.output import fail

DESCRIPTION = """\
Put a mark with these words on the graphs of the dashboards that you run on this machine, at this moment,
and on those of recordings. It is about all servers."""

EXAMPLES = """\
  beantop mark "deploy 2.3"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", type=named, metavar="TEXT")


def run(invocation: Invocation) -> int:
    options = invocation.options
    path = marks_path(os.environ)
    try:
        add_mark(path, Mark(time.time(), options.text))
    except OSError as error:
        return fail(f"{path}: {describe_file_error(error)}")
    return OK
