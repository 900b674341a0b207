"""Tubes that all change with each poll."""

from beantop.app.view.column import Column
from beantop.app.view.tube_columns import tube_columns, usual_columns
from beantop.app.view.tube_rows import TubeRow
from beantop.monitor.snapshot import Server, Snapshot, Tube


def columns(width: int) -> list[Column[TubeRow]]:
    """Return the default columns for a window of this width and the column of watching connections, whose
    text tells one poll from another: `mark`."""
    return tube_columns(width, {*usual_columns(width), "watching"})


def snapshot(number: int, count: int) -> Snapshot:
    """Return what poll `number` sees of `count` tubes, one second after the poll before."""
    at = float(number)
    tubes = (_tube(place, number, at) for place in range(count))
    return Snapshot(at, at, Server(at, {"id": "1"}), {tube.name: tube for tube in tubes})


def mark(number: int) -> str:
    """The text in each row of that poll and of no other: its connections."""
    return f"{1000 + number:,}/0"


def _tube(place: int, number: int, at: float) -> Tube:
    scattered = place * 7919 % 1_000_003  # the order of the server is no order
    return Tube(
        name=f"tube-{scattered:07}-of-an-application",
        taken_at=at,
        urgent=number,
        ready=(scattered * 31 % 1_000_003) * 10 + number,
        reserved=place % 90 + number,
        delayed=place % 7 + number,
        buried=place % 3 + number,
        total_jobs=place + number * (place % 200 + 1),
        deletes=place + number * (place % 300 + 1),
        using=number,
        watching=1000 + number,
        waiting=0,
        pause=0,
        pause_time_left=0,
    )
