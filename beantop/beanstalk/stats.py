"""Reading what `stats`, `stats-tube`, `stats-job` and the lists answer.

It looks like YAML and is simpler: lines of `key: value` or `- name`. The maps are open: servers
leave keys out (1.4 to 1.11) and add their own (tuber, beanstalkd-pi). A value is typed by its key,
not by its looks: a tube may be called 123. Text is bare up to beanstalkd 1.12 and quoted since 1.13.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, TypedDict, TypeVar, get_args, get_type_hints

StatsMap: TypeAlias = dict[str, int | str]

State: TypeAlias = Literal["ready", "reserved", "delayed", "buried"]

Stats = TypedDict(
    "Stats",
    {
        "current-jobs-urgent": int,
        "current-jobs-ready": int,
        "current-jobs-reserved": int,
        "current-jobs-delayed": int,
        "current-jobs-buried": int,
        "cmd-put": int,
        "cmd-peek": int,
        "cmd-peek-ready": int,
        "cmd-peek-delayed": int,
        "cmd-peek-buried": int,
        "cmd-reserve": int,
        "cmd-reserve-with-timeout": int,
        "cmd-delete": int,
        "cmd-release": int,
        "cmd-use": int,
        "cmd-watch": int,
        "cmd-ignore": int,
        "cmd-bury": int,
        "cmd-kick": int,
        "cmd-touch": int,
        "cmd-stats": int,
        "cmd-stats-job": int,
        "cmd-stats-tube": int,
        "cmd-list-tubes": int,
        "cmd-list-tube-used": int,
        "cmd-list-tubes-watched": int,
        "cmd-pause-tube": int,
        "job-timeouts": int,
        "total-jobs": int,
        "max-job-size": int,
        "current-tubes": int,
        "current-connections": int,
        "current-producers": int,
        "current-workers": int,
        "current-waiting": int,
        "total-connections": int,
        "pid": int,
        "version": str,
        "rusage-utime": str,
        "rusage-stime": str,
        "uptime": int,
        "binlog-oldest-index": int,
        "binlog-current-index": int,
        "binlog-max-size": int,
        "binlog-records-written": int,
        "binlog-records-migrated": int,
        "draining": str,
        "id": str,
        "hostname": str,
        "os": str,
        "platform": str,
    },
    total=False,
)
"""`stats`: counts are of this process (`cmd-*`, `total-*` start at 0 with it); `uptime` in seconds."""

StatsTube = TypedDict(
    "StatsTube",
    {
        "name": str,
        "current-jobs-urgent": int,
        "current-jobs-ready": int,
        "current-jobs-reserved": int,
        "current-jobs-delayed": int,
        "current-jobs-buried": int,
        "total-jobs": int,
        "current-using": int,
        "current-watching": int,
        "current-waiting": int,
        "cmd-delete": int,
        "cmd-pause-tube": int,
        "pause": int,
        "pause-time-left": int,
    },
    total=False,
)
"""`stats-tube`: `pause` and `pause-time-left` in seconds; urgent jobs are among the ready ones."""

StatsJob = TypedDict(
    "StatsJob",
    {
        "id": int,
        "tube": str,
        "state": State,
        "pri": int,
        "age": int,
        "delay": int,
        "ttr": int,
        "time-left": int,
        "file": int,
        "reserves": int,
        "timeouts": int,
        "releases": int,
        "buries": int,
        "kicks": int,
    },
    total=False,
)
"""`stats-job`: `age`, `delay`, `ttr`, `time-left` in seconds; `file` is a binlog's number, 0 for none."""

T = TypeVar("T")

_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)


def read_stats(body: bytes) -> Stats:
    """The map that `stats` answers."""
    return _read(body, Stats, _SERVER_TYPES)


def read_stats_tube(body: bytes) -> StatsTube:
    """The map that `stats-tube` answers."""
    return _read(body, StatsTube, _TUBE_TYPES)


def read_stats_job(body: bytes) -> StatsJob:
    """The map that `stats-job` answers."""
    return _read(body, StatsJob, _JOB_TYPES)


def read_list(body: bytes) -> list[str]:
    """The names that `list-tubes` and `list-tubes-watched` answer."""
    return [_bare(line[2:]) for line in _lines(body) if line.startswith("- ")]


def _read(body: bytes, make: Callable[..., T], types: Mapping[str, object]) -> T:
    """Every value that is of its key's type; a value that is not is left out, as if never sent."""
    stats: StatsMap = {}
    for line in _lines(body):
        key, _, value = line.partition(": ")
        if types.get(key) is int and value.isdigit() and len(value) <= 20:
            stats[key] = int(value)  # the short way, which nearly every line takes
        else:
            _read_line(line, stats, types)
    return make(stats)


def _read_line(line: str, stats: StatsMap, types: Mapping[str, object]) -> None:
    key, colon, text = line.partition(":")
    value = text.strip(" ")
    bare = _bare(value)
    kind = types.get(key)
    if not colon:
        return
    if kind in (int, None) and _INTEGER.fullmatch(value):
        stats[key] = int(value)
    elif kind in (str, None) or bare in get_args(kind):
        stats[key] = bare


def _lines(body: bytes) -> list[str]:
    return body.decode("ascii", "backslashreplace").split("\n")


def _bare(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value


_SERVER_TYPES = get_type_hints(Stats)
_TUBE_TYPES = get_type_hints(StatsTube)
_JOB_TYPES = get_type_hints(StatsJob)
