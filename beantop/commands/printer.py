"""Print rows that come little by little, in the form that the options ask for."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from beantop.commands.invocation import Invocation
from beantop.report.output import terminal_width, write_lines
from beantop.report.rows import Field, Fields, GrowingTable, as_csv, as_json_lines, fitting

Row = TypeVar("Row")


class Printer(Generic[Row]):
    """Prints JSON and CSV at once, and a table at the end, when its widths are known."""

    def __init__(
        self,
        invocation: Invocation,
        fields: Fields[Row],
        server: Field[Row],
        expendable: Sequence[str],
        *,
        at_once: bool,
        is_first: bool = True,
    ) -> None:
        """`server` is a column that a table has only for several servers; the `expendable` ones are left out
        where a terminal is too narrow. With `at_once`, a table is printed at once, too. CSV has its
        headings only if this `is_first` to print."""
        options, several = invocation.options, len(invocation.servers) > 1
        self.left: int | None = options.limit
        """Number of rows that may still be printed; None for any number."""
        self.left_out = 0
        """Number of rows that were too many."""
        self._is_json, self._is_csv = options.json, options.csv
        self._fields, self._at_once = fields, at_once
        self._columns = [field for field in fields if several or field is not server]
        self._expendable = expendable
        self._table: GrowingTable[Row] | None = None
        self._kept: list[Row] = []
        self._is_first = is_first

    @property
    def is_table(self) -> bool:
        return not (self._is_json or self._is_csv)

    @property
    def is_full(self) -> bool:
        return self.left == 0

    def print(self, rows: Sequence[Row]) -> None:
        """Print these rows, as far as the limit allows."""
        self.left_out += 0 if self.left is None else max(0, len(rows) - self.left)
        rows = rows[: self.left]
        if self.left is not None:
            self.left -= len(rows)
        if self.is_table and not self._at_once:
            self._kept += rows
        else:
            write_lines(self._lines(rows))
        self._is_first = False

    def end(self) -> None:
        """Print a table that was kept until now."""
        if self._kept:
            write_lines(self._table_lines(self._kept))

    def _lines(self, rows: Sequence[Row]) -> Sequence[str]:
        if self._is_json:
            return as_json_lines(self._fields, rows)
        if self._is_csv:
            return as_csv(self._fields, rows, headings=self._is_first)
        return self._table_lines(rows)

    def _table_lines(self, rows: Sequence[Row]) -> Sequence[str]:
        """Return lines of the table, whose columns are those that fit with the first rows."""
        if self._table is None:
            columns = fitting(self._columns, rows, terminal_width(), self._expendable)
            self._table = GrowingTable(columns)
        return self._table.lines(rows)
