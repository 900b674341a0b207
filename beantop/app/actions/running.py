"""Run an action on many jobs for the user: progress, toast, and an entry in the log of actions."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from beantop.app.action_context import ActionContext, Progress
from beantop.app.actions.cut_off import cut_off_news
from beantop.app.view.lines import Line
from beantop.app.view.progress_bar import progress_lines
from beantop.formatting import plural
from beantop.jobs.bulk.runner import BATCH, Bulk
from beantop.jobs.bulk.tally import Tally


@dataclass(frozen=True)
class Target:
    """The jobs of an action, in words."""

    count: int
    what: str
    """A single job: "buried job"."""
    where: str
    """The end of a sentence: "of email"."""
    name: str = ""
    """The job, if there is just one: "job 17"."""

    @property
    def words(self) -> str:
        return self.name or plural(self.count, self.what)


Hints: TypeAlias = tuple[str, str] | tuple[()]


async def run_bulk(
    context: ActionContext, bulk: Bulk[Any], doing: str, target: Target, hints: Hints = ()
) -> Tally:
    """Run an action until it ends or the user stops it, and report the result.

    `doing` starts the title of the progress box ("Deleting"). `hints` follow the report if something was
    done: for one job, and for several.
    """
    progress = Progress(f"{doing} {target.words}", lambda: _lines(bulk), bulk.stop)
    about = f"{target.words} {target.where}".rstrip()
    journal = context.journal
    if journal and bulk.tally.total > BATCH:  # the end may come before the last batch
        journal.note(context.view.address, doing, about, {})
    with context.running_actions.noted(bulk):
        tally = await context.wait_for(bulk.run(), progress)
    _tell(context, bulk.act.done, tally, target, hints)
    if tally.unknown or tally.half_done:
        await _tell_what_is_parked(context)
    return tally


async def _tell_what_is_parked(context: ActionContext) -> None:
    """Report the jobs that were left halfway if the server can be asked; otherwise that is done when it
    is back."""
    if context.parking and context.view.answers:
        for news in await cut_off_news(context.parking, context.trash, context.connection):
            context.fail(news.sentence)


def _lines(bulk: Bulk[Any]) -> list[Line]:
    tally = bulk.tally
    lines = progress_lines(tally.tried, tally.total, bulk.rate)
    parts = tally.parts if tally.done + tally.left < tally.total else []
    return [*lines, *([(f"  {part}", "warn")] for part in parts if "not tried" not in part)]


def _tell(context: ActionContext, done: str, tally: Tally, target: Target, hints: Hints) -> None:
    if target.name:
        sentence = tally.sentence_of_one(done, target.name)
    else:
        sentence = tally.sentence(done, target.what, target.where)
    if tally.done and hints:
        one, several = hints
        sentence = f"{sentence} {one if tally.done == 1 else several}"
    context.done(sentence, all_well=tally.done == tally.total)
    about = f"{target.words} {target.where}".rstrip()
    what = done if tally.done else f"Not {done.lower()}"
    context.note(what, about, tally.as_members())
