"""The metrics by name: what they mean, and their values.

Names follow the conventions of Prometheus: base units, `_total` for counters. A value that is unknown
is None and is left out of a scrape; it is never 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from beantop.beanstalk import format_address
from beantop.config import ServerConfig
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.history import History
from beantop.monitor.poller import ServerStatus
from beantop.monitor.sampled import HEAD_STATES, MAX_AGE
from beantop.monitor.snapshot import Server, Snapshot, Tube

Thing = TypeVar("Thing")

Value: TypeAlias = float | None


@dataclass(frozen=True)
class Metric(Generic[Thing]):
    """A metric of servers or of tubes."""

    name: str
    help: str
    value: Callable[[Thing], Value | dict[str, Value]]
    """Returns the value, or the values by `label`."""
    label: str = ""
    """The label that distinguishes several values of one server or tube."""

    def values(self, thing: Thing) -> list[tuple[tuple[str, ...], float]]:
        """Return the known values, each with the value of its label, if it has one."""
        found = self.value(thing)
        if isinstance(found, dict):
            return [((label,), value) for label, value in found.items() if value is not None]
        return [] if found is None else [((), found)]


class ServerNow(NamedTuple):
    """A server that may be down."""

    config: ServerConfig
    status: ServerStatus
    now: float
    """Monotonic time in seconds."""
    job_times: Mapping[str, TubeTimes]
    """How long the jobs of tubes take, as far as it is measured."""

    @property
    def is_up(self) -> bool | None:
        """Whether it answers, and its numbers are not too old; None before the first answer."""
        if self.status.link.state == "connecting" and not self.status.seen:
            return None
        return not self.status.is_stale(self.now)

    @property
    def poll_age(self) -> float | None:
        """Seconds since the last poll; None before the first one."""
        return max(0.0, self.now - self.status.snapshot.taken_at) if self.status.seen else None

    def polled(self, exported: int) -> "PolledServer":
        """Return the data of the last poll, given the number of tubes that are exported."""
        snapshot = self.status.snapshot
        left_out = len(snapshot.tubes) + snapshot.left_out - exported
        return PolledServer(self.status, left_out)

    def polled_tube(self, tube: Tube) -> "PolledTube":
        """Return the data of a tube."""
        return PolledTube(tube, self.status.history, self.now, self.job_times.get(tube.name))


class PolledServer(NamedTuple):
    """A server with current data."""

    status: ServerStatus
    tubes_left_out: int
    """Tubes of which nothing is exported."""

    @property
    def snapshot(self) -> Snapshot:
        return self.status.snapshot

    @property
    def server(self) -> Server:
        return self.status.snapshot.server

    def number(self, key: str) -> int | None:
        """Return a number from `stats`."""
        value = dict(self.server.stats).get(key)
        return value if isinstance(value, int) else None

    def seconds(self, key: str) -> float | None:
        """Return seconds from `stats` that are not whole."""
        try:
            return float(str(dict(self.server.stats)[key]))
        except (KeyError, ValueError):
            return None


class PolledTube(NamedTuple):
    """A tube of a server with current data."""

    tube: Tube
    history: History
    now: float
    """Monotonic time in seconds."""
    times: TubeTimes | None = None
    """How long its jobs take, if that is known."""


def _commands(server: PolledServer) -> dict[str, Value]:
    """Return how often each command was sent, by its name in the protocol."""
    keys = [key for key in server.server.stats if key.startswith("cmd-")]
    return {key.removeprefix("cmd-"): server.number(key) for key in keys}


def _processor_seconds(server: PolledServer) -> dict[str, Value]:
    return {"user": server.seconds("rusage-utime"), "system": server.seconds("rusage-stime")}


def _binlog_files(server: PolledServer) -> int | None:
    """Return the number of files; 0 without a binlog."""
    oldest, current = server.number("binlog-oldest-index"), server.number("binlog-current-index")
    if oldest is None or current is None:
        return None
    return current - oldest + 1 if current else 0


def _draining(server: PolledServer) -> int | None:
    draining = server.server.draining
    return None if draining is None else int(draining)


def _jobs(counted: Server | Tube) -> dict[str, Value]:
    """Return the jobs by state."""
    return {
        "ready": counted.ready,
        "reserved": counted.reserved,
        "delayed": counted.delayed,
        "buried": counted.buried,
    }


def _ages(polled: PolledTube) -> dict[str, Value]:
    """Return the age of the first job of each state, if it was sampled within `MAX_AGE` seconds or
    nothing has moved since."""
    ages: dict[str, Value] = {}
    for state in HEAD_STATES:
        age = polled.history.sampled.age(polled.tube, (state,), MAX_AGE)
        ages[state] = age.seconds if age and age.is_fresh else None
    return ages


def _of_stats(name: str, help: str, key: str) -> Metric[PolledServer]:
    """Return the metric of a number that `stats` reports."""
    return Metric(name, help, lambda polled: polled.number(key))


WATCHED_METRICS: Sequence[Metric[ServerNow]] = (
    Metric("beanstalkd_up", "1 if the server answers; 0 if not.", lambda watched: watched.is_up),
    Metric(
        "beanstalkd_poll_age_seconds",
        "Seconds since the last poll that the server answered.",
        lambda watched: watched.poll_age,
    ),
)
"""The metrics of every server."""

SERVER_METRICS: Sequence[Metric[PolledServer]] = (
    Metric("beanstalkd_jobs", "Jobs by state.", lambda polled: _jobs(polled.server), "state"),
    _of_stats(
        "beanstalkd_urgent_jobs",
        "Ready jobs with a priority below 1024.",
        "current-jobs-urgent",
    ),
    _of_stats("beanstalkd_jobs_put_total", "Jobs put since the server started.", "total-jobs"),
    _of_stats(
        "beanstalkd_job_timeouts_total",
        "Jobs that went back to ready because a worker held them for longer than their ttr.",
        "job-timeouts",
    ),
    Metric("beanstalkd_commands_total", "Commands by name.", _commands, "command"),
    Metric(
        "beanstalkd_connections",
        "Open connections, without those of the exporter.",
        lambda polled: polled.server.connections,
    ),
    _of_stats(
        "beanstalkd_connections_opened_total",
        "Connections since the server started.",
        "total-connections",
    ),
    _of_stats("beanstalkd_producers", "Connections that have put a job.", "current-producers"),
    _of_stats("beanstalkd_workers", "Connections that have reserved a job.", "current-workers"),
    _of_stats(
        "beanstalkd_waiting_connections",
        "Connections that wait in a reserve command.",
        "current-waiting",
    ),
    Metric("beanstalkd_draining", "1 if the server refuses new jobs.", _draining),
    _of_stats("beanstalkd_uptime_seconds", "Seconds since the server started.", "uptime"),
    Metric(
        "beanstalkd_cpu_seconds_total",
        "Processor time that the server used, by mode.",
        _processor_seconds,
        "mode",
    ),
    _of_stats("beanstalkd_max_job_size_bytes", "The largest possible body.", "max-job-size"),
    Metric("beanstalkd_binlog_files", "Files of the binlog; 0 without one.", _binlog_files),
    _of_stats(
        "beanstalkd_binlog_file_max_bytes",
        "The size at which a new file of the binlog begins.",
        "binlog-max-size",
    ),
    _of_stats(
        "beanstalkd_binlog_records_written_total",
        "Records written to the binlog.",
        "binlog-records-written",
    ),
    _of_stats(
        "beanstalkd_binlog_records_migrated_total",
        "Records written to the binlog again, to shrink it.",
        "binlog-records-migrated",
    ),
    _of_stats("beanstalkd_tubes", "Tubes.", "current-tubes"),
    Metric(
        "beanstalkd_tubes_left_out",
        "Tubes without metrics: those above --max-tubes, and those not yet polled.",
        lambda polled: polled.tubes_left_out,
    ),
    Metric(
        "beanstalkd_poll_duration_seconds",
        "How long the last poll took.",
        lambda polled: polled.snapshot.took,
    ),
    Metric(
        "beanstalkd_poll_cost_ratio",
        "The part of the server's time that polls took lately, at most.",
        lambda polled: polled.status.cost,
    ),
)
"""The metrics of a server that answers."""

TUBE_METRICS: Sequence[Metric[PolledTube]] = (
    Metric(
        "beanstalkd_tube_jobs",
        "Jobs of a tube by state.",
        lambda polled: _jobs(polled.tube),
        "state",
    ),
    Metric(
        "beanstalkd_tube_urgent_jobs",
        "Ready jobs of a tube with a priority below 1024.",
        lambda polled: polled.tube.urgent,
    ),
    Metric(
        "beanstalkd_tube_jobs_put_total",
        "Jobs put into a tube since it exists.",
        lambda polled: polled.tube.total_jobs,
    ),
    Metric(
        "beanstalkd_tube_jobs_deleted_total",
        "Jobs of a tube deleted since it exists.",
        lambda polled: polled.tube.deletes,
    ),
    Metric(
        "beanstalkd_tube_using_connections",
        "Connections that put jobs into a tube, or could.",
        lambda polled: polled.tube.using,
    ),
    Metric(
        "beanstalkd_tube_watching_connections",
        "Connections that reserve jobs of a tube, or could.",
        lambda polled: polled.tube.watching,
    ),
    Metric(
        "beanstalkd_tube_waiting_connections",
        "Connections that wait in a reserve command for a job of a tube.",
        lambda polled: polled.tube.waiting,
    ),
    Metric(
        "beanstalkd_tube_pause_left_seconds",
        "Seconds left of the pause of a tube; 0 if it is not paused.",
        lambda polled: polled.tube.pause_time_left,
    ),
    Metric(
        "beanstalkd_tube_oldest_job_age_seconds",
        "Seconds since the next ready job, or the job buried first, was put, as sampled lately.",
        _ages,
        "state",
    ),
    Metric(
        "beanstalkd_tube_poll_age_seconds",
        "Seconds since the counts of a tube were polled.",
        lambda polled: max(0.0, polled.now - polled.tube.taken_at),
    ),
)
"""The metrics of a tube, of a server that answers."""

_INFO = ("version", "id", "hostname", "os", "platform")


def info_of(watched: ServerNow) -> dict[str, str]:
    """Return the text that a server reports of itself, for `beanstalkd_info`."""
    stats = dict(watched.status.snapshot.server.stats)
    known = {key: str(stats[key]) for key in _INFO if key in stats}
    return known | {"address": format_address(watched.config.address)}
