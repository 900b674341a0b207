"""Our table of tubes, alone on a screen: `python -m tests.bench.live_table_app ROWS CHANGES`."""

from functools import partial

from textual.app import ComposeResult

from beantop.app.view.column import Order
from beantop.app.view.tube_columns import ORDERS
from beantop.app.view.tube_rows import TubeRow, arranged, name_of
from beantop.app.widgets.live_table import LiveTable
from beantop.monitor.history import History
from tests.bench.changing_tubes import columns, snapshot
from tests.bench.our_app import OurApp
from tests.bench.painted import Costs, arguments, cpu_until_painted, run_and_tell

PAST = 10
"""Looks before the first one that is drawn, for rates and sparklines."""

ORDER = Order("ready", descending=True)


class LiveTableApp(OurApp):
    def __init__(self, rows: int, changes: int) -> None:
        super().__init__()
        self._count = rows
        self._changes = changes
        self._history = History()
        self._table: LiveTable[TubeRow, str] = LiveTable(columns, name_of)

    def compose(self) -> ComposeResult:
        yield self._table

    def on_mount(self) -> None:
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        for number in range(PAST):
            self._history.add(snapshot(number - PAST, self._count), 1.0)
        costs = []
        for number in range(self._changes + 1):
            self._history.add(snapshot(number, self._count), 1.0)
            costs.append(await cpu_until_painted(self._table, self._redraw))
        down = partial(self._table.action_move, 1)
        keys = [await cpu_until_painted(self._table, down) for _ in range(self._changes)]
        self.exit(Costs(costs[1:], keys))  # before the first there was nothing

    def _redraw(self) -> None:
        """Show the rows as the tubes screen does."""
        tubes = self._history.latest.tubes.values()
        self._table.show(arranged(tubes, self._history, ORDERS, ORDER), order=ORDER)


if __name__ == "__main__":
    run_and_tell(LiveTableApp(*arguments()))
