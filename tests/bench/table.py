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
        "" if row.goal is None else f"<= {form.format(row.goal)}",
        "" if row.goal is None else "reached" if middle <= row.goal else "not reached",
    )


def facts_of(row: Row, measured: Measured) -> dict[str, object]:
    """The same for programs: seconds, but for rows that name another unit."""
    middle = median(measured.compared)
    return {
        "row": row.name,
        "ours": measured.ours,
        "other": measured.other,
        "other_side": row.other_name,
        "compared": "difference" if row.by_difference else "ratio",
        "median": middle,
        "lowest": min(measured.compared),
        "highest": max(measured.compared),
        "goal": row.goal,
        "reached": None if row.goal is None else middle <= row.goal,
    }


def _time(seconds: float) -> str:
    """
    >>> _time(0.0123), _time(1.5)
    ('12.3 ms', '1500.0 ms')
    """
    return f"{seconds * 1000:.1f} ms"
