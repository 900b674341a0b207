"""Confirmation before something is changed: none, a key, or the number of jobs typed."""

from collections.abc import Sequence
from typing import TypeVar

from beantop.app.action_context import ActionContext
from beantop.app.questions import (
    About,
    AskNumber,
    Confirm,
    Offer,
    Question,
    or_else,
    read_count,
)
from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line
from beantop.formatting import printable

T = TypeVar("T")

Other = TypeVar("Other", bound=Offer)

PRODUCTION = (" PRODUCTION ", "alarm")
"""The end of a line that names a server in production."""

MAX_UNTYPED = 100
"""The largest number of jobs changed without having their number typed, if `U` cannot undo it."""


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
    undoable: bool = False,
    word: str = "",
    offer: Other | None = None,
    about: About = "change",
) -> bool | Other:
    """Return whether the user agrees to change `count` jobs. `typed` means that their number must
    be typed, however many they are; `always` that the configuration cannot switch the question off;
    `undoable` that `U` undoes it. `word` can be typed instead of the number if the number itself
    does not matter. If the user takes the `offer`, return that."""
    view = context.view
    if typed or wants_number_typed(view, count, undoable=undoable):
        word = "" if typed or view.production else word
        ask = AskNumber(
            title,
            lines,
            read=read_count,
            least=count,
            most=count,
            hint=f"type {count}{f' or {word}' if word else ''} to confirm",
            yes=yes,
            usual=None,
            word=word,
            about=about,
            count=count,
        )
        number = await _answer(context, ask, offer)
        return offer if offer and number is offer else number is not None
    is_off = view.confirm == "none" or (view.confirm == "bulk" and count == 1)
    if is_off and not always:
        return True
    ask_key = Confirm(title, lines, yes, no, about=about, count=count)
    answer = await _answer(context, ask_key, offer)
    return offer if offer and answer is offer else answer is True


async def _answer(
    context: ActionContext, question: Question[T], offer: Offer | None
) -> T | Offer | None:
    if offer:
        return await context.ask(or_else(question, offer))
    return await context.ask(question)


def wants_number_typed(view: ServerView, count: int, *, undoable: bool = False) -> bool:
    """Return whether the number of jobs must be typed before this many are changed."""
    return view.production or (count > MAX_UNTYPED and not undoable)


def server_line(view: ServerView, label: str = " server  ") -> Line:
    """Return the line of a question that names the server."""
    line: Line = [(label, "dim"), (printable(view.known.title), "")]
    if view.guard:
        line.append((f", which is {view.guard} in the configuration", "dim"))
    return [*line, *production_word(view.production)]


def production_word(production: bool) -> Line:
    """Return the end of a line that names a server."""
    return [("   ", ""), PRODUCTION] if production else []
