"""The rows of the tubes table: which tubes are shown, and in which order."""

import re
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple, overload

from beantop.app.widgets.column import Column
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


def matcher(words: str) -> Callable[[str], bool]:
    """What the filter line means: all words must match, `a|b` one of them, `!x` must not, and
    `/re/` is a regular expression. Case does not matter.

    >>> names = ["email-out", "email-in", "push", "webhooks"]
    >>> [name for name in names if matcher("email")(name)]
    ['email-out', 'email-in']
    >>> [name for name in names if matcher("email !IN")(name)]
    ['email-out']
    >>> [name for name in names if matcher("push|webh")(name)]
    ['push', 'webhooks']
    >>> [name for name in names if matcher("/^e.*n$/")(name)]
    ['email-in']
    """
    tests = [_word_test(word) for word in words.lower().split()]
    return lambda name: all(test(name.lower()) for test in tests)


def problem_with(words: str) -> str:
    """Why the filter cannot be meant as it stands; nothing if it can.

    >>> problem_with("/[a-/")
    'not a regular expression: unterminated character set'
    """
    for word in words.split():
        if pattern := _pattern(word.removeprefix("!")):
            try:
                re.compile(pattern)
            except re.error as error:
                return f"not a regular expression: {error.msg}"
    return ""


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


def arranged(
    tubes: Iterable[Tube],
    history: History,
    columns: Sequence[Column[TubeRow]],
    order: tuple[str, bool],
) -> TubeRows:
    """The tubes in the order of the column of that key (descending?); equal ones by name."""
    key, descending = order
    ordered = sorted(tubes, key=attrgetter("name"))
    for column in columns:
        if column.key == key and column.sort:
            ordered.sort(key=_sort_key(key, column.sort, history), reverse=descending)
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
    if pattern := _pattern(word):
        try:
            search = re.compile(pattern).search
        except re.error:
            return lambda name: True  # `problem_with` says so
        return lambda name: search(name) is not None
    parts = [part for part in word.split("|") if part]
    return lambda name: not parts or any(part in name for part in parts)


def _pattern(word: str) -> str:
    return word[1:-1] if len(word) > 2 and word[0] == word[-1] == "/" else ""
