"""The table that the bench prints."""

from statistics import median

from tests.bench.row import Measured, Row

WIDTHS = (42, 11, 42, 30, 12)


def _aligned(*cells: str) -> str:
    return "".join(cell.ljust(width) for cell, width in zip(cells, (*WIDTHS, 0), strict=True))


HEADER = _aligned("row", "ours", "the other side", "ratio", "goal", "reached")


def line_of(row: Row, measured: Measured) -> str:
    """A row with its results."""
    compared = measured.compared
    middle = median(compared)
    form = "{:+.3f} s" if row.by_difference else "{:.3g}"
    low, high = (form.format(edge).removesuffix(" s") for edge in (min(compared), max(compared)))
    return _aligned(
        row.name,
        _amount(measured.ours, row.unit),
        f"{_amount(measured.other, row.unit)} {row.other_name}",
        f"{form.format(middle)} ({low} to {high})",
        "" if row.goal is None else f"<= {form.format(row.goal)}",
        "" if row.goal is None else "reached" if middle <= row.goal else "not reached",
    )


def facts_of(row: Row, measured: Measured) -> dict[str, object]:
    """The same for programs."""
    middle = median(measured.compared)
    return {
        "row": row.name,
        "unit": row.unit,
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


def _amount(number: float, unit: str) -> str:
    """
    >>> _amount(0.0123, "s"), _amount(1.5, "s"), _amount(0.25, "GB")
    ('12.3 ms', '1500.0 ms', '0.250 GB')
    """
    return f"{number * 1000:.1f} ms" if unit == "s" else f"{number:.3f} {unit}"
