"""The words of a careful kick: its progress, and what it reports at the end."""

from beantop.app.view.lines import Line
from beantop.app.view.progress_bar import progress_lines
from beantop.formatting import duration, grouped, plural
from beantop.jobs.bulk.careful import FIRST, MAX_FAILED, Careful, Fate
from beantop.jobs.bulk.tally import Tally


def careful_lines(pace: Careful, tally: Tally) -> list[Line]:
    """Return the progress in the current phase: kicking the first jobs, following them, or kicking
    the others."""
    if not pace.followed:
        return [[], [(f"  Kicking the first {FIRST} …", "")]]
    if pace.goes_on:
        lines = progress_lines(tally.tried, tally.total, pace.others.measured(tally))
        return [*lines, [(f"  {first_words(pace)}", "dim")]]
    return [
        [],
        [(f"  {plural(pace.followed, 'job')} kicked first: {fates_words(pace)} …", "")],
        [],
        [
            (
                f"  The other {grouped(tally.left)} follow at {pace.others.rate:,}/s if at least one is finished",
                "dim",
            )
        ],
        [(f"  and at most {MAX_FAILED} are buried again or time out.", "dim")],
        [(f"  {duration(pace.patience - pace.seconds)} left to decide", "dim")],
    ]


def fates_words(pace: Careful) -> str:
    """Return what became of the first jobs: "6 finished, 1 buried again, 3 reserved"."""
    return ", ".join(f"{pace.fates[fate]} {fate.value}" for fate in Fate if pace.fates[fate])


def first_words(pace: Careful) -> str:
    """Return what became of the first jobs, as a sentence; "" if they were not followed."""
    return f"The first {pace.followed}: {fates_words(pace)}." if pace.followed else ""


def stopped_sentence(pace: Careful, tally: Tally, what: str) -> str:
    """Return why the others were not kicked. `what` are all of them: "40 buried jobs of email"."""
    are, were = ("is" if pace.undecided == 1 else "are"), ("was" if tally.left == 1 else "were")
    undecided = [f"{pace.undecided} {are} not finished yet"] if pace.undecided else []
    left = f"{grouped(tally.left)} {were} left alone"
    rest = ", ".join([*undecided, *tally.parts, left])
    return f"Stopped after kicking {grouped(tally.done)} of {what}: {pace.why_not}. {rest}."
