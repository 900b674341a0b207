"""`beantop import`: put the jobs from a file."""

import argparse
from collections.abc import Sequence

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm, server_line
from beantop.app.actions.cut_off import record_of
from beantop.app.actions.destination import Destination, exists_or_is_created
from beantop.app.actions.running import Target, run_bulk
from beantop.app.actions.targets import tubes_line
from beantop.beanstalk import commands
from beantop.commands.acting import Site, act, largest_body
from beantop.commands.arguments import check_file_name, file_name, named
from beantop.commands.consent import add_consent, answers_of
from beantop.commands.invocation import Invocation
from beantop.exit_codes import OK
from beantop.formatting import grouped, plural, printable
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.records import SavedJob
from beantop.report.import_file import place_of, read_jobs

DESCRIPTION = """\
Put the jobs from a file that `beantop export` wrote, each in its tube and state. Tubes of the file that
do not exist are created."""

EXAMPLES = """\
  beantop import jobs.jsonl --yes queue-2
  beantop import jobs.jsonl --tube retries --dry-run queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=file_name, metavar="FILE", help="- is standard input")
    parser.add_argument(
        "--tube", type=named, metavar="NAME", help="put all jobs into this tube instead of theirs"
    )
    parser.add_argument(
        "--create", action="store_true", help="with --tube, put into a tube that does not exist yet"
    )
    add_consent(parser)


def run(invocation: Invocation) -> int:
    options = invocation.options
    check_file_name(options, invocation.settings)
    if options.tube is not None:
        commands.check_tube(options.tube)
    elif options.create:
        raise ValueError("--create goes with --tube: tubes of the file are created anyway")
    jobs: list[SavedJob] = []

    def read() -> None:
        jobs.extend(read_jobs(options.file, options.tube, largest_body(invocation.server)))

    async def work(site: Site) -> int:
        place = place_of(options.file)
        if not jobs:  # not a failure: an export of an empty tube has no lines
            site.tell(OK, f"{place} holds no jobs: nothing was put")
            return site.report(Tally(0), options.tube)
        if options.tube is not None and not await exists_or_is_created(
            site.context, Destination(options.tube)
        ):
            return site.report_nothing()
        return site.report_question(options.tube, await _put(site.context, jobs, place))

    answers = answers_of(options, creates=options.create)
    return act(invocation, "import", answers, work, before=read)


async def _put(context: ActionContext, jobs: Sequence[SavedJob], place: str) -> Tally | None:
    """Ask, and put the jobs from `place`, each in its tube and state."""
    count = len(jobs)
    what, where = plural(count, "job"), f"from {printable(place)}"
    lines = [tubes_line(list(dict.fromkeys(job.tube for job in jobs))), server_line(context.view)]
    title, yes = f"Put {what} {where}?", f"Put {grouped(count)}"
    if not await confirm(context, title, lines, yes=yes, count=count, word="all"):
        return None
    bulk = Bulk(context.connection, Import(record_of(context, "put", f"{what} {where}")), jobs)
    return await run_bulk(context, bulk, "Putting", Target(count, "job", where))
