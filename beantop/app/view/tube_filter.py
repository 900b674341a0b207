"""Which tubes of a server are shown: by words of their names, and by how they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from beantop.app.view.words import Words
from beantop.monitor.conditions import conditions
from beantop.monitor.history import History
from beantop.monitor.snapshot import Tube


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
    _names: Words = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", Words(self.words))

    @property
    def problem(self) -> str:
        """Why the words cannot be read; then no tube is found."""
        return self._names.problem

    def find(self, tubes: Iterable[Tube], history: History) -> Found:
        """Those of the tubes that are to be shown."""
        found = [tube for tube in tubes if self._names.match(tube.name)]
        if self.problem:  # which it may have become just now
            return Found([], 0)
        if self.only_problems:
            found = [tube for tube in found if has_problem(tube, history)]
        if not self.without_idle:
            return Found(found, 0)
        busy = [tube for tube in found if not is_idle(tube, history)]
        return Found(busy, len(found) - len(busy))


def has_problem(tube: Tube, history: History) -> bool:
    """Whether the tube has a sign that tells more than that it came or went."""
    return any(not sign.is_news for sign in conditions(tube, history))


def is_idle(tube: Tube, history: History) -> bool:
    """Whether it is known that nothing is in the tube, and nothing has gone through it in the last
    seconds."""
    if {tube.ready, tube.reserved, tube.delayed, tube.buried} != {0} or tube.paused:
        return False
    rates = history.tube_rates(tube.name)
    return not rates.put and not rates.delete
