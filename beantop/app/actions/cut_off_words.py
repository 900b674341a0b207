"""What is said about actions that were cut off."""

from collections import Counter
from collections.abc import Sequence

from beantop.app.action_context import UNDO_KEY
from beantop.app.view.lines import Line
from beantop.beanstalk import Error, describe_error
from beantop.formatting import grouped, plural, printable
from beantop.jobs.bulk.finish import SourcesUnknown
from beantop.jobs.bulk.leftovers import Leftovers
from beantop.jobs.parking import CutOff, Doing, Entry
from beantop.jobs.storage import describe_file_error

FINISH = "Finish what was interrupted"
"""The name of the command that finishes also what cannot be checked."""

_PAST: dict[Doing, str] = {"put back": "put back", "move": "moved", "put": "put"}


def what_is_left(
    action: CutOff, left: Leftovers, unknown: SourcesUnknown | None = None, undo: str = UNDO_KEY
) -> str:
    """Return what to report about an action that was cut off; "" if it left nothing. `unknown` is why its
    sources are unknown, if they are; `undo` is what finishes it."""
    parts = [f"{_jobs(left.parked)} {_are(left.parked)} parked"] if left.parked else []
    if waiting := left.waiting:
        twice = f"{_are(waiting)} there twice"
        what = twice if action.act == "move" else "were put back, but that was not noted"
        parts.append(f"{_jobs(waiting)} {what}")
    if left.kept:
        parts.append(f"{_jobs(left.kept)} may be there twice")
    if left.unclear:
        parts.append(unclear(action, left))
    if not parts and not left.not_put:
        return ""
    said = f"{', and '.join(parts) or 'Nothing is parked'}: beantop was interrupted while it {did(action)}."
    if left.problem:
        said += f" More may be parked: {printable(left.problem)}."
    return f"{said} {_what_to_do(action, left, unknown, undo)}".rstrip()


def _what_to_do(action: CutOff, left: Leftovers, unknown: SourcesUnknown | None, undo: str) -> str:
    """Return what the user can do about it, as sentences."""
    if unknown:
        return f"{_why_unknown(unknown)} To finish that anyway: “{FINISH}” in the palette (:)."
    if left.free or left.undo:
        return f"{undo} finishes that."
    if not left.not_put:
        return ""
    if action.act == "move":
        return _not_moved(left)
    if left.is_saved:
        return f"{undo} puts back the rest."
    return "The rest cannot be put back: its file is not in the trash."


def _not_moved(left: Leftovers) -> str:
    """Return what is known of a move that left nothing to do: its record has only the last batch."""
    count, other = len(left.not_put), "other " if left.unclear else ""
    jobs = f"{other}job" if count == 1 else f"{grouped(count)} {other}jobs"
    still = f"The {jobs} it was about to move {'is' if count == 1 else 'are'} still there"
    return f"{still}; how many it moved before is not known."


def _why_unknown(unknown: SourcesUnknown) -> str:
    server, why = printable(unknown.server), printable(unknown.why)
    return f"It is unknown whether the originals are still on {server}: {why}."


def unclear(action: CutOff, left: Leftovers) -> str:
    """What nobody can know of some jobs."""
    moved = action.act == "move"
    what = "may be there twice" if moved else "may have been put back or not (u shows them)"
    return f"{_jobs(left.unclear)} {what}"


def risk(unknown: SourcesUnknown) -> list[Line]:
    """Return what may happen if jobs are finished without their sources."""
    return [
        [(" It is unknown whether the originals are still on", "warn")],
        [(f" {printable(unknown.server)}: {printable(unknown.why)}.", "warn")],
        [(" Those that are will be there and here, and done twice.", "warn")],
    ]


def ends(left: Leftovers) -> list[Line]:
    """Return what will become of the jobs."""
    states = Counter("buried" if entry.state == "buried" else "ready" for entry in left.free)
    lines: list[Line] = [
        [(f" {state:<7} ", "dim"), (f"{grouped(count)} will be {state}", "")]
        for state, count in states.items()
    ]
    if kept := len(left.kept):
        lines.append([(" as is   ", "dim"), (f"{grouped(kept)} will stay as they are", "")])
    if undo := len(left.undo):
        what = "copies will be deleted: the originals are still there"
        lines.append([(" undone  ", "dim"), (f"{grouped(undo)} {what}", "")])
    if perhaps := left.perhaps_done:
        lines.append([(f" A worker may have done {grouped(perhaps)} of them already.", "warn")])
    return lines


def did(action: CutOff) -> str:
    """Return what beantop did, as it follows "beantop"; safe to show."""
    return f"{_PAST[action.act]} {printable(action.what)}"


def _jobs(entries: Sequence[Entry]) -> str:
    """Return the number of jobs with their tube; safe to show."""
    tubes = sorted({printable(entry.tube) for entry in entries})
    return (
        f"{plural(len(entries), 'job')} of {tubes[0] if len(tubes) == 1 else f'{len(tubes)} tubes'}"
    )


def _are(entries: Sequence[Entry]) -> str:
    return "is" if len(entries) == 1 else "are"


def why(error: OSError | Error | ValueError | SourcesUnknown) -> str:
    """Return what went wrong with a server, a file or a record."""
    if isinstance(error, Error):
        return describe_error(error)
    return describe_file_error(error) if isinstance(error, OSError) else str(error)
