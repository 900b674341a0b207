"""Putting back what was deleted: the last deletion (`U`) or any earlier one (`u`)."""

from contextlib import suppress
from functools import partial

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import confirm, server_line
from beantop.app.actions.cut_off import finish_all_first, record_of
from beantop.app.actions.running import Target, run_bulk
from beantop.app.questions import PickDeletion
from beantop.app.view.lines import Line
from beantop.formatting import duration, grouped, plural, printable
from beantop.jobs.aside import SAVING, in_time_async
from beantop.jobs.bulk.put_back import PutBack
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.storage import describe_file_error
from beantop.jobs.trash.deletion import Deletion
from beantop.jobs.trash.deletion_file import DeletionFile
from beantop.jobs.trash.store import Last, Trash

OFF = 'The trash is off (trash = "off" in the configuration): nothing was saved.'

NOTHING_LEFT = "All of these jobs were put back already, or were never deleted."

IN_DOUBT: list[Line] = [
    [(" beantop ended while it put these jobs back. Some or all of them may", "warn")],
    [(" be there already, and would then be there twice.", "warn")],
]

SEEN: list[Line] = [
    [(" These jobs were still on the server when they were to be put back.", "warn")],
    [(" Workers may have finished them since, and would then do them twice.", "warn")],
]

MAX_NAMED = 3
"""Number of unreadable files that are named."""


async def last_deletion(context: ActionContext) -> Last:
    """Return what was deleted last on this server and can be put back. Raises OSError."""
    trash = context.trash
    if trash is None:
        return Last(None)
    return await in_time_async(partial(trash.last, context.server), SAVING)


async def open_trash(context: ActionContext) -> Tally | None:
    """Show all deletions, and put back the one that the user picks. Return the tally; None if nothing was
    put back."""
    if not (trash := context.trash):
        context.say(OFF)
        return None
    try:
        deletions = await in_time_async(trash.deletions, SAVING)
    except OSError as error:
        context.fail(unreadable(error))
        return None
    chosen = await context.ask(PickDeletion("Trash", [], deletions, context.view.wall_time))
    if chosen is None or not await finish_all_first(context):
        return None
    try:
        deletion = await in_time_async(partial(trash.read, chosen), SAVING)
    except OSError as error:
        path = printable(str(chosen.path))
        context.fail(f"{path} cannot be read: {describe_file_error(error)}.")
        return None
    if deletion:
        return await ask_and_put_back(context, trash, deletion)
    context.fail("Nothing was put back: the file of that deletion is gone.")
    return None


def unreadable(error: OSError) -> str:
    return f"The trash cannot be read: {describe_file_error(error)}."


def passed_over(last: Last) -> str:
    """Return sentences about the later files that cannot be read; "" if all can.

    >>> passed_over(Last(None, [f"{name} cannot be read." for name in "abcde"]))
    'a cannot be read. b cannot be read. c cannot be read. 2 more files cannot be read.'
    """
    sentences = [printable(sentence) for sentence in last.unreadable[:MAX_NAMED]]
    if (more := len(last.unreadable) - MAX_NAMED) > 0:
        sentences.append(f"{plural(more, 'more file')} cannot be read.")
    return " ".join(sentences)


async def ask_and_put_back(
    context: ActionContext, trash: Trash, deletion: Deletion, *, always: bool = False
) -> Tally | None:
    """Ask, and put back the jobs that can be; if there are none, those that may be back already. `always`
    means that the configuration cannot switch the question off."""
    in_doubt = not deletion.restorable
    count = len(_ids_of(deletion, in_doubt))
    if why_not := context.why_off or ("" if count else _why_nothing(deletion)):
        context.say(why_not)
        return None
    title, yes = f"Put back {plural(count, 'job')}?", f"Put back {grouped(count)}"
    lines = [*_target_lines(context, deletion), *(_doubts(deletion) if in_doubt else [])]
    if await confirm(
        context,
        title,
        lines,
        yes=yes,
        count=count,
        always=always,
        undoable=True,
        about="undo",
    ):
        return await _put_back(context, trash, deletion, in_doubt)
    return None


