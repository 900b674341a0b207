"""The maps in the replies of beanstalkd 1.13 to `stats`, `stats-tube` and `stats-job`."""

from beantop.demo.binlog import MAX_SIZE
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND
from beantop.demo.host import VERSION
from beantop.demo.tubes import Job, Tube

COUNTED_COMMANDS = (
    *("put", "peek", "peek-ready", "peek-delayed", "peek-buried", "reserve"),
    *("reserve-with-timeout", "delete", "release", "use", "watch", "ignore", "bury", "kick"),
    *("touch", "stats", "stats-job", "stats-tube", "list-tubes", "list-tube-used"),
    *("list-tubes-watched", "pause-tube"),
)


def server_stats(broker: Broker) -> str:
    """Return the map of a reply to `stats`."""
    tubes, connections = broker.tubes.values(), broker.connections
    user, system = broker.host.cpu()
    counts = "".join(
        f"cmd-{command}: {broker.command_counts[command]}\n" for command in COUNTED_COMMANDS
    )
    return (
        "---\n"
        f"current-jobs-urgent: {sum(tube.urgent for tube in tubes)}\n"
        f"current-jobs-ready: {sum(len(tube.ready) for tube in tubes)}\n"
        f"current-jobs-reserved: {sum(tube.reserved for tube in tubes)}\n"
        f"current-jobs-delayed: {sum(len(tube.delayed) for tube in tubes)}\n"
        f"current-jobs-buried: {sum(len(tube.buried) for tube in tubes)}\n"
        f"{counts}"
        f"job-timeouts: {broker.timeouts}\n"
        f"total-jobs: {broker.total_jobs}\n"
        f"max-job-size: {broker.max_job_size}\n"
        f"current-tubes: {len(tubes)}\n"
        f"current-connections: {len(connections)}\n"
        f"current-producers: {sum(connection.is_producer for connection in connections)}\n"
        f"current-workers: {sum(connection.is_worker for connection in connections)}\n"
        f"current-waiting: {sum(connection.is_waiting for connection in connections)}\n"
        f"total-connections: {broker.total_connections}\n"
        f"pid: {broker.host.pid}\n"
        f'version: "{VERSION}"\n'
        f"rusage-utime: {user:.6f}\n"
        f"rusage-stime: {system:.6f}\n"
        f"uptime: {_seconds(broker.now() - broker.started_at)}\n"
        f"binlog-oldest-index: {broker.binlog.oldest}\n"
        f"binlog-current-index: {broker.binlog.current}\n"
        f"binlog-records-migrated: {broker.binlog.records_migrated}\n"
        f"binlog-records-written: {broker.binlog.records_written}\n"
        f"binlog-max-size: {MAX_SIZE}\n"
        f"draining: {'true' if broker.is_draining else 'false'}\n"
        f"id: {broker.host.id}\n"
        f'hostname: "{broker.host.name}"\n'
        f'os: "{broker.host.os}"\n'
        f'platform: "{broker.host.platform}"\n'
    )


def tube_stats(tube: Tube, now: int) -> str:
    """Return the map of a reply to `stats-tube`."""
    return (
        "---\n"
        f'name: "{tube.name}"\n'
        f"current-jobs-urgent: {tube.urgent}\n"
        f"current-jobs-ready: {len(tube.ready)}\n"
        f"current-jobs-reserved: {tube.reserved}\n"
        f"current-jobs-delayed: {len(tube.delayed)}\n"
        f"current-jobs-buried: {len(tube.buried)}\n"
        f"total-jobs: {tube.total_jobs}\n"
        f"current-using: {tube.using}\n"
        f"current-watching: {tube.watching}\n"
        f"current-waiting: {len(tube.waiting)}\n"
        f"cmd-delete: {tube.deletes}\n"
        f"cmd-pause-tube: {tube.pauses}\n"
        f"pause: {tube.pause // SECOND}\n"
        f"pause-time-left: {_seconds(tube.unpause_at - now) if tube.pause else 0}\n"
    )


def job_stats(job: Job, now: int) -> str:
    """Return the map of a reply to `stats-job`."""
    has_deadline = job.state in ("reserved", "delayed")
    return (
        "---\n"
        f"id: {job.id}\n"
        f'tube: "{job.tube.name}"\n'
        f"state: {job.state}\n"
        f"pri: {job.priority}\n"
        f"age: {_seconds(now - job.created_at)}\n"
        f"delay: {job.delay // SECOND}\n"
        f"ttr: {job.ttr // SECOND}\n"
        f"time-left: {_seconds(job.deadline - now) if has_deadline else 0}\n"
        f"file: {job.file}\n"
        f"reserves: {job.reserves}\n"
        f"timeouts: {job.timeouts}\n"
        f"releases: {job.releases}\n"
        f"buries: {job.buries}\n"
        f"kicks: {job.kicks}\n"
    )


def _seconds(nanoseconds: int) -> int:
    """Convert to whole seconds, rounded toward zero as in C."""
    return nanoseconds // SECOND if nanoseconds >= 0 else -(-nanoseconds // SECOND)
