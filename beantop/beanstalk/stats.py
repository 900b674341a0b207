"""Reading what `stats`, `stats-tube`, `stats-job` and the lists answer.

It looks like YAML and is simpler: lines of `key: value` or `- name`. The maps are open: servers
leave keys out (1.4 to 1.11) and add their own (tuber, beanstalkd-pi). A value is typed by its key,
not by its looks: a tube may be called 123. Text is bare up to beanstalkd 1.12 and quoted since 1.13.
"""

import itertools
import re
from collections.abc import Callable
from functools import cached_property
from operator import call
from typing import Generic, Literal, TypeAlias, TypedDict, TypeVar, get_args, get_type_hints

from beantop.beanstalk.errors import ProtocolError

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

LONGEST = 2**63 // 10**9
"""Seconds, 292 years; what is more is less than nothing, written without its sign."""

LARGEST_MAP = 2**16
"""Bytes of the largest map that is read; servers send less than 2,000."""

LARGE_LIST = 2**20
"""Bytes above which a list is read item by item, which is slower and takes less memory."""

LONGEST_TEXT = 200
"""Characters of a tube's name or of any other text; a longer one is cut and gets an ellipsis, which
no tube's name contains."""

_ITEM = re.compile(rb"^- (.*)", re.MULTILINE)

_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)


class _Map(Generic[T]):
    """One of the maps, and how it is read."""

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self._types = get_type_hints(make)
        self._readers = [int if kind is int else _bare for kind in self._types.values()]

    def read(self, body: bytes) -> T:
        """Every value that is of its key's type; a value that is not is left out, as if never sent."""
        if len(body) > LARGEST_MAP:
            size = f"{len(body):,} bytes (at most {LARGEST_MAP:,} are read)"
            raise ProtocolError(f"the server answered with a map of {size}")
        text = _text(body)
        if usual := self._usual.fullmatch(text):
            values = map(call, self._readers, usual.groups())
            return self._make(zip(self._types, values, strict=True))
        return self._make(self._by_lines(text))

    @cached_property
    def _usual(self) -> re.Pattern[str]:
        """The map as beanstalkd sends it, with all keys in their order: read at once, in a third of
        the time. Polls and scans read many thousands."""
        lines = (f"{key}: ({_pattern(kind)})\n" for key, kind in self._types.items())
        return re.compile("---\n" + "".join(lines))

    def _by_lines(self, text: str) -> StatsMap:
        stats: StatsMap = {}
        if ":" not in text and "\n- " in text:
            raise ValueError("this is a list, and no map")
        for line in text.split("\n"):
            key, colon, value = line.partition(":")
            if not colon:
                continue
            value = value.strip(" ")
            bare = _bare(value)
            kind = self._types.get(key)
            if kind in (int, None) and _INTEGER.fullmatch(value):
                stats[shortened(key)] = int(value)
            elif kind in (str, None) or bare in get_args(kind):
                stats[shortened(key)] = bare
        return stats


def signed_seconds(said: int) -> int:
    """Seconds that may be less than none. Some servers subtract two times without a sign, counted in
    seconds, microseconds or nanoseconds, so that what is late by five days is due in 584,942 years.

    >>> signed_seconds(60), signed_seconds(18446743634413), signed_seconds(2**64 // 10**9 - 5)
    (60, -439296, -5)
    """
    if said > LONGEST:
        for a_second in (10**9, 10**6, 1):
            span = 2**64 // a_second
            if span // 2 < said <= span:
                return said - span
    return said


def read_list(body: bytes) -> list[str]:
    """The names that `list-tubes` and `list-tubes-watched` answer."""
    lines = _text(body).split("\n")
    names = [_bare(line[2:]) for line in lines if line.startswith("- ")]
    if not names and any(":" in line for line in lines):
        raise ValueError("this is a map, and no list")
    return names


def read_first_names(body: bytes, most: int) -> tuple[list[str], int]:
    """The first names of such a list, and how many there are after these."""
    if len(body) <= LARGE_LIST:
        names = read_list(body)
        return names[:most], max(0, len(names) - most)
    names, end = [], 0
    for item in itertools.islice(_ITEM.finditer(body), most):
        names.append(_bare(_text(item[1])))
        end = item.end()
    if not names and b":" in body:
        raise ValueError("this is a map, and no list")
    return names, body.count(b"\n- ", end)


def shortened(text: str) -> str:
    """A text that a server told, which may be as long as the server likes."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def _text(body: bytes) -> str:
    return body.decode("ascii", "backslashreplace")


def _bare(value: str) -> str:
    bare = value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value
    return bare if len(bare) <= LONGEST_TEXT else shortened(bare)  # calls cost: of many, none is


def _pattern(kind: object) -> str:
    """What a value of that type usually looks like."""
    if kind is int:
        return "[0-9]{1,20}"
    words = "|".join(get_args(kind)) or '[^ "\n]+'
    return f'(?:{words})|"(?:{words})"'


read_stats = _Map(Stats).read
"""The map that `stats` answers."""

read_stats_tube = _Map(StatsTube).read
"""The map that `stats-tube` answers."""

read_stats_job = _Map(StatsJob).read
"""The map that `stats-job` answers."""