def _doubts(deletion: Deletion) -> list[Line]:
    """Return why putting back the jobs in doubt may do them twice."""
    ended = IN_DOUBT if deletion.in_doubt - deletion.seen else []
    return [*ended, *(SEEN if deletion.seen else [])]


def _why_nothing(deletion: Deletion) -> str:
    if unreadable := deletion.unreadable:
        path = printable(str(deletion.path))
        return f"{unreadable} of {path} cannot be read; there is nothing else to put back."
    return NOTHING_LEFT


async def _put_back(
    context: ActionContext, trash: Trash, deletion: Deletion, in_doubt: bool
) -> Tally | None:
    try:
        file = await in_time_async(partial(trash.open, deletion), SAVING)
    except OSError as error:
        context.fail(f"Nothing was put back: {describe_file_error(error)}.")
        return None
    try:
        now = await in_time_async(partial(trash.read, deletion), SAVING)
    except OSError as error:
        context.fail(f"Nothing was put back: {describe_file_error(error)}.")
        await _close(file)
        return None
    ids = _ids_of(now, in_doubt) if now else []
    if now is None or not ids:
        await _close(file)
        context.fail("Nothing was put back: another beantop has put them back already.")
        return None
    what = f"{plural(len(ids), 'job')} of {deletion.what}"
    record = record_of(context, "put back", what, trash=deletion.path)
    put_back = PutBack(now, file, record=record)
    bulk = Bulk(context.connection, put_back, ids)
    return await run_bulk(context, bulk, "Putting back", Target(len(ids), "job", ""))


async def _close(file: DeletionFile) -> None:
    with suppress(OSError):
        await in_time_async(file.close)


def _ids_of(deletion: Deletion, in_doubt: bool) -> list[int]:
    return sorted(deletion.in_doubt) if in_doubt else deletion.restorable


def _target_lines(context: ActionContext, deletion: Deletion) -> list[Line]:
    ago = duration(max(0.0, context.view.wall_time - deletion.time))
    is_one = len(deletion.restorable or deletion.in_doubt) == 1
    keeps, ids = ("It keeps", "gets a new id") if is_one else ("They keep", "get new ids")
    lines: list[Line] = [
        [(" deleted ", "dim"), (printable(deletion.what), "bold"), (f", {ago} ago", "")],
        server_line(context.view),
        [],
        [(f" {keeps} tube, state, priority, ttr and remaining delay,", "")],
        [(f" and {ids}.", "")],
    ]
    lines += _replacement_lines(deletion)
    is_here = deletion.where.is_same(context.server)
    if not is_here:
        elsewhere = f" They were deleted on another server, {printable(deletion.server)}."
        lines.append([(elsewhere, "warn")])
    if unsure := len(deletion.unsure):
        unknown = f" It is unknown whether {'the' if is_here else 'that'} server deleted"
        still = "are skipped" if is_here else "will be there and here"
        lines.append([(f"{unknown} {grouped(unsure)} of them;", "warn")])
        lines.append([(f" those that are still there {still}.", "warn")])
    is_rest = bool(deletion.restorable)  # else it is these that are put back
    if is_rest and (seen := len(deletion.seen)):
        lines.append([(f" {grouped(seen)} were still on the server before: skipped.", "warn")])
    if is_rest and (doubt := len(deletion.in_doubt - deletion.seen)):
        lines.append([(f" {grouped(doubt)} may have been put back before: skipped.", "warn")])
    if broken := deletion.broken_lines:
        lines.append([(f" {plural(broken, 'line')} of the file cannot be read.", "warn")])
    return lines


def _replacement_lines(deletion: Deletion) -> list[Line]:
    """Return the lines that warn of running both an edited job and its replacement."""
    if not deletion.edited:
        return []
    if not deletion.replacements:
        return [
            [(" The job was edited. It is unknown whether the new one exists:", "warn")],
            [(" if it does, delete it, or both run.", "warn")],
        ]
    ids = ", ".join(map(str, sorted(deletion.replacements)))
    return [[(f" The replacement, job {ids}, stays: delete it, or both run.", "warn")]]
