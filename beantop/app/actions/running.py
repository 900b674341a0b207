"""Run an action on many jobs or tubes for the user: progress, toast, and an entry in the log of actions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from beantop.app.action_context import ActionContext, Progress
from beantop.app.actions.cut_off import cut_off_news
from beantop.app.view.careful_words import careful_lines, first_words, stopped_sentence
from beantop.app.view.lines import Line
from beantop.app.view.progress_bar import progress_lines
from beantop.formatting import plural, printable
from beantop.jobs.bulk.careful import Careful
from beantop.jobs.bulk.runner import BATCH, Bulk
from beantop.jobs.bulk.tally import Tally


@dataclass(frozen=True)
class Target:
    """The jobs or tubes of an action, in words."""

    count: int
    what: str
    """A single one: "buried job"."""
    where: str
    """The end of a sentence: "of email"."""
    name: str = ""
    """The job or tube, if there is just one: "job 17"."""
    how: str = ""
    """The end of a sentence about a success: "for 10m", "to ready"."""
    jobs: str = ""
    """One of the jobs that are changed in tubes: "buried job"."""
    put: str = "now job"
    """What comes before the new id of a single one."""

    @property
    def words(self) -> str:
        return self.name or plural(self.count, self.what)

    def about(self, tally: Tally) -> str:
        """Return what was acted on, for the log of actions."""
        words = (self.jobs_in(tally), self.words, self.where, self.how)
        return " ".join(filter(None, words))

    def jobs_in(self, tally: Tally) -> str:
        """Return how many jobs were changed, before the words for the tubes; "" if none was."""
        return f"{plural(tally.jobs, self.jobs)} in" if self.jobs and tally.done else ""


@dataclass(frozen=True)
class Hints:
    """What follows the report if something was done: for one job, and for several. `{undo}` stands for
    what undoes it."""

    one: str
    several: str
    is_warning: bool = False
    needs_memory: bool = False
    """Whether it can be undone only by a user who remembers it."""


def no_hints() -> None:
    return None


async def run_bulk(
    context: ActionContext,
    bulk: Bulk[Any],
    doing: str,
    target: Target,
    hints: Callable[[], Hints | None] = no_hints,
) -> Tally:
    """Run an action until it ends or the user stops it, and report the result.

    `doing` starts the title of the progress box ("Deleting"). `hints` is called after the last batch.
    """
    careful = bulk.pace if isinstance(bulk.pace, Careful) else None
    progress = Progress(f"{doing} {target.words}", lambda: _lines(bulk, careful), bulk.stop)
    if careful or bulk.tally.total > BATCH:  # it may be killed before the end
        context.note(doing, target.about(bulk.tally), {})
    with context.running_actions.noted(bulk):
        tally = await context.wait_for(bulk.run(), progress)
    _tell(context, bulk.act.done, tally, target, hints(), careful)
    if not tally.is_settled:
        await _tell_what_is_parked(context)
    return tally


async def _tell_what_is_parked(context: ActionContext) -> None:
    """Report the jobs that were left halfway if the server can be asked; otherwise that is done when it
    is back."""
    if context.parking and context.view.answers:
        undo = context.user.undo
        for news in await cut_off_news(context.parking, context.trash, context.connection, undo):
            context.fail(news.sentence)


def _lines(bulk: Bulk[Any], careful: Careful | None) -> list[Line]:
    tally = bulk.tally
    if careful:
        lines = careful_lines(careful, tally)
    else:
        lines = progress_lines(tally.tried, tally.total, bulk.rate)
    return [*lines, *([(f"  {printable(part)}", "warn")] for part in tally.parts)]


def _tell(
    context: ActionContext,
    done: str,
    tally: Tally,
    target: Target,
    hints: Hints | None,
    careful: Careful | None,
) -> None:
    sentence = _sentence(done, tally, target, careful)
    all_well = tally.done == tally.total
    undo = context.user.undo
    if hints and hints.needs_memory and not context.user.remembers:
        hints = None
    if tally.done and hints:
        hint = hints.one if tally.done == 1 else hints.several
        sentence = f"{sentence} {hint.format(undo=undo)}"
        all_well = all_well and not hints.is_warning
    context.done(sentence, all_well=all_well)
    more = careful.as_members() if careful else {}
    context.note(tally.verb(done), target.about(tally), {**tally.as_members(), **more})


def _sentence(done: str, tally: Tally, target: Target, careful: Careful | None) -> str:
    start = f"{done} {target.jobs_in(tally)}".rstrip()
    if target.name:
        return tally.sentence_of_one(start, target.name, target.how, target.put)
    if careful and careful.why_not:
        return stopped_sentence(careful, tally, f"{target.words} {target.where}")
    where = " ".join(filter(None, (target.where, target.how)))
    sentence = tally.sentence(start, target.what, where)
    more = first_words(careful) if careful else tally.new_ids_sentence
    return f"{sentence} {more}".rstrip()
