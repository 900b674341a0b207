"""The rows of the tubes table, sorted."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeAlias, overload

from beantop.app.view.column import Order
from beantop.monitor.conditions import Condition
from beantop.monitor.history import History
from beantop.monitor.rates import Drain, Rates, drain_time, wait_estimate, work_estimate
from beantop.monitor.snapshot import Tube, jobs_in


class TubeRow(NamedTuple):
    """A tube with its history. Values derived from both are computed on demand."""

    tube: Tube
    history: History
    largest: Callable[[], int] = lambda: 0
    """Returns the number of jobs in the largest of the tubes shown."""

    @property
    def rates(self) -> Rates:
        return self.history.tube_rates(self.tube.name)

    @property
    def lag(self) -> float:
        """Seconds since the last sample of the tube if that is more than two polls ago, else 0."""
        latest = self.history.latest
        exists = self.tube.name in latest.tubes
        lag = latest.taken_at - self.tube.taken_at
        return lag if exists and lag > 2 * self.history.pace > 0 else 0.0

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
    def conditions(self) -> tuple[Condition, ...]:
        return self.history.conditions(self.tube)

    def ready_series(self, cells: int) -> list[float | None]:
        """Return the ready jobs of the last minutes as `cells` values."""
        series = self.history.ready.get(self.tube.name)
        return series.last(cells, self.tube.taken_at) if series else []


def name_of(row: TubeRow) -> str:
    return row.tube.name


class TubeRows(Sequence[TubeRow]):
    """Sorted tubes as a sequence of rows, each of which is created only when it is accessed."""

    def __init__(self, tubes: Sequence[Tube], history: History) -> None:
        self._tubes = tubes
        self._history = history
        self._largest: int | None = None

    def __len__(self) -> int:
        return len(self._tubes)

    @overload
    def __getitem__(self, at: int) -> TubeRow: ...
    @overload
    def __getitem__(self, at: slice) -> "TubeRows": ...
    def __getitem__(self, at: int | slice) -> "TubeRow | TubeRows":
        if isinstance(at, slice):
            return TubeRows(self._tubes[at], self._history)
        return TubeRow(self._tubes[at], self._history, self.largest)

    def keys(self) -> list[str]:
        """Return the names of the tubes, in their order."""
        return [tube.name for tube in self._tubes]

    def place_of(self, name: str) -> int | None:
        """Return the index of the tube with that name, or None."""
        return next((at for at, tube in enumerate(self._tubes) if tube.name == name), None)

    def largest(self) -> int:
        """Return the number of jobs in the largest tube."""
        if self._largest is None:
            self._largest = max(map(jobs_in, self._tubes), default=0)
        return self._largest


Orders: TypeAlias = Mapping[str, Callable[[TubeRow], float | str]]
"""Sort keys, by name."""


def arranged(tubes: Iterable[Tube], history: History, orders: Orders, order: Order) -> TubeRows:
    """Return the tubes in that order; ties are sorted by name."""
    ordered = sorted(tubes, key=attrgetter("name"))
    ordered.sort(key=_sort_key(order.key, orders[order.key], history), reverse=order.descending)
    return TubeRows(ordered, history)


def held(tubes: Iterable[Tube], history: History, before: Sequence[str]) -> TubeRows:
    """Return the tubes in the order of the names in `before`, with new tubes at the end."""
    places = {name: place for place, name in enumerate(before)}
    ordered = sorted(tubes, key=lambda tube: (places.get(tube.name, len(places)), tube.name))
    return TubeRows(ordered, history)


_COUNTS = frozenset({"ready", "urgent", "reserved", "delayed", "buried", "watching"})

WORST_FIRST = Order("sign", descending=True)
BY_NAME = Order("name")

ORDER_NAMES = {WORST_FIRST: "worst first", Order("sign"): "worst last"}
"""What the orders by severity are called."""


def order_of(sort: str, keys: Container[str]) -> Order:
    """Return a remembered order, or worst first if there is none by one of these keys.

    >>> order_of("-ready", {"ready"}), order_of("-gone", {"ready"}) == order_of("", ()) == WORST_FIRST
    (Order(key='ready', descending=True), True)
    """
    key = sort.removeprefix("-")
    return Order(key, sort != key) if key in keys else WORST_FIRST


def remembered(order: Order) -> str:
    """Return an order as `order_of` reads it.

    >>> remembered(WORST_FIRST), remembered(BY_NAME)
    ('-sign', 'name')
    """
    return f"{'-' if order.descending else ''}{order.key}"


def _sort_key(
    key: str, value_of: Callable[[TubeRow], float | str], history: History
) -> Callable[[Tube], float | str]:
    """Return the sort key of tubes. Plain counts need no rows: with 10,000 tubes and a redraw each
    second, creating them would be most of the work."""
    if key == WORST_FIRST.key:
        return history.severity
    if key in _COUNTS:
        count_of = attrgetter(key)
        return lambda tube: -1 if (count := count_of(tube)) is None else count
    return lambda tube: value_of(TubeRow(tube, history))
