"""The parts of rules: comparisons of fields, joined by `and` and `or`."""

import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from beantop.formatting import exact, folded
from beantop.monitor.fields import BODY, FROM_BODY, Value, Values
from beantop.monitor.job_percentiles import CAN_HOLD

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "==": operator.eq, "!=": operator.ne,
    ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
"""The comparisons of numbers, by their operators."""

_TURNED = {"<": ">", "<=": ">=", ">=": "<=", ">": "<"}
"""The comparison with its sides exchanged, where that is another one."""

EQUALITIES = {"=": True, "==": True, "!=": False}
"""The operators that compare texts, too, with their result for equal ones."""

COMPARED_BY = "< <= = != >= >"
"""The comparison operators, for sentences; `==` and `=` are the same."""

_WRITTEN_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)([eE][+-]?[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """A field with which another one is compared."""

    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with wildcards; after `namespaces`, it may also match what follows the last of them.

    >>> [Pattern("a*c").matches(text) for text in ("ABC", "ac", "acd")]
    [True, True, False]
    >>> Pattern("Send*", namespaces=True).matches("App\\\\Jobs\\\\SendMail")
    True
    """

    text: str
    namespaces: bool = False
    _read: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first, *others = (
            re.escape(part).replace(r"\?", ".") for part in folded(self.text).split("*")
        )
        *middle, last = others or [""]
        # Atomic, so that no text takes long: the first match of a part is as good as any other.
        rest = "".join(f"(?>.*?{part})" for part in middle) + (f".*{last}" if others else "")
        before = r"(?:.*[\\/.:])?" if self.namespaces else ""
        object.__setattr__(self, "_read", re.compile(before + first + rest, re.DOTALL))

    def matches(self, text: str) -> bool:
        return self._read.fullmatch(folded(text)) is not None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of a field with a number, a text or another field."""

    field: str
    comparison: str
    other: float | str | Pattern | Field

    def holds(self, value_of: Values) -> bool:
        """Return whether it is true; False for an unknown value."""
        other = value_of(self.other.name) if isinstance(self.other, Field) else self.other
        return _compare(value_of(self.field), self.comparison, other)

    def given(self, value_of: Values, unsure: Collection[str] = ()) -> "Condition | bool":
        """Return what remains to compare once the fields of the body are known: a result, or a
        condition on other fields. Comparisons with fields in `unsure` count as true."""
        if not any(map(is_from_body, self.fields)):
            return self
        if any(name in unsure for name in self.fields):
            return True
        if all(map(is_from_body, self.fields)):
            return self.holds(value_of)
        assert isinstance(self.other, Field)  # the only one that adds a second field
        if is_from_body(self.field):
            value, name = value_of(self.field), self.other.name
            comparison = _TURNED.get(self.comparison, self.comparison)
        else:
            value, name, comparison = value_of(self.other.name), self.field, self.comparison
        return False if value is None else Comparison(name, comparison, value)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it compares."""
        return (self.field, self.other.name) if isinstance(self.other, Field) else (self.field,)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions joined by `and`."""

    parts: "tuple[Condition, ...]"

    def holds(self, value_of: Values) -> bool:
        return all(part.holds(value_of) for part in self.parts)

    def given(self, value_of: Values, unsure: Collection[str] = ()) -> "Condition | bool":
        left = [part.given(value_of, unsure) for part in self.parts]
        if False in left:
            return False
        conditions = tuple(part for part in left if not isinstance(part, bool))
        return AllOf(conditions) if conditions else True

    @property
    def fields(self) -> Iterator[str]:
        return (name for part in self.parts for name in part.fields)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions joined by `or`."""

    parts: "tuple[Condition, ...]"

    def holds(self, value_of: Values) -> bool:
        return any(part.holds(value_of) for part in self.parts)

    def given(self, value_of: Values, unsure: Collection[str] = ()) -> "Condition | bool":
        left = [part.given(value_of, unsure) for part in self.parts]
        if True in left:
            return True
        conditions = tuple(part for part in left if not isinstance(part, bool))
        return AnyOf(conditions) if conditions else False

    @property
    def fields(self) -> Iterator[str]:
        return (name for part in self.parts for name in part.fields)


Condition: TypeAlias = Comparison | AllOf | AnyOf


Item = TypeVar("Item")


def compiled(
    condition: Condition, fields: Mapping[str, Callable[[Item], Value]]
) -> Callable[[Item], bool]:
    """Return a function that decides as `holds` does, for many items. Fields that are not in `fields` are
    unknown.

    >>> small = compiled(AnyOf((Comparison("real", "<", 3), Comparison("size", "=", 9))), {"real": int})
    >>> [number for number in range(5) if small(number)]
    [0, 1, 2]
    """
    if not isinstance(condition, Comparison):
        tests = [compiled(part, fields) for part in condition.parts]
        join = all if isinstance(condition, AllOf) else any
        return lambda item: join(test(item) for test in tests)
    comparison, other = condition.comparison, condition.other
    value_of = fields.get(condition.field, _unknown)
    if isinstance(other, Field):
        other_of = fields.get(other.name, _unknown)
        return lambda item: _compare(value_of(item), comparison, other_of(item))
    if isinstance(other, str | Pattern):
        return lambda item: _compare(value_of(item), comparison, other)
    compare = COMPARISONS[comparison]

    def is_so(item: Item) -> bool:
        value = value_of(item)
        is_plain = value.__class__ is int  # nearly always, and then it takes a quarter of the time
        return compare(value, other) if is_plain else _compare(value, comparison, other)  # type: ignore[arg-type]  # an int

    return is_so


def _unknown(item: object) -> None:
    """Return no value."""


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield the comparisons of a condition."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        for part in condition.parts:
            yield from comparisons(part)


def is_from_body(field: str) -> bool:
    """Return whether the body of a job must be read to know this field of it."""
    return field in FROM_BODY or field.startswith(BODY)


def number_in(value: Value) -> float | None:
    """Return a number, or the number that a text is; whole numbers are exact.

    >>> number_in("9007199254740993"), number_in("-1.5e3"), number_in("7 apples")
    (9007199254740993, -1500.0, None)
    """
    if not isinstance(value, str):
        return value
    match = _WRITTEN_NUMBER.fullmatch(value)
    if match is None:
        return None
    return float(value) if match[2] else exact(match[1])


def _is_sure(value: Value, comparison: str) -> bool:
    """Return whether a comparison can be trusted for this value: a lower bound can be above a limit for sure,
    but never below it.

    >>> from beantop.monitor.job_percentiles import AtLeast
    >>> _is_sure(AtLeast(30), ">"), _is_sure(AtLeast(30), "<"), _is_sure(30.0, "<")
    (True, False, True)
    """
    return comparison in CAN_HOLD.get(type(value), COMPARISONS)


def _compare(value: Value, comparison: str, other: Value | Pattern) -> bool:
    if value is None or other is None:
        return False
    if isinstance(other, Pattern):
        return other.matches(str(value)) is EQUALITIES.get(comparison)
    if not _is_sure(value, comparison) or not _is_sure(other, _TURNED.get(comparison, comparison)):
        return False
    left, right = number_in(value), number_in(other)
    if left is not None and right is not None:
        return COMPARISONS[comparison](left, right)
    return (folded(str(value)) == folded(str(other))) is EQUALITIES.get(comparison)
