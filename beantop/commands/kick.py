"""`beantop kick`: make buried or delayed jobs ready."""

import argparse

from beantop.app.actions.careful import MAX_RATE, USUAL_RATE
from beantop.app.actions.jobs import kick_carefully, kick_jobs
from beantop.app.actions.tubes import kick_tube
from beantop.app.questions import read_rate
from beantop.commands import on_jobs
from beantop.commands.acting import Site, act
from beantop.commands.chosen_jobs import check_that_tube_exists
from beantop.commands.consent import answers_of
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb, add_choice, change_jobs
from beantop.formatting import shortened_word
from beantop.jobs.bulk.simple import Kick
from beantop.jobs.bulk.tally import Tally
from beantop.monitor.snapshot import Tube

DESCRIPTION = """\
Make jobs ready that are buried or delayed. Without --state, --filter, --job and --careful, the server
kicks the first buried jobs of the tube, or the delayed ones if none is buried."""

EXAMPLES = """\
  beantop kick emails --count 10 --yes queue-1
  beantop kick emails --state buried --filter 'class = Send*' --yes queue-1
  beantop kick emails --state buried --careful --rate 20/s --yes queue-1
  beantop kick --job 4711 queue-1
"""

sort_out = on_jobs.sort_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_choice(parser)
    parser.add_argument(
        "--careful",
        action="store_true",
        help="kick 10 jobs, and the others only if workers finish those",
    )
    parser.add_argument(
        "--rate",
        type=_rate,
        metavar="N/s",
        help=f"how many of the others a second (default: {USUAL_RATE}); implies --careful",
    )


def run(invocation: Invocation) -> int:
    options = invocation.options
    careful = options.careful or options.rate
    if not (careful or options.state or options.filter or options.job):
        return act(invocation, "kick", answers_of(options, number=options.count), _kick_tube)
    if careful and not (options.filter or options.job):
        options.state = options.state or "buried"
    action = kick_carefully if careful else kick_jobs
    verb = JobVerb("kick", action, Kick().why_not, words="carefully kick" if careful else "")
    return change_jobs(invocation, verb, rate=options.rate or USUAL_RATE)


async def _kick_tube(site: Site) -> int:
    tube: str = site.options.tube
    await check_that_tube_exists(site.context.connection, tube, may_be_job=True)
    seen = site.context.view.watched.snapshot.tubes.get(tube)
    tally = await kick_tube(site.context, seen or Tube(tube, 0.0))
    if tally is None and not site.user.asked:  # there is nothing to kick, which was said
        return site.report(Tally(0), tube)
    return site.report_question(tube, tally)


def _rate(text: str) -> int:
    rate = read_rate(text)
    if not rate or rate > MAX_RATE:
        rates = f"a rate from 1/s to {MAX_RATE:,}/s"
        raise argparse.ArgumentTypeError(f"{shortened_word(text)!r} is not {rates}")
    return rate
