"""The table of the profile: how long the jobs of each tube or class wait and take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from beantop.app.view.cells import fitting, known, number_column, room_beside
from beantop.app.view.column import Column
from beantop.app.view.lines import Piece, shorten
from beantop.formatting import UNKNOWN, fine_duration, printable
from beantop.monitor.durations import Estimate
from beantop.monitor.followed_job import TubeTimes

ALL_JOBS = "all jobs"

PERCENTS = (50, 90, 95, 99)
"""The percentiles."""

ROOMY, SPACIOUS = 110, 132
"""Widths of windows, in cells, from which most columns are shown, and all of them."""

QUANTITIES = ("wait", "work", "turnaround")
"""What is measured, by the names of the fields of `TubeTimes`."""


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """The jobs of a tube, or those of one class."""

    key: str
    """The tube or the class; "" for all jobs of the tube."""
    times: TubeTimes | None
    rate: float | None
    """Jobs put per second."""
    resolution: float
    """Seconds below which times cannot be told apart."""

    @property
    def name(self) -> str:
        return printable(self.key) or ALL_JOBS

    def estimate(self, quantity: str) -> Estimate | None:
        """Return what is known of one of the `QUANTITIES`."""
        estimate: Estimate | None = getattr(self.times, quantity) if self.times else None
        return estimate

    def text(self, quantity: str, percent: float) -> str:
        """Return a percentile in words."""
        estimate = self.estimate(quantity)
        if estimate is None or estimate.count * (100 - percent) < 100:
            return UNKNOWN  # less than one of the jobs would be above it
        seconds = estimate.percentile(percent)
        if math.isinf(seconds):
            return f">{fine_duration(estimate.longest)}"
        if seconds < self.resolution:
            return f"<{fine_duration(self.resolution)}"
        return fine_duration(seconds)


def row_key(row: ProfileRow) -> str:
    return row.key


def profile_columns(width: int, *, of_tubes: bool) -> list[Column[ProfileRow]]:
    """Return the columns that fit in a window of this width; the rows are tubes or classes of jobs."""
    percents = PERCENTS if width >= SPACIOUS else (50, 95, 99) if width >= ROOMY else (50, 95)
    times = [_percentile(quantity, percent) for quantity in QUANTITIES for percent in percents]
    beside = [_SAMPLED, _RATE, *times, *([_BURIED] if width >= ROOMY else [])]
    cells = room_beside(beside, width)
    label = "TUBE" if of_tubes else "CLASS"
    return [
        Column("name", f" {label}", cells, lambda row: (f" {shorten(row.name, cells - 1)}", ""), right=False),
        *beside,
    ]  # fmt: skip


def _percentile(quantity: str, percent: int) -> Column[ProfileRow]:
    head = {"turnaround": "IN ALL"}.get(quantity, quantity.upper())
    label = f"{head} p{percent}" if percent == PERCENTS[0] else f"p{percent}"
    width = max(6, len(label))

    def cell(row: ProfileRow) -> Piece:
        text = row.text(quantity, percent)
        return text, "" if text[0].isdigit() else "dim"

    return Column(f"{quantity}-{percent}", label, width, cell)


def _sampled(row: ProfileRow) -> Piece:
    count = round(row.times.sampled) if row.times else 0
    return fitting(count, 6), "" if count else "dim"


def _buried(row: ProfileRow) -> Piece:
    share = row.times.buried if row.times else None
    return (UNKNOWN, "dim") if share is None else (percentage(share), "bad" if share else "dim")


def percentage(share: float) -> str:
    """Format a share of the whole.

    >>> percentage(0.0), percentage(0.004), percentage(0.126), percentage(1.0)
    ('0%', '<1%', '13%', '100%')
    """
    return "<1%" if 0 < share < 0.01 else f"{share:.0%}"


def by_rate(rows: Sequence[ProfileRow]) -> list[ProfileRow]:
    """Return the rows with the most jobs first."""
    return sorted(rows, key=lambda row: -known(row.rate))


_SAMPLED: Column[ProfileRow] = Column("sampled", "JOBS", 6, _sampled)
_RATE: Column[ProfileRow] = number_column("rate", "IN/s", 4, lambda row: row.rate)
_BURIED: Column[ProfileRow] = Column("buried", "BURIED", 6, _buried)
