"""The rows of the tubes table, in their order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeAlias, overload

from beantop.app.view.column import Order
from beantop.monitor.conditions import Condition, conditions
from beantop.monitor.history import History
from beantop.monitor.rates import Drain, Rates, drain_time, wait_estimate, work_estimate
from beantop.monitor.snapshot import Tube


class TubeRow(NamedTuple):
    """A tube with what is known of its past. What follows from both is worked out when asked for."""

    tube: Tube
    history: History
    largest: Callable[[], int] = lambda: 0
    """The jobs of the tube that has the most of them, of all that are shown."""
    head_age: float | None = None
    """Seconds since its first ready job was put, where that was asked for."""

    @property
    def rates(self) -> Rates:
        return self.history.tube_rates(self.tube.name)

    @property
    def lag(self) -> float:
        """Seconds since the tube was last asked for, if that is more than two looks ago; else 0."""
        latest = self.history.latest
        is_there = self.tube.name in latest.tubes
        lag = latest.taken_at - self.tube.taken_at
        return lag if is_there and lag > 2 * self.history.pace > 0 else 0.0

    @property
    def drain(self) -> Drain:
        return drain_time(self.tube, self.rates)

    @property
    def wait(self) -> float | None:
        return wait_estimate(self.tube, self.rates)

    @property
    def work(self) -> float | None:
        return work_estimate(self.tube, self.rates)

    @property
    def conditions(self) -> list[Condition]:
        return conditions(self.tube, self.history)

    def ready_series(self, cells: int) -> list[float | None]:
        """The ready jobs of the last minutes, in so many parts."""
        series = self.history.ready.get(self.tube.name)
        return series.last(cells, self.tube.taken_at) if series else []


NO_AGES: Mapping[str, float] = {}


def name_of(row: TubeRow) -> str:
    return row.tube.name


class TubeRows(Sequence[TubeRow]):
    """Tubes in their order as rows, of which only those that are looked at are ever made."""

    def __init__(
        self, tubes: Sequence[Tube], history: History, head_ages: Mapping[str, float] = NO_AGES
    ) -> None:
        self._tubes = tubes
        self._history = history
        self._head_ages = head_ages
        self._largest: int | None = None

    def __len__(self) -> int:
        return len(self._tubes)

    @overload
    def __getitem__(self, at: int) -> TubeRow: ...
    @overload
    def __getitem__(self, at: slice) -> "TubeRows": ...
    def __getitem__(self, at: int | slice) -> "TubeRow | TubeRows":
        if isinstance(at, slice):
            return TubeRows(self._tubes[at], self._history, self._head_ages)
        tube = self._tubes[at]
        return TubeRow(tube, self._history, self.largest, self._head_ages.get(tube.name))

    def with_head_ages(self, ages: Mapping[str, float]) -> "TubeRows":
        """The same rows, with the ages of the first ready jobs of some tubes."""
        return TubeRows(self._tubes, self._history, ages)

    def keys(self) -> list[str]:
        """The names of the tubes, in their order."""
        return [tube.name for tube in self._tubes]

    def place_of(self, name: str) -> int | None:
        """Where the tube with that name is, if it is there."""
        return next((at for at, tube in enumerate(self._tubes) if tube.name == name), None)

    def largest(self) -> int:
        """The jobs of the tube that has the most of them."""
        if self._largest is None:
            self._largest = max(map(jobs_in, self._tubes), default=0)
        return self._largest


def jobs_in(tube: Tube) -> int:
    """All jobs of a tube, as far as they are known."""
    return (tube.ready or 0) + (tube.reserved or 0) + (tube.delayed or 0) + (tube.buried or 0)


Orders: TypeAlias = Mapping[str, Callable[[TubeRow], float | str]]
"""What rows can be put in order by, by name."""


def arranged(tubes: Iterable[Tube], history: History, orders: Orders, order: Order) -> TubeRows:
    """The tubes in that order; equal ones by name."""
    ordered = sorted(tubes, key=attrgetter("name"))
    ordered.sort(key=_sort_key(order.key, orders[order.key], history), reverse=order.descending)
    return TubeRows(ordered, history)


def held(tubes: Iterable[Tube], history: History, before: Sequence[str]) -> TubeRows:
    """The tubes in the order of these names, in which they stood before; new ones at the end."""
    places = {name: place for place, name in enumerate(before)}
    ordered = sorted(tubes, key=lambda tube: (places.get(tube.name, len(places)), tube.name))
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
