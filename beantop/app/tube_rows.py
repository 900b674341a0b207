"""The rows of the tubes table: which tubes are shown, and in which order."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeAlias, overload

from beantop.monitor.history import History
from beantop.monitor.rates import Drain, Rates, drain_time
from beantop.monitor.signs import Sign, signs
from beantop.monitor.snapshot import Tube


class TubeRow(NamedTuple):
    """A tube with what is known of its past. What follows from both is worked out when asked for."""

    tube: Tube
    history: History

    @property
    def rates(self) -> Rates:
        return self.history.tube_rates(self.tube.name)

    @property
    def drain(self) -> Drain:
        return drain_time(self.tube, self.rates)

    @property
    def signs(self) -> list[Sign]:
        return signs(self.tube, self.history)

    def ready_series(self, cells: int) -> list[float | None]:
        """The ready jobs of the last minutes, in so many parts."""
        series = self.history.ready.get(self.tube.name)
        return series.last(cells, self.tube.taken_at) if series else []


def name_of(row: TubeRow) -> str:
    return row.tube.name


_NESTED_REPEAT = re.compile(r"[*+}][^()]*\)+[*+{]")
"""Roughly: `(a+)+` and its like, on which Python's re can hang on a short name."""


def parse_filter(words: str) -> tuple[Callable[[str], bool], str]:
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
        except re.error as error:
            problem = f"not a regular expression: {error.msg}"
    return lambda name: all(test(name) for test in tests), problem


class TubeRows(Sequence[TubeRow]):
    """Tubes in their order as rows, of which only those that are looked at are ever made."""

    def __init__(self, tubes: Sequence[Tube], history: History) -> None:
        self._tubes = tubes
        self._history = history

    def __len__(self) -> int:
        return len(self._tubes)

    @overload
    def __getitem__(self, at: int) -> TubeRow: ...
    @overload
    def __getitem__(self, at: slice) -> "TubeRows": ...
    def __getitem__(self, at: int | slice) -> "TubeRow | TubeRows":
        if isinstance(at, slice):
            return TubeRows(self._tubes[at], self._history)
        return TubeRow(self._tubes[at], self._history)


Orders: TypeAlias = Mapping[str, Callable[[TubeRow], float | str]]
"""What rows can be put in order by, by name."""


def arranged(
    tubes: Iterable[Tube], history: History, orders: Orders, order: tuple[str, bool]
) -> TubeRows:
    """The tubes in the order of that name (descending?); equal ones by name."""
    key, descending = order
    ordered = sorted(tubes, key=attrgetter("name"))
    ordered.sort(key=_sort_key(key, orders[key], history), reverse=descending)
    return TubeRows(ordered, history)


_COUNTS = frozenset({"ready", "urgent", "reserved", "delayed", "buried", "watching"})


def _sort_key(
    key: str, value_of: Callable[[TubeRow], float | str], history: History
) -> Callable[[Tube], float | str]:
    """What tubes are put in order by. For plain counts no rows are made: with 10,000 tubes and a
    look a second that would be most of the work."""
    if key in _COUNTS:
        count_of = attrgetter(key)
        return lambda tube: -1 if (count := count_of(tube)) is None else count
    return lambda tube: value_of(TubeRow(tube, history))


def _word_test(word: str) -> Callable[[str], bool]:
    if word.startswith("!") and len(word) > 1:
        unwanted = _word_test(word[1:])
        return lambda name: not unwanted(name)
    if len(word) > 2 and word[0] == word[-1] == "/":
        if _NESTED_REPEAT.search(word):
            raise re.error("a repeat within a repeat can take for ever")
        search = re.compile(word[1:-1], re.IGNORECASE).search
        return lambda name: search(name) is not None
    parts = [part for part in word.lower().split("|") if part]
    return lambda name: not parts or any(part in name.lower() for part in parts)
