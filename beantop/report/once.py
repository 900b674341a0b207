"""One poll of a server, printed as an aligned table or as one JSON object.

The names in the JSON are a promise to scripts; None (`null`) is what the server did not say.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from beantop.beanstalk import Address, AsyncClient, format_address
from beantop.formatting import UNKNOWN, duration, grouped, plural, printable
from beantop.monitor.snapshot import Snapshot, Tube, take_snapshot

TIMEOUT = 5.0  # seconds

_NUMBERS: Mapping[str, str] = {
    "ready": "READY",
    "urgent": "URGENT",
    "reserved": "RESERVED",
    "delayed": "DELAYED",
    "buried": "BURIED",
    "total_jobs": "",
    "deletes": "",
    "using": "USING",
    "watching": "WATCHING",
    "waiting": "WAITING",
    "pause": "",
    "pause_time_left": "",
}
"""Fields of a tube in the JSON, with their headings in the table; fields without one are not in it."""


async def poll_once(address: Address) -> Snapshot:
    """Connect and poll once. Raises as `AsyncClient` does."""
    async with await AsyncClient.connect(address, timeout=TIMEOUT) as client:
        return await take_snapshot(client, TIMEOUT)


def as_table(address: Address, snapshot: Snapshot) -> str:
    """Return a line for the server, then its tubes by name."""
    server = snapshot.server
    open_ones = server.connections
    connections = f"{UNKNOWN} connections" if open_ones is None else plural(open_ones, "connection")
    title = (
        f"{format_address(address)}  beanstalkd {printable(server.version or UNKNOWN)}"
        f"  up {duration(server.uptime)}  {connections}"
        f"{'  DRAINING' if server.draining else ''}"
    )
    tubes = sorted(snapshot.tubes.values(), key=lambda tube: tube.name)
    rows = [("TUBE", *filter(None, _NUMBERS.values()), "PAUSED"), *map(_row, tubes)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join([title, *(_aligned(row, widths) for row in rows)])


def as_json(address: Address, snapshot: Snapshot) -> str:
    """Return one object: `server`, and `tubes` by name."""
    server = snapshot.server
    return json.dumps(
        {
            "server": {
                "address": format_address(address),
                "taken_at": datetime.fromtimestamp(snapshot.wall_time, UTC).isoformat(),
                "version": server.version,
                "uptime": server.uptime,
                "draining": server.draining,
                "ready": server.ready,
                "reserved": server.reserved,
                "delayed": server.delayed,
                "buried": server.buried,
                "total_jobs": server.total_jobs,
                "delete_commands": server.delete_commands,
                "timeouts": server.timeouts,
                "connections": server.connections,
                "waiting": server.waiting,
            },
            "tubes": {name: _numbers(tube) for name, tube in sorted(snapshot.tubes.items())},
        },
        indent=2,
    )


def _row(tube: Tube) -> tuple[str, ...]:
    counts = [count for key, count in _numbers(tube).items() if _NUMBERS[key]]
    return (printable(tube.name), *map(grouped, counts), _pause(tube))


def _pause(tube: Tube) -> str:
    if tube.pause_time_left is None:
        return UNKNOWN
    return duration(tube.pause_time_left) if tube.paused else "no"


def _numbers(tube: Tube) -> dict[str, int | None]:
    return {key: getattr(tube, key) for key in _NUMBERS}


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    name, *numbers = row
    cells = [name.ljust(widths[0])]
    cells += [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
    return "  ".join(cells).rstrip()
