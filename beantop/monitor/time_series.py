"""Time series of a tube or a server: jobs in each state, jobs put and deleted per second."""

from typing import Literal, NamedTuple, TypeAlias

from beantop.monitor.rates import rate
from beantop.monitor.series import STEP, Series

Trace: TypeAlias = Literal["ready", "reserved", "delayed", "buried", "put", "delete"]
"""Jobs in each state: the maximum of each step. Jobs put and deleted per second: the mean."""


class _Mark(NamedTuple):
    """The first sample of a step: the flow until the next step's sample is the flow of the step."""

    step: int
    at: float
    puts: int | None
    deletes: int | None


class TimeSeries:
    """The series of a tube or a server. A series that was always 0 takes no memory."""

    __slots__ = ("_buried", "_delayed", "_delete", "_mark", "_put", "_reserved", "ready")

    def __init__(self) -> None:
        self.ready = Series()
        self._reserved: Series | None = None
        self._delayed: Series | None = None
        self._buried: Series | None = None
        self._put: Series | None = None
        self._delete: Series | None = None
        self._mark: _Mark | None = None

    def note(
        self,
        at: float,
        counts: tuple[int | None, int | None, int | None, int | None],
        puts: int | None,
        deletes: int | None,
        bridge: bool,
    ) -> None:
        """Add a sample: the jobs in each state, and the counters of jobs put and deleted.

        With `bridge` it is the next sample of the same process: none is missing in between.
        """
        step = int(at // STEP)
        if counts[0] is None:  # everything else is unknown, too
            puts = deletes = None
            self._note_unknown(step, bridge)
        else:
            self._note_counts(step, counts[0], counts[1:], bridge)
        mark = self._mark
        if mark is None or mark.step != step or not bridge:
            self._mark = now = _Mark(step, at, puts, deletes)
            if mark is not None:
                self._note_flow(mark, now, bridge)

    def last(self, trace: Trace, cells: int, now: float, level: int = 0) -> list[float | None]:
        """Return the values of a series as `Series.last` does."""
        return self._series(trace).last(cells, now, level)

    def before(self, trace: Trace, seconds: float, now: float, level: int = 0) -> float | None:
        """Return the value of a series that many seconds ago, as `Series.before` does."""
        return self._series(trace).before(seconds, now, level)

    def copy(self) -> "TimeSeries":
        """Return a copy that no longer changes."""
        other = TimeSeries()
        other.ready = self.ready.copy()
        other._reserved = self._reserved and self._reserved.copy()
        other._delayed = self._delayed and self._delayed.copy()
        other._buried = self._buried and self._buried.copy()
        other._put = self._put and self._put.copy()
        other._delete = self._delete and self._delete.copy()
        other._mark = self._mark
        return other

    def _noted(
        self, series: Series | None, step: int, count: int | None, bridge: bool
    ) -> Series | None:
        """Return the series with this count added; a new series if it was always 0."""
        if series is None:
            series = self.ready.zeros()
        if count is None:
            series.note_unknown(step, bridge)
        else:
            series.note(step, count, bridge)
        return series

    def _note_counts(
        self, step: int, ready: int, others: tuple[int | None, int | None, int | None], bridge: bool
    ) -> None:
        reserved, delayed, buried = others
        self.ready.note(step, ready, bridge)
        if reserved != 0 or self._reserved is not None:
            self._reserved = self._noted(self._reserved, step, reserved, bridge)
        if delayed != 0 or self._delayed is not None:
            self._delayed = self._noted(self._delayed, step, delayed, bridge)
        if buried != 0 or self._buried is not None:
            self._buried = self._noted(self._buried, step, buried, bridge)

    def _note_unknown(self, step: int, bridge: bool) -> None:
        """Leave a gap in the counts, which is not filled later."""
        for series in (self.ready, self._reserved, self._delayed, self._buried):
            if series is not None:
                series.note_unknown(step, bridge)

    def _note_flow(self, mark: _Mark, now: _Mark, bridge: bool) -> None:
        seconds = now.at - mark.at
        put = rate(mark.puts, now.puts, seconds) if bridge else None
        delete = rate(mark.deletes, now.deletes, seconds) if bridge else None
        if put != 0 or self._put is not None:
            self._put = self._flowed(self._put, mark.step, now.step, put)
        if delete != 0 or self._delete is not None:
            self._delete = self._flowed(self._delete, mark.step, now.step, delete)

    def _flowed(self, series: Series | None, start: int, stop: int, flow: float | None) -> Series:
        """Return the series with the flow from one step to another added; None leaves a gap."""
        if series is None:
            series = self.ready.zeros_between(start)
        if flow is not None:
            for step in range(start, stop):
                series.note(step, flow)
        return series

    def _series(self, trace: Trace) -> Series:
        known: Series | None = self.ready if trace == "ready" else getattr(self, f"_{trace}")
        if known is not None:
            return known
        if trace in ("put", "delete"):
            return self.ready.zeros_between(self._mark.step if self._mark else 0)
        return self.ready.zeros()
