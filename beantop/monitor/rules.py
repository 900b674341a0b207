"""The language of alert conditions and job filters: `buried > 0`, `drain > 10m and ready >= 1k`.

A rule is comparisons of a field with a number, a text or another field, joined by `and` and `or`; `and`
binds tighter, brackets change that. A number may end in k, M or G (thousand, million, billion). Fields
in seconds also take durations as the screen shows them: 30s, 2h, 2d 4h, 1.9y. Fields in bytes take
sizes: 64k, 1.5 MB. Texts, in which `*` stands for any characters and `?` for one, are compared
without regard to case. A comparison with an unknown value is false. `parse_rule` raises `RuleError` and
nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from beantop.beanstalk import State
from beantop.did_you_mean import nearest, similar
from beantop.formatting import SIZES, THOUSANDS, bytes_of_unit, exact, read_duration, shortened_word
from beantop.monitor.comparisons import (
    COMPARED_BY,
    COMPARISONS,
    EQUALITIES,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Field,
    Pattern,
)
from beantop.monitor.fields import ALIASES, BODY, FIELDS, KINDS, Kind, Subject, Values


class RuleError(ValueError):
    """A rule that cannot be read, with a sentence, a hint at what was meant, and the place of the
    mistake."""

    def __init__(self, sentence: str, at: int, hint: str = "") -> None:
        super().__init__(f"{sentence}{hint} (at character {at + 1})")
        self.sentence = sentence
        self.hint = hint
        self.at = at
        """Index of the first wrong character, from 0."""


UNITS = f"s m h d y and {' '.join(THOUSANDS)}"
"""The units of numbers, for sentences."""

MAX_DEPTH = 50
"""Brackets inside of each other: more than anybody types, and Python limits the depth of calls."""

_PART_OF_DURATION = re.compile(r"(?:[0-9.]+(?:[smhd]|[kMGTPE]?y))+")

_TOKEN = re.compile(r"""\s*("[^"]*"?|'[^']*'?|[<>=!]+|[()]|[^\s()<>=!"]+|\S)""")
_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)([A-Za-z]*)", re.ASCII)
_NAME = re.compile(r"(?:[^\W\d]|[$@])[\w$@:\[\]-]*(?:\.[\w$@:\[\]-]+)*")

_EXAMPLES: Mapping[Kind, str] = {
    "number": "10 or 1.5k",
    "seconds": "30s, 5m or 2h",
    "bytes": "100 or 64k",
    "share": "0.5 or 50%",
    "flag": "1 or 0",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule."""

    text: str
    """The rule as the user wrote it."""
    condition: Condition

    def holds(self, value_of: Values) -> bool:
        """Return whether the rule holds.

        >>> rule = parse_rule("ready > 1k and (watching == 0 or buried > watching)")
        >>> rule.holds({"ready": 1200, "watching": 0, "buried": 0}.get)
        True
        >>> rule.holds({"ready": 1200, "watching": None, "buried": None}.get)
        False
        """
        return self.condition.holds(value_of)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it uses, each once, in order."""
        return tuple(dict.fromkeys(self.condition.fields))


def parse_rule(text: str, of: Subject = "tube") -> Rule:
    """Parse a rule about a tube, a server or a job.

    >>> parse_rule("drain > 10m").condition
    Comparison(field='drain', comparison='>', other=600)
    >>> parse_rule("burried > 0")
    Traceback (most recent call last):
    beantop.monitor.rules.RuleError: a tube has no field burried, did you mean buried? (at character 1)
    >>> parse_rule("user = ada", "job").fields
    ('body.user',)
    """
    return Rule(text.strip(), _Reader(text, of).condition())


class _Reader:
    """Reads the words of a rule one by one."""

    def __init__(self, text: str, of: Subject) -> None:
        self._tokens = [(match[1], match.start(1)) for match in _TOKEN.finditer(text)]
        self._tokens.append(("", len(text)))
        self._of = of
        self._next = 0

    def condition(self) -> Condition:
        """Read the whole rule."""
        found = self._any_of(0)
        word, at = self._tokens[self._next]
        if word == ")":
            raise RuleError("this bracket was not opened", at)
        if word:
            raise RuleError(f"'and' or 'or' is missing before {shortened_word(word)!r}", at)
        return found

    @property
    def _word(self) -> str:
        return self._tokens[self._next][0]

    def _take(self) -> tuple[str, int]:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _any_of(self, depth: int) -> Condition:
        parts = [self._all_of(depth)]
        while self._word.lower() == "or":
            self._take()
            parts.append(self._all_of(depth))
        return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _all_of(self, depth: int) -> Condition:
        parts = [self._part(depth)]
        while self._word.lower() == "and":
            self._take()
            parts.append(self._part(depth))
        return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _part(self, depth: int) -> Condition:
        """Read a comparison, or what is in brackets."""
        if self._word != "(":
            return self._comparison()
        _, at = self._take()
        if depth == MAX_DEPTH:
            raise RuleError(f"more than {MAX_DEPTH} brackets are nested", at)
        found = self._any_of(depth + 1)
        word, end = self._take()
        if not word:
            raise RuleError("this bracket is not closed", at)
        if word != ")":
            raise RuleError(f"'and' or 'or' is missing before {shortened_word(word)!r}", end)
        return found

    def _comparison(self) -> Comparison:
        written, at = self._take()
        field = self._field(written, at)
        comparison, at = self._take()
        if comparison not in COMPARISONS:
            raise RuleError(
                f"{shortened_word(written)} must be followed by one of {COMPARED_BY}{_not(comparison)}",
                at,
            )
        if KINDS.get(field) == "text":
            return Comparison(field, comparison, self._text_for(field, comparison, at))
        if field.startswith(BODY):
            return Comparison(field, comparison, self._for_body(written, comparison))
        return Comparison(field, comparison, self._for_number(written, field))

    def _field(self, word: str, at: int) -> str:
        """Return the field with this name; one of the body begins with `body.`."""
        if not word:
            raise RuleError("a field is missing at the end", at)
        name = ALIASES.get(word, word) if self._of == "job" else word
        known = FIELDS[self._of]
        if name in known:
            return name
        if self._of == "job" and (path := _path(word, at)):
            return BODY + path
        for other in (other for other, names in FIELDS.items() if name in names):
            raise RuleError(f"{name} is a field of {other}s, not of {self._of}s", at)
        if not _NAME.fullmatch(word):
            raise RuleError(f"a comparison begins with a field{_not(word)}", at)
        raise RuleError(
            f"a {self._of} has no field {shortened_word(word)}", at, nearest(word, known)
        )

    def _text_for(self, field: str, comparison: str, at: int) -> Pattern | Field:
        """Read what a field that is a text is compared with."""
        if comparison not in EQUALITIES:
            raise RuleError(f"{field} is a text: compare it by = or !=", at)
        word, at = self._take()
        if word.startswith(BODY):
            return Field(self._field(word, at))
        pattern = _pattern(field, word, at, namespaces=field == "class")
        if field == "error":  # groups by error show that sign for what varies
            pattern = Pattern(pattern.text.replace("…", "*"))
        if field == "state" and not any(map(pattern.matches, get_args(State))):
            hint = nearest(pattern.text, get_args(State))
            raise RuleError(f"no state is {shortened_word(pattern.text)}", at, hint)
        return pattern

    def _for_body(self, field: str, comparison: str) -> float | Pattern | Field:
        """Read what a field of the body, which may be a number or a text, is compared with."""
        word, at = self._tokens[self._next]
        is_equality, match = comparison in EQUALITIES, _NUMBER.fullmatch(word)
        if match and (not is_equality or not match[2]):
            return self._number(field, "seconds", _EXAMPLES["number"])
        if _PART_OF_DURATION.fullmatch(word.removeprefix("-")) and not is_equality:
            return self._number(field, "seconds", _EXAMPLES["number"])
        self._take()
        if word.startswith(BODY) or (not is_equality and _NAME.fullmatch(word)):
            return Field(self._field(word, at))
        if not is_equality and word:
            raise RuleError(f"a text is compared by = or !=, not by {comparison}", at)
        return _pattern(field, word, at)

    def _for_number(self, written: str, field: str) -> float | Field:
        """Read what a field that is a number is compared with."""
        word, at = self._tokens[self._next]
        kind = KINDS.get(field, "number")
        if not self._is_meant_as_field(word):
            return self._number(written, kind, _EXAMPLES[kind])
        self._take()
        other = self._field(word, at)
        if not other.startswith(BODY) and KINDS.get(other, "number") != kind:
            raise RuleError(f"{written} cannot be compared with {word}", at)
        return Field(other)

    def _is_meant_as_field(self, word: str) -> bool:
        """Return whether a word behind a comparison is a field, perhaps a misspelled one."""
        if self._of == "job" or not _NAME.fullmatch(word):
            return _NAME.fullmatch(word) is not None
        return any(word in names for names in FIELDS.values()) or bool(
            similar(word, FIELDS[self._of], 0.75)
        )

    def _number(self, field: str, kind: Kind, example: str) -> float:
        word, at = self._take()
        if kind == "bytes" and (size := self._size(word)) is not None:
            return size
        if kind == "share" and word.endswith("%"):
            word, divisor = word[:-1], 100
        else:
            divisor = 1
        match = _NUMBER.fullmatch(word)
        if match and match[2] in ("", *THOUSANDS):
            number = exact(match[1]) * THOUSANDS.get(match[2], 1)
            return number if divisor == 1 else number / divisor
        if _PART_OF_DURATION.fullmatch(word.removeprefix("-")):
            if kind != "seconds":
                raise RuleError(f"{field} is not a duration, but {shortened_word(word)} is", at)
            return self._duration(word, at)
        if match:
            units = " ".join(SIZES).upper() if kind == "bytes" else UNITS
            raise RuleError(f"no number ends in {shortened_word(match[2])}: there are {units}", at)
        raise RuleError(f"{field} is compared with a number such as {example}{_not(word)}", at)

    def _size(self, word: str) -> float | None:
        """Return a number of bytes, as `64k`, `64KB` or `64 K`; None if it is not one."""
        match = _NUMBER.fullmatch(word)
        if match is None:
            return None
        if not match[2] and bytes_of_unit(self._word):
            return exact(match[1]) * bytes_of_unit(self._take()[0])
        factor = bytes_of_unit(match[2]) if match[2] else 1
        return exact(match[1]) * factor if factor else None

    def _duration(self, word: str, at: int) -> float:
        """Return the seconds in this word and those after it, as `2h` or `2d 4h`."""
        while _PART_OF_DURATION.fullmatch(self._word):
            word += f" {self._take()[0]}"
        try:
            return read_duration(word)
        except ValueError as error:
            raise RuleError(f"{error}: use 30s, 5m or 2d 4h", at) from None


def _path(word: str, at: int) -> str:
    """Return the path of a field in a body, with dots for brackets; "" if the word cannot be one."""
    if word[0] in "\"'":
        return _unquoted(word, at)
    if not _NAME.fullmatch(word):
        return ""
    return word.removeprefix(BODY).replace("[", ".").replace("]", "")


def _pattern(field: str, word: str, at: int, *, namespaces: bool = False) -> Pattern:
    if not word or word in ("(", ")") or word in COMPARISONS:
        raise RuleError(
            f"{shortened_word(field)} is compared with a text or a number{_not(word)}", at
        )
    text = _unquoted(word, at) if word[0] in "\"'" else word
    return Pattern(text, namespaces)


def _unquoted(word: str, at: int) -> str:
    if len(word) < 2 or word[-1] != word[0]:
        raise RuleError("this text has no closing quote", at)
    return word[1:-1]


def _not(word: str) -> str:
    return f", not {shortened_word(word)!r}" if word else ", but nothing follows"
