"""Cells and columns that several tables share."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from beantop.app.view.column import EDGE, GAP, Column, Row
from beantop.app.view.lines import ELLIPSIS, Piece
from beantop.formatting import compact, grouped, per_second

MIN_NAME = 16
"""Minimum width of a name, in cells."""

SIGN_STYLES = {
    "!": "bad bold",
    "W": "bad bold",
    "S": "bad bold",
    "T": "bad bold",
    "^": "warn bold",
    "P": "warn bold",
    "+": "accent bold",
    "-": "dim",
    "A": "alarm",
    "●": "good",
    "×": "bad bold",
    "◌": "dim",
}
"""The style of each sign: of conditions, of alerts, and of connections."""


def known(value: float | None) -> float:
    """Return a sort key: unknown values sort below all others."""
    return -math.inf if value is None else value


def fitting(count: int | None, width: int) -> str:
    """Return a count with all its digits if they fit, else in compact form; it is never cut.

    >>> fitting(12408, 9), fitting(12408, 5), fitting(12408, 4)
    ('12,408', '12.4k', '12k')
    """
    digits = grouped(count)
    return digits if len(digits) <= width and width >= 6 else compact(count, min(width, 5))


def pair(first: int | None, second: int | None, width: int) -> str:
    """Return two counts, as exact as fits; if both never fit, an ellipsis replaces the second.

    >>> pair(1100, 12, 10), pair(1100, 1100, 10), pair(12_500, 12_500, 8), pair(250_000, 250_000, 8)
    ('1,100/12', '1.1k/1.1k', '12k/12k', '250k/…')
    """
    formats: list[Callable[[int | None], str]] = [grouped, compact, partial(compact, cells=4)]
    for form in formats:
        text = f"{form(first)}/{form(second)}"
        if len(text) <= width:
            return text
    return f"{compact(first, 4)}/{ELLIPSIS}"


def signed(rate: float | None) -> str:
    """Return a rate that can be negative, with its sign.

    >>> signed(2.5), signed(-2.5), signed(0.0), signed(None)
    ('+2.5', '-2.5', '0', '–')
    """
    if not rate:
        return per_second(rate)
    return f"{'+' if rate > 0 else '-'}{per_second(abs(rate))}"


def count_column(
    key: str,
    label: str,
    width: int,
    count_of: Callable[[Row], int | None],
    is_fresh: Callable[[Row], bool] = lambda row: True,
) -> Column[Row]:
    """Return a column of counts: dim if zero or out of date, highlighted for buried jobs."""
    style = "bad" if key == "buried" else ""

    def cell(row: Row) -> Piece:
        count = count_of(row)
        return fitting(count, width), style if count and is_fresh(row) else "dim"

    return Column(key, label, width, cell, sort=lambda row: known(count_of(row)))


def number_column(
    key: str,
    label: str,
    width: int,
    number_of: Callable[[Row], float | None],
    text: Callable[[float | None], str] = per_second,
) -> Column[Row]:
    """Return a column of rates, or of other numbers computed from several snapshots."""

    def cell(row: Row) -> Piece:
        number = number_of(row)
        return text(number), "" if number else "dim"

    return Column(key, label, width, cell, sort=lambda row: known(number_of(row)))


def sign_column(
    letters_of: Callable[[Row], str], sort: Callable[[Row], float] | None = None
) -> Column[Row]:
    """Return the column of a tube's two worst signs, the worst first."""

    def cell(row: Row) -> Piece:
        letters = letters_of(row)
        return (f" {letters[:2]}", SIGN_STYLES[letters[0]]) if letters else ("", "")

    return Column("sign", "", 3, cell, right=False, sort=sort)


def room_beside(others: Sequence[Column[Any]], width: int) -> int:
    """Return the cells left for a name beside these columns in a table of this width."""
    return max(MIN_NAME, width - sum(column.width + GAP for column in others) - EDGE)
