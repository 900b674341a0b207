"""Parse the replies to `stats`, `stats-tube`, `stats-job` and the list commands.

The format resembles YAML but is simpler: lines of `key: value` or `- name`. The maps are open: some
servers omit keys (1.4 to 1.11) or add their own (tuber, beanstalkd-pi). The key determines the type
of a value, because a tube can be called 123. Text is bare up to beanstalkd 1.12 and quoted since 1.13.
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
"""`stats`: counts are since the server started (`cmd-*`, `total-*`); `uptime` is in seconds."""

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
"""`stats-tube`: `pause` and `pause-time-left` are in seconds; urgent jobs are included in ready."""

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
"""`stats-job`: `age`, `delay`, `ttr`, `time-left` are in seconds; `file` is a binlog number, or 0."""

T = TypeVar("T")

LONGEST = 2**63 // 10**9
"""Seconds, 292 years. A larger value is a negative one that was written as unsigned."""

SIGNED = frozenset({"time-left", "pause-time-left"})
"""Keys whose numbers may be below zero: a server may miss the end of a ttr. Any other number below zero
is nonsense."""

LARGEST_MAP = 2**16
"""Maximum bytes of a map. Servers send less than 2,000."""

LARGE_LIST = 2**20
"""Bytes above which a list is read item by item, which is slower and takes less memory."""

LONGEST_TEXT = 200
"""Maximum characters of a tube name or any other text. Longer text is cut and ends with an ellipsis,
which no tube name contains."""

_ITEM = re.compile(rb"^- (.*)", re.MULTILINE)

_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)


class _Map(Generic[T]):
    """Parser of one kind of map."""

    def __init__(self, make: Callable[..., T], *, is_frequent: bool = True) -> None:
        """With `is_frequent`, a compiled pattern reads the usual map. Compiling it takes longer than reading a
        few maps line by line."""
        self._make = make
        self._is_frequent = is_frequent
        self._types = get_type_hints(make)
        self._readers = [int if kind is int else _unquoted for kind in self._types.values()]

    def read(self, body: bytes) -> T:
        """Return the values that fit their key. Others, as a count below zero, are omitted, as if never
        sent.

        Raises `ProtocolError` if the map is too large, `ValueError` if the body is a list."""
        if len(body) > LARGEST_MAP:
            size = f"{len(body):,} bytes (at most {LARGEST_MAP:,} are read)"
            raise ProtocolError(f"the server answered with a map of {size}")
        text = _text(body)
        if self._is_frequent and (usual := self._usual.fullmatch(text)):
            values = map(call, self._readers, usual.groups())
            return self._make(zip(self._types, values, strict=True))
        return self._make(self._by_lines(text))

    @cached_property
    def _usual(self) -> re.Pattern[str]:
        """Pattern of the map as beanstalkd sends it, with all keys in order. One match takes a third
        of the time of parsing lines; polls and scans read many thousands of maps."""
        lines = (f"{key}: ({_pattern(kind)})\n" for key, kind in self._types.items())
        return re.compile("---\n" + "".join(lines))

    def _by_lines(self, text: str) -> StatsMap:
        stats: StatsMap = {}
        if ":" not in text and "\n- " in text:
            raise ValueError("this is a list, not a map")
        for line in text.split("\n"):
            key, colon, value = line.partition(":")
            if not colon:
                continue
            value = value.strip(" ")
            unquoted = _unquoted(value)
            kind = self._types.get(key)
            if kind is int and value.startswith("-") and key not in SIGNED:
                continue
            if kind in (int, None) and _INTEGER.fullmatch(value):
                stats[shortened(key)] = int(value)
            elif kind in (str, None) or unquoted in get_args(kind):
                stats[shortened(key)] = unquoted
        return stats


def signed_seconds(seconds: int) -> int:
    """Restore the sign of a negative number of seconds. Some servers subtract unsigned times, in
    seconds, microseconds or nanoseconds: a job that is 5 days late is then due in 584,942 years.

    >>> signed_seconds(60), signed_seconds(18446743634413), signed_seconds(2**64 // 10**9 - 5)
    (60, -439296, -5)
    """
    if seconds > LONGEST:
        for units_per_second in (10**9, 10**6, 1):
            span = 2**64 // units_per_second
            if span // 2 < seconds <= span:
                return seconds - span
    return seconds


def read_list(body: bytes) -> list[str]:
    """Return the names in a reply to `list-tubes` or `list-tubes-watched`. Raises `ProtocolError` for
    anything but a list of names."""
    _check_list(body)
    return [_unquoted(line[2:]) for line in _text(body).split("\n") if line.startswith("- ")]


def read_first_names(body: bytes, most: int) -> tuple[list[str], int]:
    """Return the first `most` names of a list, and the number of names after them. Raises as
    `read_list`."""
    if len(body) <= LARGE_LIST:
        names = read_list(body)
        return names[:most], max(0, len(names) - most)
    _check_list(body)
    names, end = [], 0
    for item in itertools.islice(_ITEM.finditer(body), most):
        names.append(_unquoted(_text(item[1])))
        end = item.end()
    return names, body.count(b"\n- ", end)


def _check_list(body: bytes) -> None:
    """Check that each line is a name. There is at least one: a connection uses and watches a tube."""
    if body in (b"", b"---\n"):
        raise ProtocolError("the server answered with an empty list of tubes")
    names = body.count(b"\n- ") + body.startswith(b"- ")
    lines = body.count(b"\n") + (not body.endswith(b"\n")) - body.startswith(b"---\n")
    if names != lines:
        raise ProtocolError("the server answered with something other than a list of tubes")


def shortened(text: str) -> str:
    """Limit text of a server to `LONGEST_TEXT` characters."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def _text(body: bytes) -> str:
    return body.decode("ascii", "backslashreplace")


def _unquoted(value: str) -> str:
    unquoted = value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value
    # testing the length here saves most calls
    return unquoted if len(unquoted) <= LONGEST_TEXT else shortened(unquoted)


def _pattern(kind: object) -> str:
    """Return the pattern of a usual value of this type."""
    if kind is int:
        return "[0-9]{1,20}"
    words = "|".join(get_args(kind)) or '[^ "\n]+'
    return f'(?:{words})|"(?:{words})"'


TUBE_NUMBERS = (
    "current-jobs-urgent",
    "current-jobs-ready",
    "current-jobs-reserved",
    "current-jobs-delayed",
    "current-jobs-buried",
    "total-jobs",
    "cmd-delete",
    "current-using",
    "current-watching",
    "current-waiting",
    "pause",
    "pause-time-left",
)
"""The keys of `stats-tube` whose numbers a poll needs, in the order of `monitor.snapshot.Tube`."""

_USUAL_TUBE = re.compile(
    b"---\n"
    + "".join(
        f"{key}: (?P<{key.replace('-', '_')}>[0-9]{{1,18}})\n"
        if kind is int
        else f'{key}: "?(?P<{key}>[^"\n]*)"?\n'
        for key, kind in get_type_hints(StatsTube).items()
    ).encode()
)
_GROUPS = tuple(_USUAL_TUBE.groupindex[key.replace("-", "_")] for key in TUBE_NUMBERS)


def usual_tube_numbers(body: bytes, name: str) -> tuple[int, ...] | None:
    """Return the numbers of a reply to `stats-tube` under the keys `TUBE_NUMBERS`, in that order, if all
    keys are there as beanstalkd sends them, and the name is this one; else None. This takes a third of
    the time of the map."""
    usual = _USUAL_TUBE.fullmatch(body) if len(body) <= LARGEST_MAP else None
    if usual is None or usual["name"] != name.encode():
        return None
    return tuple(map(int, usual.group(*_GROUPS)))


read_stats = _Map(Stats, is_frequent=False).read
"""Parse the map of a reply to `stats`."""

read_stats_tube = _Map(StatsTube, is_frequent=False).read
"""Parse the map of a reply to `stats-tube`."""

read_stats_job = _Map(StatsJob).read
"""Parse the map of a reply to `stats-job`."""
