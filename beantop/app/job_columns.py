"""The columns of a list of jobs, by the width of the window."""

from collections.abc import Callable

from beantop.app.lines import Piece
from beantop.app.widgets.column import Column
from beantop.jobs.bodies import first_line
from beantop.jobs.look import JobSeen
from beantop.text import UNKNOWN, compact, duration, shown, size


def job_key(seen: JobSeen) -> str:
    return str(seen.id)


def job_columns(width: int) -> list[Column[JobSeen]]:
    """The columns that a window of this width has room for, in their order."""
    if width >= 100:
        return [*IDENTITY, PRI, AGE, LEFT, *_COUNTERS, SIZE, BODY]
    if width >= 60:
        return [*IDENTITY, PRI, AGE, TIMEOUTS, BURIES, SIZE, BODY]
    return [*IDENTITY, AGE, BODY]


def _state(seen: JobSeen) -> Piece:
    return shown(seen.state or UNKNOWN), "bad" if seen.state == "buried" else ""


def _time_left(seen: JobSeen) -> Piece:
    """Only a reserved or delayed job has a time left: protocol.txt."""
    if seen.state not in ("reserved", "delayed"):
        return UNKNOWN, "dim"
    return duration(seen.stats.get("time-left")), ""


def _counter(key: str, label: str, value: Callable[[JobSeen], int | None]) -> Column[JobSeen]:
    def cell(seen: JobSeen) -> Piece:
        count = value(seen)
        return compact(count), "" if count else "dim"

    return Column(key, label, 4, cell)


IDENTITY: list[Column[JobSeen]] = [
    Column("id", "JOB", 10, lambda seen: (str(seen.id), "")),
    Column("state", "STATE", 8, _state, right=False),
]
PRI: Column[JobSeen] = Column("pri", "PRI", 10, lambda seen: (_number(seen.stats.get("pri")), ""))
AGE: Column[JobSeen] = Column("age", "AGE", 8, lambda seen: (duration(seen.stats.get("age")), ""))
LEFT: Column[JobSeen] = Column("left", "LEFT", 8, _time_left)
TIMEOUTS = _counter("timeouts", "TMO", lambda seen: seen.stats.get("timeouts"))
BURIES = _counter("buries", "BUR", lambda seen: seen.stats.get("buries"))
_COUNTERS: list[Column[JobSeen]] = [
    Column("ttr", "TTR", 7, lambda seen: (duration(seen.stats.get("ttr")), "")),
    _counter("reserves", "RSV", lambda seen: seen.stats.get("reserves")),
    TIMEOUTS,
    _counter("releases", "REL", lambda seen: seen.stats.get("releases")),
    BURIES,
    _counter("kicks", "KCK", lambda seen: seen.stats.get("kicks")),
]
SIZE: Column[JobSeen] = Column("size", "SIZE", 7, lambda seen: (size(len(seen.body)), ""))
BODY: Column[JobSeen] = Column(
    "body", "BODY", 0, lambda seen: (shown(first_line(seen.body)), ""), right=False
)


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)
