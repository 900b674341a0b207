"""The choice of tubes to export, if a server has very many."""

from heapq import nsmallest

from beantop.monitor.poller import ServerStatus
from beantop.monitor.snapshot import Tube


def worst_tubes(status: ServerStatus, most: int) -> list[Tube]:
    """Return at most that many of the tubes that were polled. Those with the worst problems come first,
    then those with the most jobs put, which keeps the choice the same from scrape to scrape."""

    def place(tube: Tube) -> tuple[float, int, str]:
        severity = status.history.severity(tube)
        return (-severity if severity >= 1 else 0.0, -(tube.total_jobs or 0), tube.name)

    polled = (tube for tube in status.snapshot.tubes.values() if tube.ready is not None)
    return nsmallest(most, polled, key=place)
