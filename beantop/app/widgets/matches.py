"""Finding words in the lines of a body, whatever their case, and making them stand out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from beantop.app.view.lines import Line, Piece
from beantop.app.widgets.body_rows import Part
from beantop.formatting import plural

FOUND = "cursor"
"""The style of what was searched for."""

MAX_PLACES = 10_000
"""That are gone to; a letter may be in a million places, and it is searched with every key."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Where some words are: the numbers of a line, and of a character in it as it is shown."""

    all: Sequence[tuple[int, int]] = ()
    more: bool = False
    """Whether there are more than these."""

    def __str__(self) -> str:
        """
        >>> str(Matches([(0, 3)])), str(Matches([(0, 3)], more=True))
        ('1 place', 'over 1 place')
        """
        return ("over " if self.more else "") + plural(len(self.all), "place")


def find(words: str, text: str) -> Matches:
    """Where the words are in a text, as `shown_text` makes it.

    >>> find("ada", "an ADA, an ada\\n\\nAda").all
    [(0, 3), (0, 11), (2, 0)]
    """
    if not words:
        return Matches()
    found = list(islice(_found(words, text), MAX_PLACES + 1))
    return Matches(found[:MAX_PLACES], len(found) > MAX_PLACES)


def standing_out(part: Part, words: str) -> Line:
    """What stands on a row, with the words in another style, also where they go on in the next; and
    where they overlap, since which of those is a place depends on all that is before the row.

    >>> standing_out(Part(0, "an ADA, an ada", 0, 5), "ada")
    [('an ', ''), ('AD', 'cursor')]
    """
    if not words:
        return [(part.text[part.start : part.end], "")]
    return list(_pieces(part, words))


def _found(words: str, text: str) -> Iterator[tuple[int, int]]:
    line = begins_at = before = 0
    for match in re.finditer(re.escape(words), text, re.IGNORECASE):
        start = match.start()
        line += text.count("\n", before, start)
        begins_at = text.rfind("\n", before, start) + 1 or begins_at
        before = start
        yield line, start - begins_at


def _pieces(part: Part, words: str) -> Iterator[Piece]:
    at, beyond = part.start, len(words) - 1
    from_, to = max(0, part.start - beyond), min(part.end + beyond, len(part.text))
    overlapping = re.compile(f"(?={re.escape(words)})", re.IGNORECASE)
    for match in overlapping.finditer(part.text, from_, to):
        start, end = max(match.start(), at), min(match.start() + len(words), part.end)
        if start < end:
            if at < start:
                yield part.text[at:start], ""
            yield part.text[start:end], FOUND
            at = end
    if at < part.end:
        yield part.text[at : part.end], ""
