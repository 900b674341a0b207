"""Which tubes of a server are shown: by words of their names, and by how they are."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import regex

from beantop.monitor.history import History
from beantop.monitor.signs import signs
from beantop.monitor.snapshot import Tube

NameTest: TypeAlias = Callable[[str], bool]

LONGEST_SEARCH = 0.1
"""Seconds that a regular expression may take, on one text or on many: some would take years."""

PER_TEXT, PER_CHARACTER = 20e-6, 100e-9
"""Seconds that it may take in addition: more than it takes an honest one."""


def parse_filter(words: str) -> tuple[NameTest, str]:
    """What the filter line means, and what is wrong with it, if anything is.

    All words must match, `a|b` one of them, `!x` must not, and `/re/` is a regular expression.
    Case does not matter. A word that means nothing yet hides nothing.

    >>> names = ["email-out", "email-in", "push", "webhooks"]
    >>> def found(words): return [name for name in names if parse_filter(words)[0](name)]
    >>> found("email"), found("email !IN"), found("push|webh"), found("/^E.*n$/")
    (['email-out', 'email-in'], ['email-out'], ['push', 'webhooks'], ['email-in'])
    >>> len(found("/[a-/")), parse_filter("/[a-/")[1]
    (4, 'not a regular expression: unterminated character set')
    """
    tests, problem = [], ""
    for word in words.split():
        try:
            tests.append(_word_test(word))
        except (regex.error, OverflowError, RecursionError, MemoryError) as error:
            problem = f"not a regular expression: {getattr(error, 'msg', None) or error}"
    return lambda name: all(test(name) for test in tests), problem


def _word_test(word: str) -> NameTest:
    if word.startswith("!") and len(word) > 1:
        unwanted = _word_test(word[1:])
        return lambda name: not unwanted(name)
    if len(word) > 2 and word[0] == word[-1] == "/":
        return _Pattern(regex.compile(word[1:-1], regex.IGNORECASE)).found_in
    parts = [part for part in word.lower().split("|") if part]
    return lambda name: not parts or any(part in name.lower() for part in parts)


class _Pattern:
    """A regular expression that is given up, and then hides nothing, once texts take it long."""

    def __init__(self, pattern: "regex.Pattern[str]") -> None:
        self._pattern = pattern
        self._left = LONGEST_SEARCH
        """Seconds of the processor that it still may take."""

    def found_in(self, text: str) -> bool:
        if self._left <= 0:
            return True
        more = PER_TEXT + PER_CHARACTER * len(text)
        self._left = min(LONGEST_SEARCH, self._left + more)
        began = time.thread_time()
        try:
            found = self._pattern.search(text, timeout=self._left) is not None
        except TimeoutError:
            self._left = 0.0
            return True
        self._left -= time.thread_time() - began
        return found


class Found(NamedTuple):
    """The tubes that a filter lets through, and how many it hid only for being idle."""

    tubes: list[Tube]
    idle: int


@dataclass(frozen=True, slots=True)
class TubeFilter:
    """What the user wants to see."""

    words: str = ""
    only_problems: bool = False
    without_idle: bool = False
    matches: NameTest = field(init=False, repr=False, compare=False)
    problem: str = field(init=False)
    """What is wrong with the words."""

    def __post_init__(self) -> None:
        matches, problem = parse_filter(self.words)
        object.__setattr__(self, "matches", matches)
        object.__setattr__(self, "problem", problem)

    def find(self, tubes: Iterable[Tube], history: History) -> Found:
        """Those of the tubes that are to be shown."""
        found = [tube for tube in tubes if self.matches(tube.name)]
        if self.only_problems:
            found = [tube for tube in found if has_problem(tube, history)]
        if not self.without_idle:
            return Found(found, 0)
        busy = [tube for tube in found if not is_idle(tube, history)]
        return Found(busy, len(found) - len(busy))


def has_problem(tube: Tube, history: History) -> bool:
    """Whether the tube has a sign that tells more than that it came or went."""
    return any(not sign.is_news for sign in signs(tube, history))


def is_idle(tube: Tube, history: History) -> bool:
    """Whether nothing is in the tube, and nothing has gone through it in the last seconds."""
    if tube.ready or tube.reserved or tube.delayed or tube.buried or tube.paused:
        return False
    rates = history.tube_rates(tube.name)
    return not rates.put and not rates.delete
