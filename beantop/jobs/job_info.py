"""A job in a list: the reply to `stats-job`, kept small for lists of a million jobs."""

import re
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, cast, get_args, get_type_hints

from beantop.beanstalk import Command, Reply, State, StatsJob
from beantop.beanstalk.commands import DEFAULT_PRIORITY, DEFAULT_TTR, MAX_UINT32, check_id
from beantop.beanstalk.stats import LONGEST, SIGNED, read_stats_job, signed_seconds

_STATES: dict[bytes, State] = {state.encode(): state for state in get_args(State)}

_NUMBERS = b"pri age delay ttr time-left file reserves timeouts releases buries kicks".split()

# The reply as beanstalkd sends it. One pattern reads it into a tuple in half the time of a dict.
_BEANSTALKD_MAP = rb'---\nid: ([0-9]{1,20})\ntube: "?([^"\n]*)"?\nstate: "?([a-z]+)"?\n' + b"".join(
    rb"%b: (%b[0-9]{1,20})\n" % (key, b"-?" if key.decode() in SIGNED else b"") for key in _NUMBERS
)


OUT_OF_REACH = MAX_UINT32
"""Seconds of delay with which beantop hides a job from workers until the job gets its final state."""

MIN_PARKED = OUT_OF_REACH - 366 * 86_400
"""Seconds. A job with at least this much delay left was parked within the last year."""

PARKED = "parked by beantop"

AGE_TOLERANCE = 2.0
"""Seconds by which an age, which has whole seconds, may differ from our clock. A job put within
this time after a restart can have the id and the age of the job seen before. So more than the age
is compared before a job is changed: see `bulk.checks`."""


class JobInfo(NamedTuple):
    """A job at one moment, without its body. Fields that the server left out are None."""

    id: int
    tube: str
    state: State | None
    priority: int | None
    age: int | None
    """Seconds since it was put."""
    delay: int | None
    """Seconds of its most recent delay."""
    ttr: int | None
    """Seconds for which a worker may hold it."""
    time_left: int | None
    """Seconds until a reserved job times out or a delayed one becomes ready; else 0."""
    file: int | None
    """The number of its binlog file; 0 if it is in none."""
    reserves: int | None
    timeouts: int | None
    releases: int | None
    buries: int | None
    kicks: int | None
    seen_at: float
    """When the reply was read, in seconds of the monotonic clock; `age` is from then or earlier."""

    def may_have_become(self, later: "JobInfo", asked_at: float) -> bool:
        """Return whether `later`, requested at `asked_at` (monotonic), can be the same job. After a
        restart the server may number its jobs from 1 again, so this compares the id, the tube and
        the ttr, which never change, and the age. The job must have aged at least by the time from
        reading the first reply to requesting the second, however slow the server is."""
        same = (self.id, self.tube, self.ttr) == (later.id, later.tube, later.ttr)
        return same and has_aged(self.age, later.age, asked_at - self.seen_at)

    @property
    def unknown(self) -> str:
        """The name of the first unknown value that a put needs; "" if all are known."""
        if self.state is None:
            return "state"
        if self.priority is None:
            return "priority"
        if self.ttr is None:
            return "ttr"
        return "delay" if self.state == "delayed" and self.time_left is None else ""

    @property
    def known_priority(self) -> int:
        """Its priority, clamped to the valid range; the default if unknown."""
        return nearest(DEFAULT_PRIORITY if self.priority is None else self.priority)

    @property
    def known_ttr(self) -> int:
        """Its ttr in seconds, clamped to the valid range; the default if unknown."""
        return nearest(DEFAULT_TTR if self.ttr is None else self.ttr)

    @property
    def left(self) -> int | None:
        """Seconds until a reserved job times out, which may be negative, or a delayed one becomes
        ready; None in other states."""
        return self.time_left if self.state in ("reserved", "delayed") else None

    @property
    def waits(self) -> int:
        """Seconds until a delayed job becomes ready, clamped to the valid range; else 0."""
        return nearest(self.time_left or 0) if self.state == "delayed" else 0

    @property
    def given_delay(self) -> int | None:
        """The delay in seconds that it was put with, or released with; 0 if that was beantop's, which hid it
        from workers for a moment."""
        was_hidden = not self.is_parked and (self.delay or 0) >= MIN_PARKED
        return 0 if was_hidden else self.delay

    @property
    def is_parked(self) -> bool:
        """Whether an interrupted action of beantop still hides it from workers."""
        return self.waits >= MIN_PARKED

    @property
    def standing(self) -> str:
        """Its state, to follow "is"."""
        return PARKED if self.is_parked else self.state or "in an unknown state"

    @property
    def stats(self) -> StatsJob:
        """Its statistics under the protocol's keys."""
        known = zip(get_type_hints(StatsJob), self[:-1], strict=True)
        return cast(StatsJob, {key: value for key, value in known if value is not None})


