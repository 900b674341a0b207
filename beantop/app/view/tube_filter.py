"""The filter of the tubes table: by words in the names, by signs and by activity."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from beantop.app.view.words import Words
from beantop.monitor.history import History
from beantop.monitor.snapshot import Tube


class Found(NamedTuple):
    """The tubes that pass a filter, and how many it hid only because they are idle."""

    tubes: list[Tube]
    idle: int


@dataclass(frozen=True, slots=True)
class TubeFilter:
    """What the user wants to see: tubes by name, with signs, or not idle."""

    words: str = ""
    only_problems: bool = False
    without_idle: bool = False
    _names: Words = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", Words(self.words))

    @property
    def problem(self) -> str:
        """Why the words are not a valid filter; then no tube passes. Empty if they are valid."""
        return self._names.problem

    def find(self, tubes: Iterable[Tube], history: History) -> Found:
        """Return the tubes that pass the filter."""
        found = [tube for tube in tubes if self._names.match(tube.name)]
        if self.problem:  # matching itself can run into the time limit
            return Found([], 0)
        if self.only_problems:
            found = [tube for tube in found if has_problem(tube, history)]
        if not self.without_idle:
            return Found(found, 0)
        busy = [tube for tube in found if not is_idle(tube, history)]
        return Found(busy, len(found) - len(busy))


def has_problem(tube: Tube, history: History) -> bool:
    """Whether the tube has a sign other than that it appeared or disappeared."""
    return any(not sign.is_news for sign in history.conditions(tube))


def is_idle(tube: Tube, history: History) -> bool:
    """Whether the tube is known to be empty, not paused, and without puts and deletes in the last
    seconds."""
    if {tube.ready, tube.reserved, tube.delayed, tube.buried} != {0} or tube.paused:
        return False
    rates = history.tube_rates(tube.name)
    return not rates.put and not rates.delete
