"""The same rows in Textual's table: `python -m tests.bench.data_table_app ROWS CHANGES`."""

from functools import partial

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from beantop.app.view.tube_rows import TubeRow
from beantop.monitor.history import History
from tests.bench.changing_tubes import columns, snapshot
from tests.bench.painted import Costs, arguments, cpu_until_painted, run_and_tell
from tests.terminal import SIZE

Rows = dict[str, dict[str, str]]
"""The text of each cell, by tube and column."""


class DataTableApp(App[Costs]):
    def __init__(self, rows: int, changes: int) -> None:
        super().__init__()
        self._count = rows
        self._changes = changes
        self._history = History()
        self._columns = columns(SIZE[0])
        self._table: DataTable[str] = DataTable(cursor_type="row", cell_padding=0)

    def compose(self) -> ComposeResult:
        yield self._table

    def on_mount(self) -> None:
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        for column in self._columns:
            self._table.add_column(column.label, width=column.width or 30, key=column.key)
        await cpu_until_painted(self._table, partial(self._fill, self._next_rows(0)))
        costs = []
        for number in range(1, self._changes + 1):
            rows = self._next_rows(number)
            costs.append(await cpu_until_painted(self._table, partial(self._update, rows)))
        down = self._table.action_cursor_down
        keys = [await cpu_until_painted(self._table, down) for _ in range(self._changes)]
        self.exit(Costs(costs, keys))

    def _next_rows(self, number: int) -> Rows:
        """The texts that our table would show; their cost is not counted here."""
        self._history.add(snapshot(number, self._count), 1.0)
        tubes = self._history.latest.tubes
        return {name: self._texts(TubeRow(tube, self._history)) for name, tube in tubes.items()}

    def _texts(self, row: TubeRow) -> dict[str, str]:
        return {column.key: column.cell(row)[0] for column in self._columns}

    def _fill(self, rows: Rows) -> None:
        for name, texts in rows.items():
            self._table.add_row(*texts.values(), key=name)

    def _update(self, rows: Rows) -> None:
        """Change every cell of every row, except the names."""
        for name, texts in rows.items():
            for column, text in texts.items():
                self._table.update_cell(name, column, text)


if __name__ == "__main__":
    run_and_tell(DataTableApp(*arguments()))
