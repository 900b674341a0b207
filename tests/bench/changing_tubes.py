"""Tubes that all change with each poll."""

from beantop.monitor.snapshot import Server, Snapshot, Tube


def look(number: int, count: int) -> Snapshot:
    """This many tubes at poll number `look`, one second after the previous poll."""
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
