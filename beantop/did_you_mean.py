"""Hints at the word that was meant, for errors about unknown words."""

from collections.abc import Collection
from functools import partial
from heapq import nsmallest

LONGEST, MAX_COMPARED = 80, 500
"""Characters of the longest word that is compared, and how many are: comparing is slow, and there may be
100,000 tubes."""


def nearest(word: str, words: Collection[str]) -> str:
    """Return a hint at the word that was meant, as the end of a sentence.

    >>> nearest("intervall", {"interval": 1, "theme": 2})
    ', did you mean interval?'
    >>> nearest("x", {"interval": 1, "theme": 2})
    '; there are interval, theme'
    """
    close = similar(word, words)
    return f", did you mean {close}?" if close else f"; there are {', '.join(words)}"


def similar(word: str, words: Collection[str], least: float = 0.6) -> str:
    """Return the word that is most similar to a word, with a similarity of at least `least`; "" if
    none is. Case does not matter.

    >>> similar("statuss", ["STATUS", "state"])
    'STATUS'
    """
    from difflib import get_close_matches  # slow to import, and only needed for mistakes

    if len(word) > LONGEST:
        return ""
    in_lower_case = {known.lower(): known for known in words if len(known) <= LONGEST}
    likely = nsmallest(MAX_COMPARED, in_lower_case, partial(_distance, word.lower()))
    close = get_close_matches(word.lower(), likely, 1, least)
    return in_lower_case[close[0]] if close else ""


def _distance(word: str, other: str) -> tuple[bool, int]:
    """Return how unlikely it is, at first sight, that a word was meant by another one."""
    return word[:1] != other[:1], abs(len(word) - len(other))
