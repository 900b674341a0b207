"""Finds words in the lines of a body, ignoring case, and highlights them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from beantop.app.view.highlight import Range, highlighted
from beantop.app.view.lines import Line
from beantop.app.widgets.body_rows import Part

FOUND = "cursor"
"""The style of a match."""

MAX_PLACES = 10_000
"""Limit on matches: a letter can occur a million times, and each key starts a new search."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of a search, each as the index of a line and an offset in its printable text."""

    all: Sequence[tuple[int, int]] = ()
    more: bool = False
    """Whether there are more matches than these."""

    def __str__(self) -> str:
        """Return the number of matches.

        >>> str(Matches([(0, 3)])), str(Matches([(0, 3), (1, 0)], more=True))
        ('1 match', 'over 2 matches')
        """
        number = f"over {len(self.all):,}" if self.more else f"{len(self.all):,}"
        return f"{number} {'match' if len(self.all) == 1 else 'matches'}"


def find(words: str, text: str) -> Matches:
    """Return the matches of the words in a text as `shown_text` returns it.

    >>> find("ada", "an ADA, an ada\\n\\nAda").all
    [(0, 3), (0, 11), (2, 0)]
    """
    if not words:
        return Matches()
    found = list(islice(_found(words, text), MAX_PLACES + 1))
    return Matches(found[:MAX_PLACES], len(found) > MAX_PLACES)


def standing_out(part: Part, words: str, line: Line | None = None) -> Line:
    """Return a row with its matches highlighted, including those that continue on the next row.
    `line` is the row in its colors.

    Overlapping matches are highlighted too: which of them count depends on all the text before.

    >>> standing_out(Part(0, "an ADA, an ada", 0, 5), "ada")
    [('an ', ''), ('AD', 'cursor')]
    """
    line = [(part.text[part.start : part.end], "")] if line is None else line
    return highlighted(line, _ranges(part, words), FOUND) if words else line


def _found(words: str, text: str) -> Iterator[tuple[int, int]]:
    line = begins_at = before = 0
    for match in re.finditer(re.escape(words), text, re.IGNORECASE):
        start = match.start()
        line += text.count("\n", before, start)
        begins_at = text.rfind("\n", before, start) + 1 or begins_at
        before = start
        yield line, start - begins_at


def _ranges(part: Part, words: str) -> Iterator[Range]:
    """Yield where the words are on the row."""
    at, beyond = part.start, len(words) - 1
    from_, to = max(0, part.start - beyond), min(part.end + beyond, len(part.text))
    overlapping = re.compile(f"(?={re.escape(words)})", re.IGNORECASE)
    for match in overlapping.finditer(part.text, from_, to):
        start, end = max(match.start(), at), min(match.start() + len(words), part.end)
        if start < end:
            yield start - part.start, end - part.start
            at = end
