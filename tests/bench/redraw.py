"""What it costs to show that every tube has changed, or one key: our table beside Textual's.

Each is alone in an app of its own process in a real terminal, since without one Textual leaves out
a good part of the work. Building the texts is counted for ours and not for the other.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.changing_tubes import mark
from tests.bench.row import Row, Sizes
from tests.bench.terminal import in_terminal


def redraw_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    yield Row(
        f"redraw, {sizes.drawn:,} tubes changed (CPU)",
        "DataTable, update_cell",
        1 / 100,
        lambda: _cpu("live_table_app", "change", sizes.drawn, changes=5),
        lambda: _cpu("data_table_app", "change", sizes.drawn, changes=1),
    )
    yield Row(
        f"cursor down in {sizes.drawn:,} tubes (CPU)",
        "DataTable",
        1.0,
        lambda: _cpu("live_table_app", "key", sizes.drawn, changes=5),
        lambda: _cpu("data_table_app", "key", sizes.drawn, changes=1),
    )


def _cpu(app: str, what: str, rows: int, changes: int) -> float:
    """Seconds of CPU for one change of all rows, or one key, drawn in a terminal."""
    command = (sys.executable, "-m", f"tests.bench.{app}", str(rows), str(changes))
    with in_terminal(command) as terminal:
        written = terminal.read_to_end().decode()
    told = re.search(rf"^{what} (\S+)", written, re.MULTILINE)
    assert told, f"{app} ended without a result: {written[-2000:]}"
    for number in range(changes + 1):
        assert mark(number) in written, f"{app} did not draw change {number}"
    return float(told[1])
