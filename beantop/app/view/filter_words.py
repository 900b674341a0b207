"""The words around a table that is filtered."""

from textwrap import wrap

from beantop.app.view.lines import Line
from beantop.app.view.words import Words
from beantop.formatting import printable

INDENT = "   "


def filter_words(words: Words) -> Line:
    """Return the filter for the rule above the table; nothing if there is none."""
    if not words.text:
        return []
    return [(f"filter: {printable(words.text)}", "warn" if words.problem else "accent")]


def no_match(words: Words, row: str, width: int) -> list[Line]:
    """Return why no row is shown; `row` is what a row is, as "server"."""
    if words.problem:
        return unreadable(words.problem, width)
    return [
        [],
        [(f"{INDENT}No {row} matches “{printable(words.text)}”.  esc clears the filter.", "")],
    ]


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
