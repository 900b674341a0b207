"""The table that the bench prints."""

from statistics import median

from tests.bench.row import Measured, Row

_WIDTHS = (38, 11, 42, 28, 12)


def _aligned(*cells: str) -> str:
    return "".join(cell.ljust(width) for cell, width in zip(cells, (*_WIDTHS, 0), strict=True))


HEADER = _aligned("row", "ours", "the other side", "ratio", "goal", "reached")


def line_of(row: Row, measured: Measured) -> str:
    """A row with its results."""
    compared = measured.compared
    middle = median(compared)
    form = "{:+.3f} s" if row.by_difference else "{:.3g}"
    low, high = (form.format(edge).removesuffix(" s") for edge in (min(compared), max(compared)))
    return _aligned(
        row.name,
        _time(measured.ours),
        f"{_time(measured.other)} {row.other_name}",
        f"{form.format(middle)} ({low} to {high})",
        f"<= {form.format(row.goal)}",
        "reached" if middle <= row.goal else "not reached",
    )


def _time(seconds: float) -> str:
    """
    >>> _time(0.0123), _time(1.5)
    ('12.3 ms', '1500.0 ms')
    """
    return f"{seconds * 1000:.1f} ms"
