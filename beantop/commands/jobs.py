"""`beantop jobs`: list the jobs of a tube."""

import argparse

from beantop.commands.arguments import (
    add_formats,
    add_unmask,
    add_watch,
    named,
    tube_name,
)
from beantop.commands.consent import count
from beantop.commands.filtered import add_filters
from beantop.commands.invocation import Invocation

DESCRIPTION = "List the jobs of a tube by id, or in groups. Nothing is changed or reserved."

EXAMPLES = """\
  beantop jobs emails --state buried queue-1
  beantop jobs emails --filter 'timeouts > 3 and age > 1h' --json queue-1
  beantop jobs emails --group error queue-1
  beantop jobs emails --group class --watch 30 queue-1
  beantop jobs emails --follow queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tube", type=tube_name, metavar="TUBE")
    add_filters(parser)
    parser.add_argument(
        "--limit",
        type=count,
        metavar="N",
        help="print N jobs or groups at most",
    )
    parser.add_argument(
        "--group",
        type=named,
        metavar="BY",
        help="print groups: by class, error, shape, same, state, priority, age, size, or a field of"
        " the bodies such as order.country",
    )
    parser.add_argument(
        "--follow", action="store_true", help="print new jobs as they come, until ctrl-c"
    )
    parser.add_argument(
        "--bodies", action="store_true", help="print bodies too, as text or base64; in JSON and CSV"
    )
    add_formats(parser)
    add_watch(parser)
    add_unmask(parser)


def run(invocation: Invocation) -> int:
    from beantop.commands.found import wanted_of

    options = invocation.options
    if contradiction := _contradiction(options):
        raise ValueError(contradiction)
    wanted = wanted_of(invocation)
    if options.follow:
        from beantop.commands.followed import follow

        return follow(invocation, wanted)
    from beantop.commands.listed import list_jobs

    return list_jobs(invocation, wanted)


def _contradiction(options: argparse.Namespace) -> str:
    """Return which options cannot be used together, as a sentence; "" if all is well."""
    if options.bodies and not (options.json or options.csv):
        return "--bodies needs --json or --csv; beantop job prints one body"
    if options.group and (options.follow or options.bodies):
        return "--group cannot be used with --follow or --bodies"
    if options.follow and options.watch:
        return "--follow prints new jobs at once, without --watch"
    return ""
