"""Print values as rows: an aligned table for people, JSON lines and CSV for scripts.

The keys of JSON and CSV are a promise to scripts. An unknown value is `null` in JSON, empty in CSV and
`–` in a table; it is never 0.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from beantop.formatting import UNKNOWN, grouped, printable

Row = TypeVar("Row")

Value: TypeAlias = int | float | str | bool | None


def in_words(value: Value) -> str:
    """Return a value as people read it.

    >>> in_words(12408), in_words(True), in_words(None), in_words("a\\tb"), in_words(0.25)
    ('12,408', 'yes', '–', 'a␉b', '0.25')
    """
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return grouped(value)
        case None:
            return UNKNOWN
        case float():
            return f"{value:g}"
    return printable(value)


@dataclass(frozen=True)
class Field(Generic[Row]):
    """One value of a row, under its key in JSON and CSV."""

    key: str
    value: Callable[[Row], Value]
    heading: str = ""
    """The heading in the table; "" leaves it out of the table."""
    words: Callable[[Row], str] | None = None
    """How the table says it, if not as `in_words` does."""
    is_text: bool = False
    """Whether it is aligned to the left."""

    def cell(self, row: Row) -> str:
        return self.words(row) if self.words else in_words(self.value(row))


Fields: TypeAlias = Sequence[Field[Row]]


def as_table(fields: Fields[Row], rows: Iterable[Row], *, headings: bool = True) -> list[str]:
    """Return the lines of a table with aligned columns."""
    shown = [field for field in fields if field.heading]
    lines = [[field.heading for field in shown]] if headings else []
    lines += [[field.cell(row) for field in shown] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = [field.is_text for field in shown]
    return [_aligned(line, widths, left) for line in lines]


def as_json_lines(fields: Fields[Row], rows: Iterable[Row]) -> list[str]:
    """Return one JSON object a line, in ASCII."""
    import json  # not needed for tables

    return [json.dumps({field.key: field.value(row) for field in fields}) for row in rows]


def as_csv(fields: Fields[Row], rows: Iterable[Row], *, headings: bool = True) -> list[str]:
    """Return lines of comma-separated values, with the keys first. Names that a spreadsheet would run
    as a formula are not changed: scripts read them."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if headings:
        writer.writerow(field.key for field in fields)
    for row in rows:
        writer.writerow(_plain(field.value(row)) for field in fields)
    return out.getvalue().splitlines()


def _plain(value: Value) -> Value:
    """Return a value as CSV has it."""
    return str(value).lower() if isinstance(value, bool) else value


def _aligned(line: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> str:
    cells = [
        cell.ljust(width) if is_text else cell.rjust(width)
        for cell, width, is_text in zip(line, widths, left, strict=True)
    ]
    return "  ".join(cells).rstrip()
