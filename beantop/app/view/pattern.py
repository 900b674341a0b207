"""A regular expression that a user typed, and that shall not hold the screen."""

import time

import regex

LONGEST_SEARCH = 0.1
"""Seconds that a regular expression may take, on one text or on many: some would take years."""

PER_TEXT, PER_CHARACTER = 20e-6, 100e-9
"""Seconds that it may take in addition: more than it takes an honest one."""


class Pattern:
    """A regular expression that is given up, and then found nowhere, once texts take it long."""

    def __init__(self, text: str) -> None:
        """ValueError tells what is wrong with it."""
        try:
            self._pattern = regex.compile(text, regex.IGNORECASE)
        except (regex.error, OverflowError, RecursionError, MemoryError) as error:
            raise ValueError(getattr(error, "msg", None) or error) from None
        self._left = LONGEST_SEARCH
        """Seconds of the processor that it still may take."""

    @property
    def given_up(self) -> bool:
        return self._left <= 0

    def found_in(self, text: str) -> bool:
        if self.given_up:
            return False
        more = PER_TEXT + PER_CHARACTER * len(text)
        self._left = min(LONGEST_SEARCH, self._left + more)
        began = time.thread_time()
        try:
            found = self._pattern.search(text, timeout=self._left) is not None
        except TimeoutError:
            self._left = 0.0
            return False
        self._left -= time.thread_time() - began
        return found
