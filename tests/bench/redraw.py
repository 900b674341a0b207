"""What it costs to show that every tube has changed, or one key: our table beside Textual's.

Each is alone in an app of its own process in a real terminal, since without one Textual leaves out
a good part of the work. Building the texts is counted for ours and not for the other.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.changing_tubes import mark
from tests.bench.painted import costs_of
from tests.bench.row import Row, Sizes

CHANGES = 3
"""Changes, and keys, in one run of an app: only every third pair of results alternates."""


def redraw_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """One run of an app has results for both rows."""
    ours, other = (Runs(app, sizes.drawn) for app in ("live_table_app", "data_table_app"))
    yield Row(
        f"redraw, {sizes.drawn:,} tubes changed (CPU)",
        "DataTable, update_cell",
        1 / 100,
        lambda: ours.next("changes"),
        lambda: other.next("changes"),
    )
    yield Row(
        f"cursor down in {sizes.drawn:,} tubes (CPU)",
        "DataTable",
        1.0,
        lambda: ours.next("keys"),
        lambda: other.next("keys"),
    )


class Runs:
    """Results of an app, which is run again when they are used up."""

    def __init__(self, app: str, rows: int) -> None:
        self._app, self._rows = app, rows
        self._left: dict[str, list[float]] = {"changes": [], "keys": []}

    def next(self, what: str) -> float:
        """Return the seconds of CPU that one change took, or one key."""
        if not self._left[what]:
            costs, written = costs_of(self._app, self._rows, CHANGES)
            for number in range(CHANGES + 1):
                assert mark(number) in written, f"{self._app} did not draw change {number}"
            self._left["changes"] += costs.changes
            self._left["keys"] += costs.keys
        return self._left[what].pop(0)
