"""The words of a filter, which select the rows of a table by their texts."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from beantop.app.view.highlight import Find, Range
from beantop.formatting import folded, is_digits

if TYPE_CHECKING:
    from beantop.app.view.pattern import Pattern

_WORD = re.compile(r"!?/.+?/(?=\s|$)|\S+")

_Test: TypeAlias = Callable[[Iterable[str]], bool]


class Words:
    """A filter in which every word must match.

    `a|b` matches either part, `!x` matches where x does not, `/re/` is a regular expression. Case
    does not matter. Invalid words match nothing, so that no action reaches a row nobody chose.

    >>> names = ["email-out", "email-in", "push", "webhooks"]
    >>> def found(words): return list(filter(Words(words).match, names))
    >>> found("email"), found("email !IN"), found("push|webh"), found("/^E.*n$/")
    (['email-out', 'email-in'], ['email-out'], ['push', 'webhooks'], ['email-in'])
    >>> found("/[a-/"), Words("/[a-/").problem
    ([], "'/[a-/' is not a regular expression: unterminated character set")
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.excludes = False
        """Whether a word begins with `!`: then all texts of a row are needed to decide."""
        self.parts: list[str] | None = []
        """The words to look for, folded; None if there is a regular expression, too."""
        self._mistake = ""
        self._patterns: list[Pattern] = []
        self._tests: list[_Test] = []
        self._finders: list[Find] = []
        for word in words_of(text):
            try:
                self._tests.append(self._test(word))
            except ValueError as error:
                self._mistake = f"{word[:30]!r} is not a regular expression: {error}"

    @property
    def can_be_number(self) -> bool:
        """Whether a number could match: a word has only digits, or is a regular expression."""
        parts = self.parts
        return parts is None or not parts or any(map(is_digits, parts))

    @property
    def has_patterns(self) -> bool:
        """Whether there is a regular expression. It may turn out to be too slow; then nothing matches."""
        return bool(self._patterns)

    def match(self, *texts: str, more: Iterable[str] = ()) -> bool:
        """Whether the texts match: each word is in one of them, and no `!` word is in any.

        `more` is read only as far as needed to decide."""
        every: Iterable[str] = texts
        if more:
            once = chain(texts, more)
            every = once if len(self._tests) == 1 else _Remembered(once)
        return all(test(every) for test in self._tests) and not self.problem

    def find(self, text: str) -> list[Range]:
        """Return where the words are in a text, to highlight them. Words that must not match are left
        out.

        >>> Words("email|in !x /t.x/").find("an Email in text"), Words("strasse").find("Straße 5")
        ([(3, 8), (9, 11), (12, 15)], [(0, 6)])
        """
        return sorted(found for finder in self._finders for found in finder(text))

    @property
    def problem(self) -> str:
        """Why nothing matches; it can change, when a regular expression turns out to be too slow."""
        given_up = any(pattern.given_up for pattern in self._patterns)
        return self._mistake or ("the regular expression takes too long" if given_up else "")

    def _test(self, word: str, *, is_wanted: bool = True) -> _Test:
        if word.startswith("!") and len(word) > 1:
            self.excludes = True
            unwanted = self._test(word[1:], is_wanted=False)
            return lambda texts: not unwanted(texts)
        if is_pattern(word):
            from beantop.app.view.pattern import Pattern  # rarely needed, and slow to load

            self.parts = None
            pattern = Pattern(word[1:-1])
            self._patterns.append(pattern)
            if is_wanted:
                self._finders.append(pattern.find)
            return lambda texts: any(map(pattern.found_in, texts))
        parts = [part for part in folded(word).split("|") if part]
        if self.parts is not None:
            self.parts += parts
        if is_wanted and parts:
            self._finders.append(_finder(parts))
        return lambda texts: not parts or _have_one(texts, parts)


def words_of(text: str) -> list[str]:
    """Split a filter at blanks, except at those inside a regular expression.

    >>> words_of('ready /"id": 1/ !/a b/ /var/log'), words_of("/not closed")
    (['ready', '/"id": 1/', '!/a b/', '/var/log'], ['/not', 'closed'])
    """
    return _WORD.findall(text)


def is_pattern(word: str) -> bool:
    """Whether the word is a regular expression."""
    return len(word) > 2 and word[0] == word[-1] == "/"


def _finder(parts: Iterable[str]) -> Find:
    """Return a function that finds these words, which are folded."""
    any_part = re.compile("|".join(map(re.escape, parts)))

    def find(text: str) -> list[Range]:
        if text.isascii():
            return [match.span() for match in any_part.finditer(text.lower())]
        letters = list(map(folded, text))
        at = [number for number, letter in enumerate(letters) for _ in letter]
        found = any_part.finditer("".join(letters))
        return [(at[match.start()], at[match.end() - 1] + 1) for match in found]

    return find


class _Remembered:
    """Texts that are computed once, when the first word needs them, and kept for the other words."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._made: list[str] = []
        self._left = texts

    def __iter__(self) -> Iterator[str]:
        yield from self._made
        for text in self._left:
            self._made.append(text)
            yield text


def _have_one(texts: Iterable[str], parts: list[str]) -> bool:
    for text in texts:  # plain loops are faster, and there can be 100,000 bodies
        text = folded(text)
        for part in parts:
            if part in text:
                return True
    return False
