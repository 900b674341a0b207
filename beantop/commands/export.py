"""`beantop export`: write the jobs of a tube to a file."""

import argparse

from beantop.commands.arguments import add_log, add_unmask, check_file_name, file_name, tube_name
from beantop.commands.invocation import Invocation
from beantop.commands.logged import logged
from beantop.report.export import export_to

DESCRIPTION = """\
Write all jobs of a tube, or of all tubes like a pattern, to a new file, one JSON object a line. Nothing
is changed."""

EXAMPLES = """\
  beantop export emails jobs.jsonl queue-1
  beantop export emails - queue-1 | jq -r .body
  beantop export '*' everything.jsonl --resume queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tube", type=tube_name, metavar="TUBE", help="a tube, or a pattern: 'emails-*', '*' for all"
    )
    parser.add_argument("file", type=file_name, metavar="FILE", help="- is standard output")
    add_unmask(parser)
    parser.add_argument(
        "--resume",
        action="store_true",
        help="add the jobs that the file lacks; if that is interrupted, --resume goes on",
    )
    add_log(parser)


def run(invocation: Invocation) -> int:
    options = invocation.options
    check_file_name(options, invocation.settings)
    address, reading_of = invocation.server.address, invocation.settings.reading
    return logged(
        options.log,
        lambda say: say(
            *export_to(address, options.tube, options.file, reading_of, resume=options.resume)
        ),
    )
