"""`beantop import`: put the jobs from a file."""

import argparse
import os

from beantop.commands.arguments import add_log, named
from beantop.commands.invocation import Invocation
from beantop.commands.logged import logged
from beantop.config.guards import Guards
from beantop.exit_codes import USAGE
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.preferences import journal_path, parking_path
from beantop.report.transfer import import_from

DESCRIPTION = "Put the jobs from a file that `beantop export` wrote, each in its tube and state."

EXAMPLES = """\
  beantop import jobs.jsonl queue-2
  beantop import jobs.jsonl --tube retries queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=named, metavar="FILE", help="- is standard input")
    parser.add_argument(
        "--tube", type=named, metavar="NAME", help="put all jobs into this tube instead of theirs"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="allow changes even if the configuration says read-only",
    )
    add_log(parser)


def run(invocation: Invocation) -> int:
    options, settings, server = invocation.options, invocation.settings, invocation.server
    with logged(options.log) as say:
        if (settings.readonly or server.readonly) and not options.write:
            why = "the configuration says that this server is read-only"
            return say(USAGE, f"{why}; add --write to import")
        readonly = [other for other in settings.servers if other.readonly and not options.write]
        return say(
            *import_from(
                server.address,
                options.tube,
                options.file,
                Journal(journal_path(os.environ)),
                Parking(parking_path(os.environ)),
                Guards(readonly),
            )
        )
