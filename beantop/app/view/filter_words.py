"""What is said where the rows would be, of a filter that cannot be read."""

from textwrap import wrap

from beantop.app.view.lines import Line
from beantop.formatting import printable

INDENT = "   "


def unreadable(problem: str, width: int) -> list[Line]:
    """Why no row is shown, whole in any window, each sentence on lines of its own.

    >>> unreadable("it has no end", 80)
    [[], [('   This filter cannot be read: it has no end.  esc clears it.', 'warn')]]
    """
    first, *more = problem.splitlines()
    said = [f"This filter cannot be read: {first}.  esc clears it.", *more]
    room = max(10, width - 2 * len(INDENT))
    lines: list[Line] = [
        [(f"{INDENT}{line}", "dim" if sentence in more else "warn")]
        for sentence in said
        for line in wrap(printable(sentence), room)
    ]
    return [[], *lines]
