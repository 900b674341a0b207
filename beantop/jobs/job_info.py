"""A job in a list: what `stats-job` says of it, in little memory, for lists of a million."""

import re
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, cast, get_args, get_type_hints

from beantop.beanstalk import Command, Reply, State, StatsJob, commands
from beantop.beanstalk.commands import DEFAULT_PRIORITY, DEFAULT_TTR, MAX_UINT32
from beantop.beanstalk.stats import LONGEST, signed_seconds

_STATES: dict[bytes, State] = {state.encode(): state for state in get_args(State)}

_NUMBERS = b"pri age delay ttr time-left file reserves timeouts releases buries kicks".split()

# The map as beanstalkd sends it: read by one pattern into a tuple, in half the time of a dict.
_USUAL = re.compile(
    rb'---\nid: ([0-9]{1,20})\ntube: "?([^"\n]*)"?\nstate: "?([a-z]+)"?\n'
    + b"".join(rb"%b: (-?[0-9]{1,20})\n" % key for key in _NUMBERS)
)


OUT_OF_REACH = MAX_UINT32
"""Seconds for which beantop delays a job that no worker is to see yet, until it is what it should be."""

MIN_PARKED = OUT_OF_REACH - 366 * 86_400
"""Seconds: a job that has to wait so long was put out of reach in the last year, or is as good as."""

PARKED = "parked by beantop"

AGE_TOLERANCE = 2.0
"""Seconds by which an age, which comes in whole seconds, and our clock may differ. A job that was put
within that time after a restart, under the same number, can have the age of the one that was seen.
So the age is not the only thing that is compared before a job is changed: see `bulk.checks`."""


class JobInfo(NamedTuple):
    """A job as it was at one moment, without its body. What the server left out is None."""

    id: int
    tube: str
    state: State | None
    priority: int | None
    age: int | None
    """Seconds since it was put."""
    delay: int | None
    """Seconds it was last delayed for."""
    ttr: int | None
    """Seconds a worker has for it."""
    time_left: int | None
    """Seconds until a reserved job times out or a delayed one gets ready; else 0."""
    file: int | None
    """The number of the binlog file that it is in; 0: none."""
    reserves: int | None
    timeouts: int | None
    releases: int | None
    buries: int | None
    kicks: int | None
    seen_at: float
    """When the answer was read, in seconds of the monotonic clock: it was so old then or before."""

    def may_have_become(self, later: "JobInfo", asked_at: float) -> bool:
        """Whether `later`, for which was asked at that time, can be this job. After a restart the
        server may number its jobs from 1 again: then what never changes of a job tells, and its
        age. What surely lies between two answers is the time from reading the one to asking for
        the other, however slow the server is."""
        same = (self.id, self.tube, self.ttr) == (later.id, later.tube, later.ttr)
        return same and has_aged(self.age, later.age, asked_at - self.seen_at)

    @property
    def known_priority(self) -> int:
        """What its server told, as near as a job can have it, or else the usual one."""
        return nearest(DEFAULT_PRIORITY if self.priority is None else self.priority)

    @property
    def known_ttr(self) -> int:
        """Seconds; like `known_priority`."""
        return nearest(DEFAULT_TTR if self.ttr is None else self.ttr)

    @property
    def left(self) -> int | None:
        """Seconds until something happens to it: known of reserved and delayed jobs alone, of which
        the former may be late."""
        return self.time_left if self.state in ("reserved", "delayed") else None

    @property
    def waits(self) -> int:
        """Seconds that a delayed job still has to wait, as near as a job can have it; else 0."""
        return nearest(self.time_left or 0) if self.state == "delayed" else 0

    @property
    def is_parked(self) -> bool:
        """Whether it is out of reach: it waits for nothing, beantop was cut off at its work."""
        return self.waits >= MIN_PARKED

    @property
    def standing(self) -> str:
        """Its state, as the end of a sentence."""
        return PARKED if self.is_parked else self.state or "in an unknown state"

    @property
    def stats(self) -> StatsJob:
        """What the server said of it, under the protocol's keys."""
        known = zip(get_type_hints(StatsJob), self[:-1], strict=True)
        return cast(StatsJob, {key: value for key, value in known if value is not None})


def nearest(number: int) -> int:
    """The number that a job can be put with, nearest to one that another implementation told."""
    return min(max(0, number), MAX_UINT32)


def has_aged(before: int | None, after: int | None, passed: float) -> bool:
    """Whether what was so old can have become so old in the seconds that passed."""
    if before is None or after is None:
        return True
    return after - before >= max(0.0, passed - AGE_TOLERANCE)


def listed(id: int, stats: StatsJob, seen_at: float) -> JobInfo:
    """The job with that id, of which the server said that."""
    return JobInfo(
        id,
        stats.get("tube", ""),
        stats.get("state"),
        stats.get("pri"),
        _signed(stats.get("age")),
        stats.get("delay"),
        stats.get("ttr"),
        _signed(stats.get("time-left")),
        stats.get("file"),
        stats.get("reserves"),
        stats.get("timeouts"),
        stats.get("releases"),
        stats.get("buries"),
        stats.get("kicks"),
        seen_at,
    )


def _signed(seconds: int | None) -> int | None:
    return None if seconds is None else signed_seconds(seconds)


class Asking(Command[JobInfo | None]):
    """`stats-job` of what may be no job (any more): that is no error here, but None."""

    __slots__ = ()

    def result(self, reply: Reply) -> JobInfo | None:
        return None if reply.word == b"NOT_FOUND" else super().result(reply)


def ask_for(ids: Iterable[int], now: Callable[[], float] = time.monotonic) -> list[Asking]:
    """The questions for the jobs with these ids; `now` tells when their answers are read."""
    read = _reader(now)
    return [Asking(b"stats-job %d\r\n" % id, b"OK", read) for id in ids]


def _reader(now: Callable[[], float]) -> Callable[[Reply], JobInfo]:
    tubes: dict[bytes, str] = {}  # one string for all jobs of a tube

    def read(reply: Reply) -> JobInfo:
        usual = _USUAL.fullmatch(reply.body)
        if usual is None or (state := _STATES.get(usual[3])) is None:
            return _read_unusual(reply, now())
        id, name, _, *numbers = usual.groups()
        if (tube := tubes.get(name)) is None:
            tube = tubes[name] = name.decode("ascii", "backslashreplace")
        job = JobInfo._make((int(id), tube, state, *map(int, numbers), now()))
        if (job.age or 0) <= LONGEST and (job.time_left or 0) <= LONGEST:
            return job
        return job._replace(age=_signed(job.age), time_left=_signed(job.time_left))

    return read


def _read_unusual(reply: Reply, seen_at: float) -> JobInfo:
    stats = commands.stats_job(1).read(reply)
    if (id := stats.get("id")) is None:
        raise ValueError("a job without its id")
    return listed(id, stats, seen_at)
