"""Several servers as one: totals, and their tubes side by side.

Totals cover the servers with current data, and tell how many these are. A number that one of them
does not report is unknown in the total.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from beantop.monitor.conditions import Condition
from beantop.monitor.history import History
from beantop.monitor.poller import ServerStatus
from beantop.monitor.rates import UNKNOWN, Rates
from beantop.monitor.series import Series
from beantop.monitor.severity import calm
from beantop.monitor.snapshot import Tube


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals over the servers with current data."""

    servers: int
    """Number of servers watched."""
    fresh: int
    """Number of servers with current data; the totals cover only these."""
    ready: int | None = None
    reserved: int | None = None
    delayed: int | None = None
    buried: int | None = None
    tubes: int | None = None
    connections: int | None = None
    rates: Rates = UNKNOWN


def totals(fresh: Sequence[ServerStatus], of: int) -> Totals:
    """Return the totals over servers with current data; `of` is the number of all servers."""
    if not fresh:
        return Totals(of, 0)
    servers = [one.snapshot.server for one in fresh]
    return Totals(
        of,
        len(fresh),
        added(server.ready for server in servers),
        added(server.reserved for server in servers),
        added(server.delayed for server in servers),
        added(server.buried for server in servers),
        sum(len(one.snapshot.tubes) for one in fresh),
        added(server.connections for server in servers),
        added_rates(one.history.server_rates() for one in fresh),
    )


def added(counts: Iterable[int | None]) -> int | None:
    """Return the sum; None if one value is unknown.

    >>> added([1, 2]), added([1, None]) is None
    (3, True)
    """
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)


def added_rates(rates: Iterable[Rates]) -> Rates:
    """Return the sums of the rates; each is unknown if one of its values is."""
    every = list(rates)

    def summed(of: Callable[[Rates], float | None]) -> float | None:
        values = [of(one) for one in every]
        return None if None in values else sum(value or 0.0 for value in values)

    return Rates(
        summed(lambda one: one.put), summed(lambda one: one.delete), summed(lambda one: one.timeout)
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A tube of one server."""

    number: int
    """Number of the server, from 1."""
    tube: Tube
    history: History
    fresh: bool
    """Whether its data is current."""


@dataclass(frozen=True, slots=True)
class FleetTube:
    """A tube of one server, or all tubes of that name as one row."""

    name: str
    parts: tuple[Part, ...]

    @property
    def fresh(self) -> bool:
        """Whether all its data is current."""
        return all(part.fresh for part in self.parts)

    def count(self, attribute: str) -> int | None:
        """Return the sum of a count of `Tube` over all parts."""
        value = attrgetter(attribute)
        return added(value(part.tube) for part in self.parts)

    @property
    def rates(self) -> Rates:
        return added_rates(
            part.history.tube_rates(self.name) if part.fresh else UNKNOWN for part in self.parts
        )

    @property
    def conditions(self) -> list[tuple[Part, Condition]]:
        """The conditions of all parts, the worst first."""
        found = [(part, one) for part in self.parts for one in part.history.conditions(part.tube)]
        return sorted(found, key=lambda pair: -pair[1].severity)

    @property
    def severity(self) -> float:
        """How bad these conditions are together: at least 1 if something is wrong. Without
        conditions it is less than 1, and more with more ready jobs."""
        parts = [part.history.severity(part.tube) for part in self.parts]
        return sum(part for part in parts if part >= 1) or calm(self.count("ready"))

    def ready_series(self, cells: int) -> list[float | None]:
        """Return the ready jobs of the last minutes; a gap where one part is unknown.

        It ends with the last sample of the server that is polled least: what comes after that is not
        known of the sum yet."""
        fresh = [part for part in self.parts if part.fresh]
        until = min(part.tube.taken_at for part in fresh or self.parts)
        series = [
            part.history.ready.get(self.name, _NO_SERIES).last(cells, until) for part in self.parts
        ]
        return [
            None if None in values else sum(value or 0.0 for value in values)
            for values in zip(*series, strict=True)
        ]


_NO_SERIES = Series()


def tubes_of_all(fleet: Iterable[tuple[Iterable[Tube], History, bool]]) -> list[FleetTube]:
    """Return a row for each tube of each server, numbered from 1. A server is given as its tubes, its
    history, and whether its data is current."""
    return [
        FleetTube(tube.name, (Part(number, tube, history, fresh),))
        for number, (tubes, history, fresh) in enumerate(fleet, start=1)
        for tube in tubes
    ]


def summed_by_name(tubes: Iterable[FleetTube]) -> list[FleetTube]:
    """Return one row for all tubes of a name."""
    by_name = attrgetter("name")
    return [
        FleetTube(name, tuple(part for tube in group for part in tube.parts))
        for name, group in groupby(sorted(tubes, key=by_name), key=by_name)
    ]