def nearest(number: int) -> int:
    """Clamp a number to what a job can be put with. Other implementations may report any number."""
    return min(max(0, number), MAX_UINT32)


def has_aged(before: int | None, after: int | None, passed: float) -> bool:
    """Return whether an age can have grown from `before` to `after` in `passed` seconds."""
    if before is None or after is None:
        return True
    return after - before >= max(0.0, passed - AGE_TOLERANCE)


def listed(id: int, stats: StatsJob, seen_at: float) -> JobInfo:
    """Return the job with this id and these statistics."""
    return JobInfo(
        id,
        stats.get("tube", ""),
        stats.get("state"),
        stats.get("pri"),
        _age(stats.get("age")),
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


def _age(seconds: int | None) -> int | None:
    """Return an age; None for one below zero, as a clock that was set back may cause."""
    age = _signed(seconds)
    return None if age is None or age < 0 else age


_ARRIVING = b"invalid"
"""The state that beanstalkd gives to a job whose body is still arriving. A `peek` would get a body with
arbitrary bytes, and the connection would be lost."""


_ID_AT = len(b"stats-job ")


class Asking(Command[JobInfo | None]):
    """A `stats-job` command whose result is None, not an error, if the job does not exist or its body is
    still arriving."""

    __slots__ = ()

    def result(self, reply: Reply) -> JobInfo | None:
        if reply.word == b"NOT_FOUND":
            return None
        job = super().result(reply)
        if job is not None:
            asked = int(self.wire[_ID_AT:])  # from the command: all of a scan share a reader
            check_id(asked, job.id)
        return job


def ask_for(ids: Iterable[int], now: Callable[[], float] = time.monotonic) -> list[Asking]:
    """Return a `stats-job` command for each id. `now` is called when a reply is read."""
    read = _reader(now)
    return [Asking(b"stats-job %d\r\n" % id, b"OK", read) for id in ids]


def _reader(now: Callable[[], float]) -> Callable[[Reply], JobInfo | None]:
    match_usual = re.compile(
        _BEANSTALKD_MAP
    ).fullmatch  # not at import: the first screen does not need it
    tubes: dict[bytes, str] = {}  # shares one string among all jobs of a tube

    def read(reply: Reply) -> JobInfo | None:
        match = match_usual(reply.body)
        if match and match[3] == _ARRIVING:
            return None
        if match is None or (state := _STATES.get(match[3])) is None:
            return _read_as_map(reply, now())
        id, name, _, *numbers = match.groups()
        if (tube := tubes.get(name)) is None:
            tube = tubes[name] = name.decode("ascii", "backslashreplace")
        job = JobInfo._make((int(id), tube, state, *map(int, numbers), now()))
        if (job.age or 0) <= LONGEST and (job.time_left or 0) <= LONGEST:
            return job
        return job._replace(age=_age(job.age), time_left=_signed(job.time_left))

    return read


def _read_as_map(reply: Reply, seen_at: float) -> JobInfo:
    stats = read_stats_job(reply.body)
    if (id := stats.get("id")) is None:
        raise ValueError("the reply has no job id")
    return listed(id, stats, seen_at)


def is_gone(id: int) -> str:
    """Return why a job that was on the screen cannot be shown or changed."""
    return f"Job {id} is gone: deleted, moved, or lost by a restart."
