"""The message in place of the rows when a filter is not valid."""

from textwrap import wrap

from beantop.app.view.lines import Line
from beantop.formatting import printable

INDENT = "   "


def unreadable(problem: str, width: int) -> list[Line]:
    """Return why no row is shown, wrapped to the window; each sentence starts a line.

    >>> unreadable("a value is missing", 80)
    [[], [('   This filter cannot be used: a value is missing.  esc clears it.', 'warn')]]
    """
    first, *more = problem.splitlines()
    sentences = [f"This filter cannot be used: {first}.  esc clears it.", *more]
    room = max(10, width - 2 * len(INDENT))
    lines: list[Line] = [
        [(f"{INDENT}{line}", "dim" if sentence in more else "warn")]
        for sentence in sentences
        for line in wrap(printable(sentence), room)
    ]
    return [[], *lines]
