"""The fields that rules compare: of tubes, of servers and of jobs."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, TypeAlias

from beantop.monitor.counters import processor_share
from beantop.monitor.history import History
from beantop.monitor.job_percentiles import TIMES
from beantop.monitor.rates import drain_time
from beantop.monitor.sampled import AGES
from beantop.monitor.snapshot import Server, Tube

Subject: TypeAlias = Literal["tube", "server", "job"]

Kind: TypeAlias = Literal["number", "seconds", "bytes", "share", "flag", "text"]

Value: TypeAlias = float | str | None
"""The value of a field; None if unknown."""

Values: TypeAlias = Callable[[str], Value]
"""Returns the value of a field."""

Numbers: TypeAlias = Callable[[str], float | None]
"""The same, where all fields are numbers."""


def _time(field: str, tube: Tube, history: History) -> float | None:
    return history.sampled.percentile(tube, field)


TUBE_FIELDS: Mapping[str, Callable[[Tube, History], float | None]] = {
    "ready": lambda tube, _: tube.ready,
    "urgent": lambda tube, _: tube.urgent,
    "reserved": lambda tube, _: tube.reserved,
    "delayed": lambda tube, _: tube.delayed,
    "buried": lambda tube, _: tube.buried,
    "total": lambda tube, _: tube.total_jobs,
    "in": lambda tube, history: history.tube_rates(tube.name).put,
    "out": lambda tube, history: history.tube_rates(tube.name).delete,
    "net": lambda tube, history: history.tube_rates(tube.name).net,
    "using": lambda tube, _: tube.using,
    "watching": lambda tube, _: tube.watching,
    "waiting": lambda tube, _: tube.waiting,
    "pause": lambda tube, _: tube.pause_time_left,
    "drain": lambda tube, history: _drain(tube, history),
    "oldest": lambda tube, history: _oldest("oldest", tube, history),
    "oldest-ready": lambda tube, history: _oldest("oldest-ready", tube, history),
    "oldest-buried": lambda tube, history: _oldest("oldest-buried", tube, history),
    **{field: partial(_time, field) for field in TIMES},
}
"""Fields of a tube: counts of jobs and connections, jobs per second, seconds left of a pause,
seconds until no job is ready (infinite if that never happens), ages of jobs that were sampled, and
percentiles of how long jobs take."""

SERVER_FIELDS: Mapping[str, Callable[[Server, History], float | None]] = {
    "ready": lambda server, _: server.ready,
    "urgent": lambda server, _: server.stats.get("current-jobs-urgent"),
    "reserved": lambda server, _: server.reserved,
    "delayed": lambda server, _: server.delayed,
    "buried": lambda server, _: server.buried,
    "total": lambda server, _: server.total_jobs,
    "in": lambda _, history: history.server_rates().put,
    "out": lambda _, history: history.server_rates().delete,
    "net": lambda _, history: history.server_rates().net,
    "timeouts": lambda _, history: history.server_rates().timeout,
    "connections": lambda server, _: server.connections,
    "producers": lambda server, _: server.stats.get("current-producers"),
    "workers": lambda server, _: server.stats.get("current-workers"),
    "waiting": lambda server, _: server.waiting,
    "tubes": lambda server, _: server.stats.get("current-tubes"),
    "uptime": lambda server, _: server.uptime,
    "draining": lambda server, _: server.draining,
    "cpu": lambda _, history: _processor_share(history),
    "binlog-files": lambda server, _: _binlog_files(server),
    "binlog-size": lambda server, _: _binlog_size(server),
    "binlog-age": lambda _, history: history.oldest_file_age,
}
"""Fields of a server: its rates are jobs, and job timeouts, per second; `draining` is 1 or 0; `cpu` is
the share of one processor core."""

JOB_FIELDS = (
    "id",
    "priority",
    "age",
    "left",
    "delay",
    "ttr",
    "reserves",
    "timeouts",
    "releases",
    "buries",
    "kicks",
    "file",
    "state",
    "tube",
    "size",
    "class",
    "error",
)
"""Fields of a job. All but `size`, in bytes, `class` and `error` come from `stats-job`; these three, and all
other names, are read from its body."""

FROM_BODY = frozenset({"size", "class", "error"})
"""Fields of a job for which its body must be read."""

BODY = "body."
"""Beginning of the names of fields in a body."""

ALIASES = {"pri": "priority"}
"""Other names of fields of a job: the protocol's."""

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(
        (*AGES, *TIMES, "pause", "drain", "uptime", "binlog-age", "age", "left", "delay", "ttr"),
        "seconds",
    ),
    **dict.fromkeys(("size", "binlog-size"), "bytes"),
    **dict.fromkeys(("state", "tube", "class", "error"), "text"),
    "cpu": "share",
    "draining": "flag",
}
"""What fields are, unless they are plain numbers."""

FIELDS: Mapping[Subject, tuple[str, ...]] = {
    "tube": tuple(TUBE_FIELDS),
    "server": tuple(SERVER_FIELDS),
    "job": JOB_FIELDS,
}


def tube_values(tube: Tube, history: History) -> Numbers:
    """Return the fields of a tube, each computed on demand."""
    return lambda field: TUBE_FIELDS[field](tube, history)


def server_values(server: Server, history: History) -> Numbers:
    """Return the fields of a server, each computed on demand."""
    return lambda field: SERVER_FIELDS[field](server, history)


def _oldest(field: str, tube: Tube, history: History) -> float | None:
    age = history.oldest(tube, field)
    return age.seconds if age and age.is_fresh else None


def _drain(tube: Tube, history: History) -> float | None:
    if tube.ready == 0:
        return 0.0
    drain = drain_time(tube, history.tube_rates(tube.name))
    if drain is None or drain == "paused":
        return None
    return float("inf") if isinstance(drain, str) else drain


def _processor_share(history: History) -> float | None:
    span = history.span_of_server
    return processor_share(*span) if span else None


def _binlog_files(server: Server) -> int | None:
    """Return the number of binlog files from the oldest that is needed to the one being written; 0
    without a binlog. beanstalkd deletes files only from the oldest on, so there are no gaps."""
    oldest = server.stats.get("binlog-oldest-index")
    current = server.stats.get("binlog-current-index")
    if oldest is None or current is None:
        return None
    return max(0, current - oldest + 1) if current else 0


def _binlog_size(server: Server) -> int | None:
    """Return the bytes that these files take: beanstalkd creates each with the maximum size."""
    files, size = _binlog_files(server), server.stats.get("binlog-max-size")
    return None if files is None or size is None else files * size
