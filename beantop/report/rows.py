"""Print values as rows: an aligned table for people, JSON lines and CSV for scripts.

The keys of JSON and CSV are a promise to scripts. An unknown value is `null` in JSON, empty in CSV and
`–` in a table; it is never 0.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar

from beantop.formatting import UNKNOWN, cells_of, grouped, printable

Row = TypeVar("Row")

ELLIPSIS = "…"

MIN_TEXT = 10
"""Characters of a text that is cut, at least."""

BETWEEN = "  "
"""What separates the columns of a table."""

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
    """Whether its column is aligned to the left."""
    is_optional: bool = False
    """Whether JSON leaves it out if it is None."""
    is_cut: bool = False
    """Whether its text may be cut in a table that is too wide."""

    def cell(self, row: Row) -> str:
        return self.words(row) if self.words else in_words(self.value(row))


Fields: TypeAlias = Sequence[Field[Row]]


def as_table(fields: Fields[Row], rows: Iterable[Row], *, headings: bool = True) -> list[str]:
    """Return the lines of a table with aligned columns."""
    return GrowingTable(fields, headings=headings).lines(rows)


def fitting(
    fields: Fields[Row], rows: Sequence[Row], width: int | None, expendable: Sequence[str]
) -> Fields[Row]:
    """Return the fields whose table of these rows has at most `width` characters, if that is given: as many of
    the expendable ones as needed are left out, the first ones first, and then a text is cut."""
    shown = [field for field in fields if field.heading]
    sizes = {
        field.key: len(BETWEEN) + max(map(cells_of, [field.heading, *map(field.cell, rows)]))
        for field in shown
    }
    too_many = 0 if width is None else sum(sizes.values()) - len(BETWEEN) - width
    left_out = set()
    for key in expendable:
        if too_many > 0:
            left_out.add(key)
            too_many -= sizes[key]
    left = [field for field in shown if field.key not in left_out]
    return [_cut(field, sizes[field.key] - len(BETWEEN) - too_many) for field in left]


def _cut(field: Field[Row], width: int) -> Field[Row]:
    """Return the field with texts of at most `width` characters, if they may be cut."""

    def words(row: Row) -> str:
        text = field.cell(row)
        if cells_of(text) <= width:
            return text
        while cells_of(text) >= width:
            text = text[:-1]
        return f"{text}{ELLIPSIS}"

    return replace(field, words=words) if field.is_cut and width >= MIN_TEXT else field


class GrowingTable(Generic[Row]):
    """A table whose rows come little by little: its columns get wider where a cell needs that."""

    def __init__(self, fields: Fields[Row], *, headings: bool = True) -> None:
        self._fields = [field for field in fields if field.heading]
        self._left = [field.is_text for field in self._fields]
        self._widths = [0] * len(self._fields)
        self._headings = [[field.heading for field in self._fields]] if headings else []

    def lines(self, rows: Iterable[Row]) -> list[str]:
        """Return the lines of more rows, below the headings if they are the first."""
        lines = [*self._headings, *([field.cell(row) for field in self._fields] for row in rows)]
        self._headings = []
        for line in lines:
            self._widths = list(map(max, self._widths, map(cells_of, line)))
        return [_aligned(line, self._widths, self._left) for line in lines]


def as_facts(fields: Fields[Row], row: Row) -> list[str]:
    """Return a line for each field of one row, with its key."""
    width = max(len(field.key) for field in fields)
    return [f"{field.key:<{width}}  {field.cell(row)}" for field in fields]


def as_json_lines(fields: Fields[Row], rows: Iterable[Row]) -> list[str]:
    """Return one JSON object a line, in ASCII."""
    import json  # not needed for tables

    return [json.dumps(as_members(fields, row)) for row in rows]


def as_members(fields: Fields[Row], row: Row) -> dict[str, Value]:
    """Return the keys and values of a row."""
    members = {field.key: field.value(row) for field in fields}
    optional = {field.key for field in fields if field.is_optional}
    return {
        key: value for key, value in members.items() if value is not None or key not in optional
    }


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


def _padded(cell: str, width: int, *, is_text: bool) -> str:
    blanks = " " * (width - cells_of(cell))
    return cell + blanks if is_text else blanks + cell


def _aligned(line: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> str:
    cells = [
        _padded(cell, width, is_text=is_text)
        for cell, width, is_text in zip(line, widths, left, strict=True)
    ]
    return BETWEEN.join(cells).rstrip()
