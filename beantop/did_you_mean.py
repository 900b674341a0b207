"""Hints at the word that was meant, for errors about unknown words."""

from collections.abc import Collection


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

    in_lower_case = {known.lower(): known for known in words}
    close = get_close_matches(word.lower(), in_lower_case, 1, least)
    return in_lower_case[close[0]] if close else ""
