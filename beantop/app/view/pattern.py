"""A regular expression that a user typed, with a time limit so that it cannot block the screen."""

import time

import regex

from beantop.app.view.highlight import Range

LONGEST_SEARCH = 0.1
"""Time budget of a regular expression, in seconds, over all texts: some would take years."""

PER_TEXT, PER_CHARACTER = 20e-6, 100e-9
"""Seconds added to the budget for each text and character: more than a normal pattern needs."""


class Pattern:
    """A regular expression that gives up, and then matches nothing, when it takes too long."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError`, with the mistake, if the text is not a regular expression."""
        try:
            self._pattern = regex.compile(text, regex.IGNORECASE)
        except (regex.error, OverflowError, RecursionError, MemoryError) as error:
            raise ValueError(getattr(error, "msg", None) or error) from None
        self._left = LONGEST_SEARCH
        """Seconds of CPU time left in the budget."""

    @property
    def given_up(self) -> bool:
        return self._left <= 0

    def find(self, text: str) -> list[Range]:
        """Return where the pattern is in a short text, without empty matches."""
        if self.given_up:
            return []
        started = time.thread_time()
        try:
            spans = [match.span() for match in self._pattern.finditer(text, timeout=self._left)]
        except TimeoutError:
            self._left = 0.0
            return []
        self._left -= max(0.0, time.thread_time() - started - PER_TEXT - PER_CHARACTER * len(text))
        return [(start, end) for start, end in spans if start < end]

    def found_in(self, text: str) -> bool:
        if self.given_up:
            return False
        earned = PER_TEXT + PER_CHARACTER * len(text)
        self._left = min(LONGEST_SEARCH, self._left + earned)
        started = time.thread_time()
        try:
            found = self._pattern.search(text, timeout=self._left) is not None
        except TimeoutError:
            self._left = 0.0
            return False
        self._left -= time.thread_time() - started
        return found
