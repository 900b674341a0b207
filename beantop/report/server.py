"""The fields of a server, as `beantop server` prints them: all that `stats` reports."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from beantop.beanstalk import Stats, format_address
from beantop.config.settings import ServerConfig
from beantop.formatting import duration, size
from beantop.monitor.snapshot import Server, Snapshot
from beantop.report.facts import iso
from beantop.report.rows import Field, Value, in_words


class ServerRow(NamedTuple):
    """A server, and when it was polled."""

    config: ServerConfig
    server: Server
    wall_time: float
    """Unix time."""


def server_rows(config: ServerConfig, snapshot: Snapshot) -> list[ServerRow]:
    """Return the row of one server."""
    return [ServerRow(config, snapshot.server, snapshot.wall_time)]


_RENAMED = {
    "job-timeouts": "timeouts",
    "cmd-delete": "delete_commands",
    "rusage-utime": "cpu_user_seconds",
    "rusage-stime": "cpu_system_seconds",
}
"""Protocol keys whose names here do not follow the rule of `key_of`."""

_OWN = ("draining", "current-connections")
"""Protocol keys with fields of their own."""


def key_of(protocol_key: str) -> str:
    """Return the key in JSON and CSV of a key of `stats`.

    >>> key_of("current-jobs-ready"), key_of("current-workers"), key_of("cmd-peek-ready")
    ('ready', 'workers', 'cmd_peek_ready')
    """
    if protocol_key in _RENAMED:
        return _RENAMED[protocol_key]
    return protocol_key.removeprefix("current-jobs-").removeprefix("current-").replace("-", "_")


_WORDS: Mapping[str, Callable[[int], str]] = {
    "uptime": duration,
    "max-job-size": size,
    "binlog-max-size": size,
    "pid": str,
}
"""How the table says values that are not counts, by protocol key."""


def _field(protocol_key: str) -> Field[ServerRow]:
    key, say = key_of(protocol_key), _WORDS.get(protocol_key)
    is_seconds = protocol_key.startswith("rusage-")

    def value(row: ServerRow) -> Value:
        found = dict(row.server.stats).get(protocol_key)
        return _seconds(found) if is_seconds else found if isinstance(found, int | str) else None

    def words(row: ServerRow) -> str:
        found = value(row)
        return say(found) if say and isinstance(found, int) else in_words(found)

    return Field(key, value, key, words)


def _seconds(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


FIELDS: Sequence[Field[ServerRow]] = (
    Field("server", lambda row: row.config.title, "server"),
    Field("address", lambda row: format_address(row.config.address), "address"),
    Field("taken_at", lambda row: iso(row.wall_time), "taken_at"),
    Field("draining", lambda row: row.server.draining, "draining"),
    Field("connections", lambda row: row.server.connections, "connections"),
    *(_field(key) for key in Stats.__annotations__ if key not in _OWN),
)
"""The fields, in the order of the protocol. `connections` are without ours."""


def as_columns(rows: Sequence[ServerRow]) -> list[str]:
    """Return a line for each field, and a column for each server."""
    lines = [[field.heading, *(field.cell(row) for row in rows)] for field in FIELDS]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
