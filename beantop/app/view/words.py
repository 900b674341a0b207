"""Words that choose rows of a table, by the texts that stand in them."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from beantop.app.view.pattern import Pattern

_WORD = re.compile(r"!?/.+?/(?=\s|$)|\S+")

_JSON_SIGNS = re.compile(r'[{}\[\],:"\\…─]')

_Test: TypeAlias = Callable[[Iterable[str]], bool]


class Words:
    """All words must match, `a|b` one of them, `!x` must not, and `/re/` is a regular expression.

    Case does not matter. Words that cannot be read match nothing: a row that nobody chose shall not
    be acted on.

    >>> names = ["email-out", "email-in", "push", "webhooks"]
    >>> def found(words): return list(filter(Words(words).match, names))
    >>> found("email"), found("email !IN"), found("push|webh"), found("/^E.*n$/")
    (['email-out', 'email-in'], ['email-out'], ['push', 'webhooks'], ['email-in'])
    >>> found("/[a-/"), Words("/[a-/").problem
    ([], '/[a-/ is not a regular expression: unterminated character set')
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.excludes = False
        """Whether there is a word that must not match: then it takes all texts of a row to know."""
        self.are_plain = True
        """Whether none of them has a sign of JSON in it, or is a regular expression."""
        self._mistake = ""
        self._patterns: list[Pattern] = []
        self._tests: list[_Test] = []
        for word in words_of(text):
            try:
                self._tests.append(self._test(word))
            except ValueError as error:
                self._mistake = f"{word[:30]} is not a regular expression: {error}"

    def match(self, *texts: str, more: Iterable[str] = ()) -> bool:
        """Whether each word is in one of the texts, and none that must not be. Of `more` as many are
        asked for as it takes to know."""
        every = _Remembered(chain(texts, more)) if more else texts
        return all(test(every) for test in self._tests) and not self.problem

    @property
    def problem(self) -> str:
        """Why nothing is matched; a regular expression may turn out to take too long."""
        given_up = any(pattern.given_up for pattern in self._patterns)
        return self._mistake or ("the regular expression takes too long" if given_up else "")

    def _test(self, word: str) -> _Test:
        if word.startswith("!") and len(word) > 1:
            self.excludes = True
            unwanted = self._test(word[1:])
            return lambda texts: not unwanted(texts)
        if is_pattern(word):
            from beantop.app.view.pattern import Pattern  # seldom wanted, and slow to load

            self.are_plain = False
            pattern = Pattern(word[1:-1])
            self._patterns.append(pattern)
            return lambda texts: any(map(pattern.found_in, texts))
        self.are_plain = self.are_plain and not _JSON_SIGNS.search(word)
        parts = [part for part in word.lower().split("|") if part]
        return lambda texts: not parts or _have_one(texts, parts)


def words_of(text: str) -> list[str]:
    """What stands between blanks; those of a regular expression belong to it.

    >>> words_of('ready /"id": 1/ !/a b/ /var/log'), words_of("/not closed")
    (['ready', '/"id": 1/', '!/a b/', '/var/log'], ['/not', 'closed'])
    """
    return _WORD.findall(text)


def is_pattern(word: str) -> bool:
    """Whether the word is a regular expression."""
    return len(word) > 2 and word[0] == word[-1] == "/"


class _Remembered:
    """Texts that are made once, when the first word asks for them, and then there for all words."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._made: list[str] = []
        self._left = texts

    def __iter__(self) -> Iterator[str]:
        yield from self._made
        for text in self._left:
            self._made.append(text)
            yield text


def _have_one(texts: Iterable[str], parts: list[str]) -> bool:
    for text in texts:  # loops: of a hundred thousand bodies each is asked
        lowered = text.lower()
        for part in parts:
            if part in lowered:
                return True
    return False
