"""Pausing a tube and ending that, for `beantop pause` and `beantop resume`."""

from functools import partial

from beantop.app.actions.tubes import pause_for
from beantop.commands.acting import Site, act
from beantop.commands.chosen_jobs import check_that_tube_exists
from beantop.commands.consent import answers_of
from beantop.commands.invocation import Invocation
from beantop.monitor.snapshot import Tube


def pause(invocation: Invocation, verb: str, seconds: int) -> int:
    """Pause the tube for that long; 0 resumes it."""
    work = partial(_pause, seconds=seconds)
    return act(invocation, verb, answers_of(invocation.options), work)


async def _pause(site: Site, seconds: int) -> int:
    tube: str = site.options.tube
    await check_that_tube_exists(site.context.connection, tube)
    seen = site.context.view.watched.snapshot.tubes.get(tube)
    tally = await pause_for(site.context, seen or Tube(tube, 0.0), seconds)
    return site.report_question(tube, tally)
