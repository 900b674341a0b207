"""The fields of a tube, as `beantop tubes` prints them."""

from typing import NamedTuple

from beantop.config.settings import ServerConfig
from beantop.formatting import UNKNOWN, duration
from beantop.monitor.snapshot import Snapshot, Tube
from beantop.report.rows import Field, Value


class TubeRow(NamedTuple):
    """A tube of one of the servers."""

    server: str
    """The configured name of the server, or its address."""
    tube: Tube


def tube_rows(server: ServerConfig, snapshot: Snapshot) -> list[TubeRow]:
    """Return the tubes of a server by name."""
    return [TubeRow(server.title, tube) for _, tube in sorted(snapshot.tubes.items())]


def _paused(row: TubeRow) -> bool | None:
    return None if row.tube.pause_time_left is None else row.tube.paused


def _pause_in_words(row: TubeRow) -> str:
    if row.tube.pause_time_left is None:
        return UNKNOWN
    return duration(row.tube.pause_time_left) if row.tube.paused else "no"


def _number(key: str, heading: str = "") -> Field[TubeRow]:
    def value(row: TubeRow) -> Value:
        count: int | None = getattr(row.tube, key)
        return count

    return Field(key, value, heading)


SERVER = Field[TubeRow]("server", lambda row: row.server, "SERVER", is_text=True)

FIELDS: tuple[Field[TubeRow], ...] = (
    SERVER,
    Field("tube", lambda row: row.tube.name, "TUBE", is_text=True),
    _number("ready", "READY"),
    _number("urgent", "URGENT"),
    _number("reserved", "RESERVED"),
    _number("delayed", "DELAYED"),
    _number("buried", "BURIED"),
    _number("total_jobs"),
    _number("deletes"),
    _number("using", "USING"),
    _number("watching", "WATCHING"),
    _number("waiting", "WAITING"),
    Field("paused", _paused, "PAUSED", words=_pause_in_words),
    _number("pause"),
    _number("pause_time_left"),
)

EXPENDABLE = ("using", "urgent", "waiting", "watching")
"""Keys of the columns that a table leaves out where a terminal is too narrow, the first ones first."""
