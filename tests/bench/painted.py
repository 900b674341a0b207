"""What it costs an app to show something new, in a real terminal, to the last byte."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from textual.app import App
from textual.widget import Widget

from tests.terminal import Terminal

COSTS = "costs: "

WRITTEN_WITHIN = 0.05
"""Seconds for the thread of Textual that writes to the terminal; it sleeps for most of them."""


async def cpu_until_painted(widget: Widget, change: Callable[[], None]) -> float:
    """Seconds of CPU, of all threads, from a change until it stands on the terminal."""
    started = time.process_time()
    change()
    await widget.wait_for_refresh()  # the widget has told its screen what is to be drawn
    await widget.wait_for_refresh()  # and the screen has drawn it
    await asyncio.sleep(WRITTEN_WITHIN)
    return time.process_time() - started


def arguments() -> tuple[int, int]:
    """How many rows, and how often they change."""
    rows, changes = sys.argv[1:]
    return int(rows), int(changes)


@dataclass(frozen=True)
class Costs:
    """Seconds of CPU, each time."""

    changes: list[float]
    """To show that all rows changed."""
    keys: list[float]
    """To move the cursor by one row."""


def run_and_tell(app: App[Costs]) -> None:
    """Run an app that ends with its costs, and print them for `costs_of`."""
    costs = app.run()
    assert costs, "the app was stopped"
    print(f"\n{COSTS}{json.dumps(asdict(costs))}")


def costs_of(app: str, rows: int, changes: int) -> tuple[Costs, str]:
    """Run an app of this folder in a terminal. Return its costs, and all that it wrote."""
    command = (sys.executable, "-m", f"tests.bench.{app}", str(rows), str(changes))
    with Terminal(command=command) as terminal:
        written = terminal.receive_all().decode()
    _, found, costs = written.rpartition(COSTS)
    assert found, f"{app} ended without a result: {written[-2000:]}"
    return Costs(**json.loads(costs)), written
