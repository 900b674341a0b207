"""Made-up polls of a server, for tests of the values derived from them."""

from beantop.beanstalk import Stats
from beantop.monitor.history import History
from beantop.monitor.snapshot import Server, Snapshot, Tube


def server(at: float, jobs: int = 0, deletes: int = 0, id: str = "a") -> Server:
    """A server process that had so many jobs put and deleted."""
    stats: Stats = {"id": id, "uptime": int(at), "total-jobs": jobs, "cmd-delete": deletes}
    return Server(at, {**stats, "job-timeouts": 0})


def look(at: float, *tubes: Tube, of: Server | None = None) -> Snapshot:
    """A poll of these tubes."""
    return Snapshot(at, 0.0, of or server(at), {tube.name: tube for tube in tubes})


def history(*looks: Snapshot, interval: float = 1.0) -> History:
    """The history of these polls."""
    remembered = History()
    for snapshot in looks:
        remembered.add(snapshot, interval)
    return remembered
