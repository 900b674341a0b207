"""Confirmation before something is changed: none, a key, or the number of jobs typed."""

from collections.abc import Sequence

from beantop.app.action_context import ActionContext
from beantop.app.questions import AskNumber, Confirm, read_count
from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line
from beantop.formatting import printable

MAX_UNTYPED = 100
"""The largest number of jobs changed without having their number typed."""


async def confirm(
    context: ActionContext,
    title: str,
    lines: Sequence[Line],
    *,
    yes: str,
    no: str = "Cancel",
    count: int = 1,
    typed: bool = False,
    always: bool = False,
) -> bool:
    """Return whether the user agrees to change `count` jobs. `typed` means that their number must be
    typed, however many they are; `always` that the configuration cannot switch the question off."""
    view = context.view
    if typed or wants_number_typed(view, count):
        ask = AskNumber(
            title,
            lines,
            read=read_count,
            least=count,
            most=count,
            hint=f"type {count} to confirm",
            yes=yes,
            usual=None,
        )
        return await context.ask(ask) is not None
    is_off = view.confirm == "none" or (view.confirm == "bulk" and count == 1)
    if is_off and not always:
        return True
    return await context.ask(Confirm(title, lines, yes, no)) is True


def wants_number_typed(view: ServerView, count: int) -> bool:
    """Return whether the number of jobs must be typed before this many are changed."""
    return view.production or count > MAX_UNTYPED


def server_line(view: ServerView, label: str = " server  ") -> Line:
    """Return the line of a question that names the server."""
    line: Line = [(label, "dim"), (printable(view.known.title), "")]
    if view.guard:
        line.append((f", which is {view.guard} in the configuration", "dim"))
    return [*line, *production_word(view.production)]


def production_word(production: bool) -> Line:
    """Return the end of a line that names a server."""
    return [("   ", ""), (" PRODUCTION ", "alarm")] if production else []
