"""`beantop export`: write the jobs of a tube to a file."""

import argparse

from beantop.commands.arguments import add_log, add_unmask, named
from beantop.commands.invocation import Invocation
from beantop.commands.logged import logged
from beantop.report.transfer import export_to

DESCRIPTION = "Write all jobs of a tube to a new file, one JSON object a line. Nothing is changed."

EXAMPLES = """\
  beantop export emails jobs.jsonl queue-1
  beantop export emails - queue-1 | jq -r .body
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tube", type=named, metavar="TUBE")
    parser.add_argument("file", type=named, metavar="FILE", help="- is standard output")
    add_unmask(parser)
    add_log(parser)


def run(invocation: Invocation) -> int:
    options = invocation.options
    reading = invocation.settings.reading(options.tube)
    with logged(options.log) as say:
        return say(*export_to(invocation.server.address, options.tube, options.file, reading))
