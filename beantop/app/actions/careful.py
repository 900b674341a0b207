"""The questions before a careful kick: what will happen, and the rate for the jobs after the first
ones."""

from collections.abc import Sequence

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm, wants_number_typed
from beantop.app.actions.targets import target_lines, target_of
from beantop.app.questions import AskNumber, Offer, read_rate
from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line
from beantop.formatting import duration, grouped, printable
from beantop.jobs.bulk.careful import FIRST, MAX_FAILED, patience_for
from beantop.jobs.listing import JobRow, chosen

CAREFULLY = Offer("c", f"Carefully: {FIRST} first")

USUAL_RATE, MAX_RATE = 50, 10_000
"""Jobs per second."""


def careful_offer(count: int) -> Offer | None:
    """Return the offer to kick this many jobs carefully; None if there are too few."""
    return CAREFULLY if count > FIRST else None


async def ask_rate(context: ActionContext, rows: Sequence[JobRow]) -> int | None:
    """Say what will happen, and return how many jobs per second may follow the first ones; None if the
    user cancels."""
    count, view = len(rows), context.view
    title = f"Kick {target_of(rows).words} to ready, carefully?"
    lines = [*target_lines(context, rows), [], *_plan(rows), *_unwatched(view, rows)]
    rate = await context.ask(
        AskNumber(
            title,
            lines,
            read=read_rate,
            most=MAX_RATE,
            hint=f"type how many per second: {USUAL_RATE}/s",
            usual=None if wants_number_typed(view, count) else USUAL_RATE,
            usually=f"go on at {USUAL_RATE}/s",
            yes="go on at this rate",
            too_many=f"{MAX_RATE:,} per second is the highest rate: enter takes it.",
            about="rate",
            count=count,
        )
    )
    if rate is None or not view.production:
        return rate
    others: Line = [(" rate    ", "dim"), (f"{rate:,}/s after the first {FIRST}", "bold")]
    sure = await confirm(
        context, title, [*lines, [], others], yes=f"Kick {count} carefully", count=count
    )
    return rate if sure else None


def _unwatched(view: ServerView, rows: Sequence[JobRow]) -> list[Line]:
    """Return a warning if nobody is there who could finish the first jobs."""
    tubes = view.watched.snapshot.tubes
    names = chosen(rows).tubes
    unwatched = [name for name in names if name in tubes and tubes[name].watching == 0]
    if not unwatched or len(unwatched) < len(names):
        return []
    them = printable(names[0]) if len(names) == 1 else "these tubes"
    return [[], [(f" No worker watches {them} now: no job would be finished.", "warn")]]


def _plan(rows: Sequence[JobRow]) -> list[Line]:
    """Return what will happen, in a few sentences."""
    patience = duration(patience_for(chosen(rows).jobs))
    others = grouped(len(rows) - FIRST)
    sentences = (
        f"{FIRST} of them, spread over the list, are kicked first and followed",
        f"for up to {patience}. If more than {MAX_FAILED} are buried again or time out,",
        f"or none is finished, the other {others} are left alone.",
        "Otherwise they follow at the rate that you choose.",
    )
    return [[(f" {sentence}", "")] for sentence in sentences]
